/* GET /.well-known/jwks.json: the public key, for whoever verifies grant tokens offline. */
#include "api/api.h"
#include "api/nouns.h"
#include "authority/signing_key.h"

static void render_jwks(const gx_call *call, gx_answer *answer)
{
    answer->cache_control = "public, max-age=300"; /* the key never changes under its kid */
    gx_signing_key_write_jwks(gx_api_authority(call->api)->signing_key, &answer->body);
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
};

const gx_endpoints gx_discovery_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
