#include "authority/signing_key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "store/signing_keys.h"
#include "wire/json_writer.h"

enum { KEY_BITS = 2048, DIGEST_BYTES = 32, EXPONENT_BYTES = 8, MOST_PEM_BYTES = 16 * 1024 };

/* How often a signature is made anew that came out wrong: OpenSSL makes its blinding anew after 32 uses. */
enum { MOST_SIGNINGS = 100 };

struct gx_signing_key {
    EVP_PKEY *pkey;
    atomic_bool *in_doubt; /* of `doubt`: it is set through keys that are only read */
    atomic_bool doubt;     /* signing has failed once */
    char id[GX_BASE64URL_LENGTH(DIGEST_BYTES) + 1];
    char modulus[GX_BASE64URL_LENGTH(GX_SIGNATURE_SIZE) + 1];
    char exponent[GX_BASE64URL_LENGTH(EXPONENT_BYTES) + 1];
};

/* One number of the public key as base64url of its big-endian bytes, without leading zeros (RFC 7518 section 6.3.1). */
static bool write_number(const EVP_PKEY *pkey, const char *name, size_t most_bytes, char *out)
{
    uint8_t bytes[GX_SIGNATURE_SIZE];
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1)
        return false;
    size_t length = (size_t)BN_num_bytes(number);
    bool fits = length <= most_bytes;
    if (fits) {
        BN_bn2bin(number, bytes);
        gx_base64url_write(out, bytes, length);
    }
    BN_free(number);
    return fits;
}

/* SHA-256 over the required members in the order of their names (RFC 7638 section 3). */
static bool write_thumbprint(gx_signing_key *key)
{
    uint8_t digest[DIGEST_BYTES];
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&text);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "e", key->exponent);
    gx_json_text(&json, "kty", "RSA");
    gx_json_text(&json, "n", key->modulus);
    gx_json_close_object(&json);
    bool ok = !text.failed && EVP_Digest(text.data, text.length, digest, NULL, EVP_sha256(), NULL) == 1;
    gx_buffer_free(&text);
    if (ok)
        gx_base64url_write(key->id, digest, sizeof digest);
    return ok;
}

/* Takes the pkey over, also when it fails. */
static gx_signing_key *key_of(EVP_PKEY *pkey)
{
    gx_signing_key *key = calloc(1, sizeof *key);
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    key->pkey = pkey;
    key->in_doubt = &key->doubt;
    bool rsa_2048 = pkey != NULL && EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_size(pkey) == GX_SIGNATURE_SIZE;
    if (rsa_2048 && write_number(pkey, OSSL_PKEY_PARAM_RSA_N, GX_SIGNATURE_SIZE, key->modulus) &&
        write_number(pkey, OSSL_PKEY_PARAM_RSA_E, EXPONENT_BYTES, key->exponent) && write_thumbprint(key))
        return key;
    gx_signing_key_free(key);
    return NULL;
}

/* Without a passphrase: NULL as callback would ask the terminal for one. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *read_pem(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *pkey = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return pkey;
}

/* The private half as text in the arena; NULL when out of memory. */
static const char *write_pem(EVP_PKEY *pkey, gx_arena *arena)
{
    const char *copy = NULL;
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio != NULL && PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long length = BIO_get_mem_data(bio, &text);
        copy = gx_arena_copy(arena, (gx_span){text, (size_t)length});
    }
    BIO_free(bio);
    return copy;
}

static gx_signing_key *create(gx_database *database, int64_t now_ms, gx_arena *arena)
{
    gx_signing_key *key = key_of(EVP_RSA_gen(KEY_BITS));
    const char *pem = key == NULL ? NULL : write_pem(key->pkey, arena);
    if (pem != NULL && gx_signing_keys_insert(database, key->id, pem, now_ms))
        return key;
    gx_signing_key_free(key);
    return NULL;
}

static gx_signing_key *load_or_create(gx_database *database, int64_t now_ms, gx_arena *arena)
{
    const char *pem;
    switch (gx_signing_keys_newest(database, arena, &pem)) {
    case GX_STEP_ROW:
        return key_of(read_pem(pem));
    case GX_STEP_DONE:
        return create(database, now_ms, arena);
    case GX_STEP_ERROR:
        break;
    }
    return NULL;
}

gx_signing_key *gx_signing_key_load_or_create(gx_database *database, int64_t now_ms, gx_error *error)
{
    if (!gx_database_begin_alone(database)) {
        gx_error_set(error, "signing key: %s", gx_database_message(database));
        gx_database_rollback(database);
        return NULL;
    }
    gx_arena arena = GX_ARENA_INIT(MOST_PEM_BYTES);
    gx_signing_key *key = load_or_create(database, now_ms, &arena);
    gx_arena_free(&arena);
    if (key != NULL && gx_database_commit(database))
        return key;
    gx_error_set(error, "signing key: cannot be read or made: %s", gx_database_message(database));
    gx_database_rollback(database);
    gx_signing_key_free(key);
    return NULL;
}

void gx_signing_key_free(gx_signing_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

const char *gx_signing_key_id(const gx_signing_key *key)
{
    return key->id;
}

/* "No" is what OpenSSL says both of a signature that is not good and where it found no memory to look. Only in the
 * first case does its RSA give a reason of its own; in the second it may have found no memory for the reason either. */
static bool openssl_judged(void)
{
    bool judged = false, starved = false;
    for (unsigned long code; (code = ERR_get_error()) != 0;) {
        judged |= ERR_GET_LIB(code) == ERR_LIB_RSA && !ERR_COMMON_ERROR(code);
        starved |= ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return judged && !starved;
}

bool gx_signing_key_verify(const gx_signing_key *key, gx_span text, const uint8_t *signature, size_t length,
                           bool *no_memory)
{
    ERR_clear_error();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
              EVP_DigestVerify(context, signature, length, (const uint8_t *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(context);
    *no_memory = !ok && !openssl_judged();
    return ok;
}

static bool sign(const gx_signing_key *key, gx_span text, uint8_t signature[static GX_SIGNATURE_SIZE])
{
    size_t length = GX_SIGNATURE_SIZE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
              EVP_DigestSign(context, signature, &length, (const uint8_t *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(context);
    return ok && length == GX_SIGNATURE_SIZE;
}

/* Where OpenSSL (3.0) finds no memory while it moves the blinding of a private key on, it leaves one half moved and the
 * other not: the signatures that follow are wrong, and it says that all is well. So after a failure each one is looked
 * at, which costs a twentieth of its making. */
static bool sign_and_look(const gx_signing_key *key, gx_span text, uint8_t signature[static GX_SIGNATURE_SIZE])
{
    bool no_memory = false;
    for (int i = 0; i < MOST_SIGNINGS && !no_memory; i++) {
        if (!sign(key, text, signature))
            return false;
        if (gx_signing_key_verify(key, text, signature, GX_SIGNATURE_SIZE, &no_memory))
            return true;
    }
    return false;
}

bool gx_signing_key_sign(const gx_signing_key *key, gx_span text, uint8_t signature[static GX_SIGNATURE_SIZE])
{
    if (atomic_load_explicit(key->in_doubt, memory_order_relaxed))
        return sign_and_look(key, text, signature);
    ERR_clear_error();
    bool signed_it = sign(key, text, signature);
    if (signed_it && ERR_peek_error() == 0)
        return true;
    atomic_store_explicit(key->in_doubt, true, memory_order_relaxed); /* also where it passed over what went wrong */
    return signed_it && sign_and_look(key, text, signature);
}

void gx_signing_key_write_jwk(const gx_signing_key *key, gx_json *json, const char *name)
{
    gx_json_open_object(json, name);
    gx_json_text(json, "kty", "RSA");
    gx_json_text(json, "alg", "RS256");
    gx_json_text(json, "use", "sig");
    gx_json_text(json, "kid", key->id);
    gx_json_text(json, "n", key->modulus);
    gx_json_text(json, "e", key->exponent);
    gx_json_close_object(json);
}

void gx_signing_key_write_jwks(const gx_signing_key *key, gx_buffer *out)
{
    gx_json json = gx_json_on(out);
    gx_json_open_object(&json, NULL);
    gx_json_open_array(&json, "keys");
    gx_signing_key_write_jwk(key, &json, NULL);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}
