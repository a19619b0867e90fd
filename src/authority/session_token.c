#include "authority/session_token.h"

#include <string.h>

#include "authority/jwt.h"
#include "base/buffer.h"
#include "wire/json_writer.h"

/* A grant token has no purpose, and is refused with one: neither passes for the other. */
#define PURPOSE "principal_dashboard"

enum { MOST_CLAIMS_BYTES = 16 * 1024 }; /* two texts of 256 characters and a URL */

static void write_claims(gx_buffer *out, const gx_session_claims *claims)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "iss", claims->issuer);
    gx_json_text(&json, "sub", claims->principal_id);
    gx_json_text(&json, "dev", claims->developer_id);
    gx_json_text(&json, "purpose", PURPOSE);
    gx_json_int(&json, "iat", claims->issued_at);
    gx_json_int(&json, "exp", claims->expires_at);
    gx_json_close_object(&json);
}

const char *gx_session_token_sign(const gx_signing_key *key, gx_arena *arena, const gx_session_claims *claims)
{
    gx_buffer text = GX_BUFFER_INIT(MOST_CLAIMS_BYTES);
    write_claims(&text, claims);
    const char *token = text.failed ? NULL : gx_jwt_sign(key, arena, gx_buffer_span(&text));
    gx_buffer_free(&text);
    return token;
}

static gx_session_claims read_claims(const json_t *object, gx_arena *arena)
{
    return (gx_session_claims){
        .issuer = gx_jwt_text(object, "iss", arena),
        .principal_id = gx_jwt_text(object, "sub", arena),
        .developer_id = gx_jwt_text(object, "dev", arena),
        .issued_at = json_integer_value(json_object_get(object, "iat")),
        .expires_at = json_integer_value(json_object_get(object, "exp")),
    };
}

static bool claims_hold(const gx_session_claims *claims, const char *issuer, int64_t now_ms)
{
    return claims->issuer != NULL && strcmp(claims->issuer, issuer) == 0 && claims->principal_id != NULL &&
           claims->developer_id != NULL && claims->issued_at > 0 && claims->expires_at > now_ms / 1000;
}

bool gx_session_token_verify(const gx_signing_key *key, gx_arena *arena, const char *issuer, int64_t now_ms,
                             gx_span token, gx_session_claims *claims)
{
    json_t *object = gx_jwt_verify(key, arena, token, NULL);
    bool is_session = gx_jwt_text_is(object, "purpose", PURPOSE);
    gx_session_claims read = is_session ? read_claims(object, arena) : (gx_session_claims){0};
    json_decref(object);
    if (arena->failed || !claims_hold(&read, issuer, now_ms))
        return false;
    *claims = read;
    return true;
}
