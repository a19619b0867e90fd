#include "webhook/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "base/encoding.h"

static const char PREFIX[] = "sha256=";

enum { DIGEST_SIZE = 32, PREFIX_LENGTH = sizeof PREFIX - 1 };

_Static_assert(PREFIX_LENGTH + 2 * DIGEST_SIZE + 1 == GX_SIGNATURE_SIZE, "a signature fits");

static bool digest(EVP_MAC_CTX *mac, gx_span secret, const gx_span *pieces, size_t count, uint8_t out[DIGEST_SIZE])
{
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
                           OSSL_PARAM_construct_end()};
    size_t length = 0;
    bool done = mac != NULL && EVP_MAC_init(mac, (const unsigned char *)secret.ptr, secret.len, params) == 1;
    for (size_t i = 0; done && i < count; i++)
        done = EVP_MAC_update(mac, (const unsigned char *)pieces[i].ptr, pieces[i].len) == 1;
    return done && EVP_MAC_final(mac, out, &length, DIGEST_SIZE) == 1 && length == DIGEST_SIZE;
}

static bool sign(char out[static GX_SIGNATURE_SIZE], gx_span secret, const gx_span *pieces, size_t count)
{
    uint8_t bytes[DIGEST_SIZE];
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    bool done = digest(context, secret, pieces, count, bytes);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(hmac);
    if (!done)
        return false;
    memcpy(out, PREFIX, PREFIX_LENGTH);
    gx_hex_write(out + PREFIX_LENGTH, bytes, DIGEST_SIZE);
    return true;
}

bool gx_signature_write(char out[static GX_SIGNATURE_SIZE], gx_span secret, gx_span body)
{
    return sign(out, secret, &body, 1);
}

bool gx_signature_write_dated(char out[static GX_SIGNATURE_SIZE], gx_span secret, gx_span timestamp, gx_span body)
{
    const gx_span pieces[] = {timestamp, GX_SPAN("."), body};
    return sign(out, secret, pieces, 3);
}
