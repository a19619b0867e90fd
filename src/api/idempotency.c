#include "api/idempotency.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#include "api/input.h"
#include "base/encoding.h"
#include "base/random.h"
#include "store/idempotency_keys.h"

enum {
    MOST_KEY_CHARACTERS = 255,
    LEAST_PUBLIC_KEY_CHARACTERS = 32,
    DIGEST_BYTES = 32,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    MOST_KEPT_BYTES = 16 * 1024 * 1024, /* the answer to the largest request, with room */
};

#define KEPT_MS (INT64_C(24) * 3600 * 1000)

/* What identifies one use of a key: who, the key, what was asked. */
typedef struct identity {
    const char *scope; /* developer id; "" on public endpoints */
    char key_hash[2 * DIGEST_BYTES + 1];
    char fingerprint[2 * DIGEST_BYTES + 1];
    uint8_t secret[DIGEST_BYTES]; /* encrypts the answer */
} identity;

/* SHA-256 over the pieces, each preceded by its length so that they cannot run into each other. */
static bool digest(uint8_t out[static DIGEST_BYTES], const gx_span *pieces, size_t count)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    for (size_t i = 0; ok && i < count; i++) {
        uint64_t length = pieces[i].len;
        ok = EVP_DigestUpdate(context, &length, sizeof length) == 1 &&
             EVP_DigestUpdate(context, pieces[i].ptr, pieces[i].len) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

static bool identify(const gx_live_call *live, identity *out)
{
    const gx_http_request *request = live->call.request;
    out->scope = live->developer_id;
    gx_span scope = gx_span_of(out->scope);
    uint8_t key[DIGEST_BYTES], asked[DIGEST_BYTES];
    bool ok = digest(key, (gx_span[]){GX_SPAN("name"), scope, live->idempotency_key}, 3) &&
              digest(out->secret, (gx_span[]){GX_SPAN("secret"), scope, live->idempotency_key}, 3) &&
              digest(asked, (gx_span[]){request->method, request->path, request->query, request->body}, 4);
    if (ok) {
        gx_hex_write(out->key_hash, key, sizeof key);
        gx_hex_write(out->fingerprint, asked, sizeof asked);
    }
    return ok;
}

/* nonce, tag, ciphertext (AES-256-GCM), as base64url text in the arena; NULL when it fails. */
static const char *encrypt(gx_arena *arena, const uint8_t *secret, gx_span plain)
{
    uint8_t *sealed = gx_arena_alloc(arena, NONCE_BYTES + TAG_BYTES + plain.len + 1);
    char *text = gx_arena_alloc(arena, GX_BASE64URL_LENGTH(NONCE_BYTES + TAG_BYTES + plain.len) + 1);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = sealed != NULL && text != NULL && context != NULL && plain.len <= MOST_KEPT_BYTES &&
              gx_random_bytes(sealed, NONCE_BYTES) &&
              EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, secret, sealed) == 1 &&
              EVP_EncryptUpdate(context, sealed + NONCE_BYTES + TAG_BYTES, &n, (const uint8_t *)plain.ptr,
                                (int)plain.len) == 1 &&
              EVP_EncryptFinal_ex(context, sealed + NONCE_BYTES + TAG_BYTES + n, &n) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, sealed + NONCE_BYTES) == 1;
    EVP_CIPHER_CTX_free(context);
    if (!ok)
        return NULL;
    gx_base64url_write(text, sealed, NONCE_BYTES + TAG_BYTES + plain.len);
    return text;
}

static bool decrypt(const uint8_t *secret, gx_span text, gx_arena *arena, gx_buffer *out)
{
    size_t length = text.len;
    uint8_t *sealed = gx_arena_alloc(arena, length + 1);
    if (sealed == NULL || !gx_base64url_read(text, sealed, &length) || length < NONCE_BYTES + TAG_BYTES)
        return false;
    size_t plain = length - NONCE_BYTES - TAG_BYTES;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int n = 0;
    bool ok = context != NULL && gx_buffer_reserve(out, plain + 1) &&
              EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, secret, sealed) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, sealed + NONCE_BYTES) == 1 &&
              EVP_DecryptUpdate(context, (uint8_t *)out->data, &n, sealed + NONCE_BYTES + TAG_BYTES, (int)plain) == 1 &&
              EVP_DecryptFinal_ex(context, (uint8_t *)out->data + n, &n) == 1;
    EVP_CIPHER_CTX_free(context);
    if (ok)
        out->length = plain;
    return ok;
}

bool gx_idempotency_read(gx_live_call *live)
{
    gx_call *call = &live->call;
    gx_span key;
    if (!gx_input_header(call, GX_IDEMPOTENCY_HEADER, &key))
        return false;
    if (key.ptr == NULL)
        return true;
    size_t least = call->endpoint->access == GX_ACCESS_PUBLIC ? LEAST_PUBLIC_KEY_CHARACTERS : 1;
    bool visible = true;
    for (size_t i = 0; i < key.len; i++)
        visible = visible && key.ptr[i] > ' ' && key.ptr[i] < 0x7f;
    if (!visible || key.len < least || key.len > MOST_KEY_CHARACTERS)
        return gx_refuse(&call->problem, 400, "BAD_REQUEST",
                         "Idempotency-Key: must be %zu to %d visible ASCII characters (a UUID is best)", least,
                         MOST_KEY_CHARACTERS);
    live->idempotency_key = key;
    return true;
}

bool gx_idempotency_recall(gx_live_call *live, gx_act *act)
{
    identity who;
    if (!identify(live, &who))
        return gx_act_no_memory(act);
    gx_idempotency_key kept;
    gx_step found = gx_idempotency_keys_find(act->txn->database, act->arena, who.scope, who.key_hash,
                                             act->txn->now_ms - KEPT_MS, &kept);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE)
        return true;
    if (strcmp(kept.fingerprint, who.fingerprint) != 0)
        return gx_refuse(act->problem, 422, "IDEMPOTENCY_KEY_REUSED",
                         "Idempotency-Key: was used before with another request; use a new key for each request");
    gx_buffer_free(&live->answer.body);
    live->answer = (gx_answer){.status = (int)kept.status, .body = GX_BUFFER_INIT(0)};
    if (kept.status != 204) {
        live->answer.content_type = "application/json";
        if (!decrypt(who.secret, gx_span_of(kept.body), act->arena, &live->answer.body))
            return gx_act_store_failed(act);
    }
    live->answer_ready = true;
    return true;
}

bool gx_idempotency_keep(gx_live_call *live, gx_act *act)
{
    identity who;
    if (!identify(live, &who))
        return gx_act_no_memory(act);
    gx_answer_render(live);
    live->answer_ready = true;
    const char *body = encrypt(act->arena, who.secret, gx_buffer_span(&live->answer.body));
    if (live->answer.body.failed || body == NULL)
        return gx_act_no_memory(act);
    gx_idempotency_key row = {.fingerprint = who.fingerprint, .status = live->answer.status, .body = body};
    return gx_idempotency_keys_insert(act->txn->database, who.scope, who.key_hash, &row, act->txn->now_ms,
                                      act->txn->now_ms - KEPT_MS) ||
           gx_act_store_failed(act);
}
