#include "authority/jwt.h"

#include <string.h>

#include "authority/limits.h"
#include "base/buffer.h"
#include "base/encoding.h"
#include "wire/json_writer.h"
#include "json/load.h"

enum {
    MOST_HEADER_BYTES = 1024,
    MOST_TOKEN_BYTES = GX_BASE64URL_LENGTH(MOST_HEADER_BYTES) + 1 + GX_BASE64URL_LENGTH(GX_MOST_GRANT_JSON_BYTES) + 1 +
                       GX_BASE64URL_LENGTH(GX_SIGNATURE_SIZE) + 1,
};

/* --- writing --- */

static void append_base64url(gx_buffer *out, gx_span bytes)
{
    size_t coded = GX_BASE64URL_LENGTH(bytes.len);
    if (!gx_buffer_reserve(out, coded + 1)) /* and the NUL that it writes */
        return;
    gx_base64url_write(out->data + out->length, (const uint8_t *)bytes.ptr, bytes.len);
    out->length += coded;
}

static void append_header(gx_buffer *out, const gx_signing_key *key)
{
    gx_buffer header = GX_BUFFER_INIT(MOST_HEADER_BYTES);
    gx_json json = gx_json_on(&header);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "alg", "RS256");
    gx_json_text(&json, "kid", gx_signing_key_id(key));
    gx_json_text(&json, "typ", "JWT");
    gx_json_close_object(&json);
    append_base64url(out, gx_buffer_span(&header));
    out->failed |= header.failed;
    gx_buffer_free(&header);
}

static void append_signature(gx_buffer *out, const gx_signing_key *key)
{
    uint8_t signature[GX_SIGNATURE_SIZE];
    out->failed = out->failed || !gx_signing_key_sign(key, gx_buffer_span(out), signature);
    gx_buffer_append_char(out, '.');
    append_base64url(out, (gx_span){(const char *)signature, sizeof signature});
}

const char *gx_jwt_sign(const gx_signing_key *key, gx_arena *arena, gx_span claims)
{
    gx_buffer token = GX_BUFFER_INIT(MOST_TOKEN_BYTES);
    append_header(&token, key);
    gx_buffer_append_char(&token, '.');
    append_base64url(&token, claims);
    append_signature(&token, key);
    const char *text = token.failed ? NULL : gx_arena_copy(arena, gx_buffer_span(&token));
    gx_buffer_free(&token);
    return text;
}

/* --- reading --- */

/* The JSON object in a base64url part, and its text in the arena; NULL when it is none. */
static json_t *read_part(gx_arena *arena, gx_span coded, const char **text)
{
    size_t length = coded.len;
    char *bytes = gx_arena_alloc(arena, length + 1);
    if (bytes == NULL || !gx_base64url_read(coded, (uint8_t *)bytes, &length))
        return NULL;
    bytes[length] = '\0';
    *text = bytes;
    bool no_memory;
    json_t *part = gx_json_load((gx_span){bytes, length}, JSON_REJECT_DUPLICATES, NULL, &no_memory);
    arena->failed |= no_memory;
    if (json_is_object(part))
        return part;
    json_decref(part);
    return NULL;
}

/* Only what this server writes is taken: no other algorithm, no other key, no critical extension (RFC 7515 4.1.11). */
static bool header_is_ours(const gx_signing_key *key, gx_arena *arena, gx_span coded)
{
    const char *text;
    json_t *header = read_part(arena, coded, &text);
    bool ours = gx_jwt_text_is(header, "alg", "RS256") && gx_jwt_text_is(header, "kid", gx_signing_key_id(key)) &&
                json_object_get(header, "crit") == NULL;
    json_decref(header);
    return ours;
}

static bool signature_is_ours(const gx_signing_key *key, gx_arena *arena, gx_span text, gx_span coded)
{
    uint8_t signature[GX_SIGNATURE_SIZE];
    size_t length = sizeof signature;
    bool no_memory = false;
    bool ours =
        gx_base64url_read(coded, signature, &length) && gx_signing_key_verify(key, text, signature, length, &no_memory);
    arena->failed |= no_memory;
    return ours;
}

json_t *gx_jwt_verify(const gx_signing_key *key, gx_arena *arena, gx_span token, const char **text)
{
    gx_span rest = token, header, payload;
    if (token.len > MOST_TOKEN_BYTES || !gx_span_split(&rest, '.', &header) || !gx_span_split(&rest, '.', &payload))
        return NULL;
    gx_span signed_text = {token.ptr, header.len + 1 + payload.len};
    if (!header_is_ours(key, arena, header) || !signature_is_ours(key, arena, signed_text, rest))
        return NULL;
    const char *as_it_stands;
    json_t *claims = read_part(arena, payload, &as_it_stands);
    if (claims != NULL && text != NULL)
        *text = as_it_stands;
    return claims;
}

const char *gx_jwt_text(const json_t *claims, const char *name, gx_arena *arena)
{
    return gx_arena_text(arena, json_string_value(json_object_get(claims, name)));
}

bool gx_jwt_text_is(const json_t *claims, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(claims, name));
    return text != NULL && strcmp(text, value) == 0;
}
