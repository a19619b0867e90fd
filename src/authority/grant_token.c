#include "authority/grant_token.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "authority/agent.h"
#include "authority/limits.h"
#include "base/encoding.h"
#include "wire/json_writer.h"

enum {
    MOST_HEADER_BYTES = 1024,
    MOST_TOKEN_BYTES = GX_BASE64URL_LENGTH(MOST_HEADER_BYTES) + 1 + GX_BASE64URL_LENGTH(GX_MOST_GRANT_JSON_BYTES) + 1 +
                       GX_BASE64URL_LENGTH(GX_SIGNATURE_SIZE) + 1,
};

/* --- writing --- */

static void write_header(gx_buffer *out, const gx_signing_key *key)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "alg", "RS256");
    gx_json_text(&json, "kid", gx_signing_key_id(key));
    gx_json_text(&json, "typ", "JWT");
    gx_json_close_object(&json);
}

static void write_did(gx_json *json, const char *key, const char *agent_id)
{
    char did[GX_AGENT_DID_SIZE];
    gx_agent_did(did, agent_id);
    gx_json_text(json, key, did);
}

static void write_claims(gx_buffer *out, const gx_grant_claims *claims)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "iss", claims->issuer);
    gx_json_text(&json, "sub", claims->principal_id);
    write_did(&json, "agt", claims->agent_id);
    gx_json_text(&json, "dev", claims->developer_id);
    gx_json_raw(&json, "scp", gx_span_of(claims->scopes));
    gx_json_text(&json, "jti", claims->token_id);
    gx_json_text(&json, "grnt", claims->grant_id);
    gx_json_int(&json, "iat", claims->issued_at);
    gx_json_int(&json, "exp", claims->expires_at);
    if (claims->audience != NULL)
        gx_json_text(&json, "aud", claims->audience);
    if (claims->has_budget)
        gx_json_money_number(&json, "bdg", claims->budget_remaining);
    if (claims->parent_grant_id != NULL) {
        write_did(&json, "parentAgt", claims->parent_agent_id);
        gx_json_text(&json, "parentGrnt", claims->parent_grant_id);
        gx_json_int(&json, "delegationDepth", claims->depth);
    }
    gx_json_close_object(&json);
}

static void append_base64url(gx_buffer *out, const void *bytes, size_t length)
{
    size_t coded = GX_BASE64URL_LENGTH(length);
    if (!gx_buffer_reserve(out, coded + 1)) /* and the NUL that it writes */
        return;
    gx_base64url_write(out->data + out->length, bytes, length);
    out->length += coded;
}

const char *gx_grant_token_sign(const gx_signing_key *key, gx_arena *arena, const gx_grant_claims *claims)
{
    gx_buffer part = GX_BUFFER_INIT(GX_MOST_GRANT_JSON_BYTES), token = GX_BUFFER_INIT(MOST_TOKEN_BYTES);
    write_header(&part, key);
    append_base64url(&token, part.data, part.length);
    gx_buffer_append_char(&token, '.');
    bool whole = !part.failed;
    gx_buffer_clear(&part);
    write_claims(&part, claims);
    append_base64url(&token, part.data, part.length);

    uint8_t signature[GX_SIGNATURE_SIZE];
    const char *text = NULL;
    if (whole && !part.failed && !token.failed && gx_signing_key_sign(key, gx_buffer_span(&token), signature)) {
        gx_buffer_append_char(&token, '.');
        append_base64url(&token, signature, sizeof signature);
        text = token.failed ? NULL : gx_arena_copy(arena, gx_buffer_span(&token));
    }
    gx_buffer_free(&part);
    gx_buffer_free(&token);
    return text;
}

/* --- reading --- */

/* The JSON object in a base64url part; NULL when it is none. */
static json_t *read_part(gx_arena *arena, gx_span coded)
{
    size_t length = coded.len;
    uint8_t *bytes = gx_arena_alloc(arena, length + 1);
    if (bytes == NULL || !gx_base64url_read(coded, bytes, &length))
        return NULL;
    json_t *part = json_loadb((const char *)bytes, length, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(part))
        return part;
    json_decref(part);
    return NULL;
}

static bool member_is(const json_t *object, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL && strcmp(text, value) == 0;
}

/* Only what this server writes is taken: no other algorithm, no other key, no critical extension (RFC 7515 4.1.11). */
static bool header_is_ours(const gx_signing_key *key, gx_arena *arena, gx_span coded)
{
    json_t *header = read_part(arena, coded);
    bool ours = header != NULL && member_is(header, "alg", "RS256") &&
                member_is(header, "kid", gx_signing_key_id(key)) && json_object_get(header, "crit") == NULL;
    json_decref(header);
    return ours;
}

static bool signature_is_ours(const gx_signing_key *key, gx_span text, gx_span coded)
{
    uint8_t signature[GX_SIGNATURE_SIZE];
    size_t length = sizeof signature;
    return gx_base64url_read(coded, signature, &length) && gx_signing_key_verify(key, text, signature, length);
}

/* NULL when the claim is absent or no string: in a claim that must be there this refuses the token. */
static const char *text_claim(const json_t *object, const char *name, gx_arena *arena)
{
    return gx_arena_text(arena, json_string_value(json_object_get(object, name)));
}

static const char *agent_claim(const json_t *object, const char *name, gx_arena *arena)
{
    const char *did = json_string_value(json_object_get(object, name));
    if (did == NULL || strncmp(did, GX_DID_PREFIX, strlen(GX_DID_PREFIX)) != 0)
        return NULL;
    return gx_arena_text(arena, did + strlen(GX_DID_PREFIX));
}

static const char *scopes_claim(const json_t *object, gx_arena *arena)
{
    const json_t *scopes = json_object_get(object, "scp");
    char *text = json_is_array(scopes) ? json_dumps(scopes, JSON_COMPACT) : NULL;
    const char *copy = gx_arena_text(arena, text);
    free(text);
    return copy;
}

static gx_grant_claims read_claims(const json_t *object, gx_arena *arena)
{
    return (gx_grant_claims){
        .issuer = text_claim(object, "iss", arena),
        .principal_id = text_claim(object, "sub", arena),
        .agent_id = agent_claim(object, "agt", arena),
        .developer_id = text_claim(object, "dev", arena),
        .scopes = scopes_claim(object, arena),
        .token_id = text_claim(object, "jti", arena),
        .grant_id = text_claim(object, "grnt", arena),
        .issued_at = json_integer_value(json_object_get(object, "iat")),
        .expires_at = json_integer_value(json_object_get(object, "exp")),
        .audience = text_claim(object, "aud", arena),
        .parent_agent_id = agent_claim(object, "parentAgt", arena),
        .parent_grant_id = text_claim(object, "parentGrnt", arena),
        .depth = json_integer_value(json_object_get(object, "delegationDepth")),
    };
}

static bool claims_hold(const gx_grant_claims *claims, const char *issuer, int64_t now_ms)
{
    return claims->issuer != NULL && strcmp(claims->issuer, issuer) == 0 && claims->principal_id != NULL &&
           claims->agent_id != NULL && claims->developer_id != NULL && claims->scopes != NULL &&
           claims->token_id != NULL && claims->grant_id != NULL && claims->issued_at > 0 &&
           claims->expires_at > now_ms / 1000;
}

bool gx_grant_token_verify(const gx_signing_key *key, gx_arena *arena, const char *issuer, int64_t now_ms,
                           gx_span token, gx_grant_claims *claims)
{
    gx_span rest = token, header, payload;
    if (token.len > MOST_TOKEN_BYTES || !gx_span_split(&rest, '.', &header) || !gx_span_split(&rest, '.', &payload))
        return false;
    gx_span signed_text = {token.ptr, header.len + 1 + payload.len};
    if (!header_is_ours(key, arena, header) || !signature_is_ours(key, signed_text, rest))
        return false;
    json_t *object = read_part(arena, payload);
    gx_grant_claims read = object == NULL ? (gx_grant_claims){0} : read_claims(object, arena);
    json_decref(object);
    if (arena->failed || !claims_hold(&read, issuer, now_ms))
        return false;
    *claims = read;
    return true;
}
