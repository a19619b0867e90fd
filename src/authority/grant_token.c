#include "authority/grant_token.h"

#include <jansson.h>
#include <string.h>

#include "authority/agent.h"
#include "authority/canonical_json.h"
#include "authority/jwt.h"
#include "authority/limits.h"
#include "base/buffer.h"
#include "wire/json_writer.h"

/* --- writing --- */

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

const char *gx_grant_token_sign(const gx_signing_key *key, gx_arena *arena, const gx_grant_claims *claims)
{
    gx_buffer text = GX_BUFFER_INIT(GX_MOST_GRANT_JSON_BYTES);
    write_claims(&text, claims);
    const char *token = text.failed ? NULL : gx_jwt_sign(key, arena, gx_buffer_span(&text));
    gx_buffer_free(&text);
    return token;
}

/* --- reading --- */

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
    gx_buffer text = GX_BUFFER_INIT(GX_MOST_GRANT_JSON_BYTES);
    bool written = json_is_array(scopes) && gx_canonical_json(scopes, &text);
    arena->failed |= text.failed;
    const char *copy = written && !text.failed ? gx_arena_copy(arena, gx_buffer_span(&text)) : NULL;
    gx_buffer_free(&text);
    return copy;
}

static gx_grant_claims read_claims(const json_t *object, gx_arena *arena)
{
    return (gx_grant_claims){
        .issuer = gx_jwt_text(object, "iss", arena),
        .principal_id = gx_jwt_text(object, "sub", arena),
        .agent_id = agent_claim(object, "agt", arena),
        .developer_id = gx_jwt_text(object, "dev", arena),
        .scopes = scopes_claim(object, arena),
        .token_id = gx_jwt_text(object, "jti", arena),
        .grant_id = gx_jwt_text(object, "grnt", arena),
        .issued_at = json_integer_value(json_object_get(object, "iat")),
        .expires_at = json_integer_value(json_object_get(object, "exp")),
        .audience = gx_jwt_text(object, "aud", arena),
        .parent_agent_id = agent_claim(object, "parentAgt", arena),
        .parent_grant_id = gx_jwt_text(object, "parentGrnt", arena),
        .depth = json_integer_value(json_object_get(object, "delegationDepth")),
    };
}

static bool claims_hold(const gx_grant_claims *claims, const char *issuer)
{
    return claims->issuer != NULL && strcmp(claims->issuer, issuer) == 0 && claims->principal_id != NULL &&
           claims->agent_id != NULL && claims->developer_id != NULL && claims->scopes != NULL &&
           claims->token_id != NULL && claims->grant_id != NULL && claims->issued_at > 0 && claims->expires_at > 0;
}

bool gx_grant_token_read(const gx_signing_key *key, gx_arena *arena, const char *issuer, gx_span token,
                         gx_grant_claims *claims)
{
    const char *text;
    json_t *object = gx_jwt_verify(key, arena, token, &text);
    if (object == NULL)
        return false;
    gx_grant_claims read = read_claims(object, arena);
    read.text = text;
    /* One that says what it is for (a principal's session) is no grant token, whatever else it says. */
    bool has_purpose = json_object_get(object, "purpose") != NULL;
    json_decref(object);
    if (arena->failed || has_purpose || !claims_hold(&read, issuer))
        return false;
    *claims = read;
    return true;
}

bool gx_grant_token_expired(const gx_grant_claims *claims, int64_t now_ms)
{
    return claims->expires_at <= now_ms / 1000;
}

bool gx_grant_token_verify(const gx_signing_key *key, gx_arena *arena, const char *issuer, int64_t now_ms,
                           gx_span token, gx_grant_claims *claims)
{
    gx_grant_claims read;
    if (!gx_grant_token_read(key, arena, issuer, token, &read) || gx_grant_token_expired(&read, now_ms))
        return false;
    *claims = read;
    return true;
}
