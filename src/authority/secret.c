#include "authority/secret.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#include "base/encoding.h"
#include "base/random.h"

bool gx_secret_hash(char out[static GX_SECRET_HASH_SIZE], gx_span secret)
{
    uint8_t digest[32];
    if (EVP_Digest(secret.ptr, secret.len, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    gx_hex_write(out, digest, sizeof digest);
    return true;
}

static bool draw(char *out, const char *prefix)
{
    uint8_t random[32];
    size_t prefix_length = strlen(prefix);
    if (!gx_random_bytes(random, sizeof random))
        return false;
    memcpy(out, prefix, prefix_length);
    gx_base64url_write(out + prefix_length, random, sizeof random);
    OPENSSL_cleanse(random, sizeof random);
    return true;
}

bool gx_api_key_new(char out[static GX_API_KEY_SIZE], bool sandbox)
{
    return draw(out, sandbox ? "gx_test_" : "gx_live_");
}

bool gx_ticket_new(char out[static GX_TICKET_SIZE])
{
    return draw(out, "tkt_");
}

bool gx_browser_session_new(char out[static GX_BROWSER_SESSION_SIZE])
{
    return draw(out, "ses_");
}

bool gx_webhook_secret_new(char out[static GX_WEBHOOK_SECRET_SIZE])
{
    uint8_t random[(GX_WEBHOOK_SECRET_SIZE - 1) / 2];
    if (!gx_random_bytes(random, sizeof random))
        return false;
    gx_hex_write(out, random, sizeof random);
    OPENSSL_cleanse(random, sizeof random);
    return true;
}

bool gx_secret_equal(gx_span a, gx_span b)
{
    return a.len == b.len && CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0;
}
