/* GET /.well-known/jwks.json: the public key, for whoever verifies grant tokens offline. GET /.well-known/did.json: the
 * same key as a DID document (did:web), and where this server speaks which protocol. */
#include <ctype.h>
#include <string.h>

#include "api/api.h"
#include "api/nouns.h"
#include "authority/signing_key.h"

/* The key never changes under its kid. */
#define KEY_CACHE_CONTROL "public, max-age=300"

static void render_jwks(const gx_call *call, gx_answer *answer)
{
    answer->cache_control = KEY_CACHE_CONTROL;
    gx_signing_key_write_jwks(gx_api_authority(call->api)->signing_key, &answer->body);
}

/* did:web:<host>, for http://127.0.0.1:8480 did:web:127.0.0.1%3A8480; the parts of a path stand behind colons. */
static void write_did(gx_buffer *out, const char *public_url)
{
    const char *scheme_end = strstr(public_url, "://");
    gx_buffer_append_text(out, "did:web:");
    for (const char *c = scheme_end == NULL ? public_url : scheme_end + 3; *c != '\0'; c++) {
        if (*c == '/')
            gx_buffer_append_char(out, ':');
        else if (isalnum((unsigned char)*c) || *c == '.' || *c == '-' || *c == '_')
            gx_buffer_append_char(out, *c);
        else
            gx_buffer_printf(out, "%%%02X", (unsigned char)*c);
    }
}

/* A member `key`, or where that is NULL an element: the DID with a fragment behind it. */
static void write_id(gx_json *json, const char *key, gx_span did, const char *fragment)
{
    gx_buffer id = GX_BUFFER_INIT(0);
    gx_buffer_append_span(&id, did);
    gx_buffer_append_char(&id, '#');
    gx_buffer_append_text(&id, fragment);
    gx_json_span(json, key, gx_buffer_span(&id));
    json->out->failed |= id.failed;
    gx_buffer_free(&id);
}

static void write_method(gx_json *json, gx_span did, const gx_signing_key *key)
{
    gx_json_open_array(json, "verificationMethod");
    gx_json_open_object(json, NULL);
    write_id(json, "id", did, gx_signing_key_id(key));
    gx_json_text(json, "type", "JsonWebKey2020");
    gx_json_span(json, "controller", did);
    gx_signing_key_write_jwk(key, json, "publicKeyJwk");
    gx_json_close_object(json);
    gx_json_close_array(json);
    gx_json_open_array(json, "assertionMethod");
    write_id(json, NULL, did, gx_signing_key_id(key));
    gx_json_close_array(json);
}

static void write_service(gx_json *json, gx_span did, const char *name, const char *type, gx_span url, const char *path)
{
    gx_buffer endpoint = GX_BUFFER_INIT(0);
    gx_buffer_append_span(&endpoint, url);
    gx_buffer_append_text(&endpoint, path);
    gx_json_open_object(json, NULL);
    write_id(json, "id", did, name);
    gx_json_text(json, "type", type);
    gx_json_span(json, "serviceEndpoint", gx_buffer_span(&endpoint));
    gx_json_close_object(json);
    json->out->failed |= endpoint.failed;
    gx_buffer_free(&endpoint);
}

static void write_document(gx_json *json, gx_span did, const gx_authority *authority)
{
    const gx_span url = gx_span_of(authority->public_url);
    gx_json_open_object(json, NULL);
    gx_json_open_array(json, "@context");
    gx_json_text(json, NULL, "https://www.w3.org/ns/did/v1");
    gx_json_text(json, NULL, "https://w3id.org/security/suites/jws-2020/v1");
    gx_json_close_array(json);
    gx_json_span(json, "id", did);
    write_method(json, did, authority->signing_key);
    gx_json_open_array(json, "service");
    write_service(json, did, "jwks", "JsonWebKeySet", url, "/.well-known/jwks.json");
    write_service(json, did, "grant-protocol", "GrantexProtocol", url, "/v1");
    gx_json_close_array(json);
    gx_json_close_object(json);
}

static void render_did(const gx_call *call, gx_answer *answer)
{
    const gx_authority *authority = gx_api_authority(call->api);
    gx_buffer did = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&answer->body);
    write_did(&did, authority->public_url);
    answer->cache_control = KEY_CACHE_CONTROL;
    write_document(&json, gx_buffer_span(&did), authority);
    answer->body.failed |= did.failed;
    gx_buffer_free(&did);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/.well-known/jwks.json",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_NONE,
        .rate = GX_RATE_FREE,
        .success = 200,
        .render = render_jwks,
    },
    {
        .method = "GET",
        .path = "/.well-known/did.json",
        .access = GX_ACCESS_PUBLIC,
        .work = GX_WORK_NONE,
        .success = 200,
        .render = render_did,
    },
};

const gx_endpoints gx_discovery_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
