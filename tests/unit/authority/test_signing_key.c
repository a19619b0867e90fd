#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "authority/signing_key.h"
#include "base/encoding.h"
#include "store/schema.h"
#include "store/signing_keys.h"
#include "support/failing_alloc.h"

static gx_database *open_store(const char *location)
{
    gx_error error;
    gx_database *database = gx_sqlite_open(location, false, &error);
    if (database == NULL || gx_schema_migrate(database, &error) != 0)
        fail_msg("%s", error.message);
    return database;
}

static gx_signing_key *take_key(gx_database *database, int64_t now_ms)
{
    gx_error error;
    gx_signing_key *key = gx_signing_key_load_or_create(database, now_ms, &error);
    if (key == NULL)
        fail_msg("%s", error.message);
    return key;
}

static int64_t count_keys(gx_database *database)
{
    gx_statement *statement = gx_query(database, "SELECT COUNT(*) FROM signing_keys");
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    int64_t count = gx_column_int(statement, 0);
    gx_statement_reset(statement);
    return count;
}

static void a_new_store_gets_one_key_and_keeps_it(void **state)
{
    (void)state;
    gx_database *database = open_store(":memory:");
    gx_signing_key *made = take_key(database, 1000);
    gx_signing_key *found = take_key(database, 999999);
    assert_string_equal(gx_signing_key_id(made), gx_signing_key_id(found));
    assert_int_equal(count_keys(database), 1);
    gx_signing_key_free(made);
    gx_signing_key_free(found);
    gx_database_close(database);
}

/* The one key of a JWK set. */
static json_t *read_jwks(const gx_signing_key *key)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_signing_key_write_jwks(key, &text);
    json_t *set = json_loadb(text.data, text.length, 0, NULL);
    gx_buffer_free(&text);
    json_t *keys = json_object_get(set, "keys");
    assert_int_equal(json_object_size(set), 1);
    assert_int_equal(json_array_size(keys), 1);
    json_t *jwk = json_incref(json_array_get(keys, 0));
    json_decref(set);
    return jwk;
}

static const char *member(const json_t *jwk, const char *name)
{
    const char *text = json_string_value(json_object_get(jwk, name));
    assert_non_null(text);
    return text;
}

static void the_key_set_is_one_rsa_key_and_its_id_is_the_thumbprint(void **state)
{
    (void)state;
    gx_database *database = open_store(":memory:");
    gx_signing_key *key = take_key(database, 1000);
    json_t *jwk = read_jwks(key);
    assert_int_equal(json_object_size(jwk), 6);
    assert_string_equal(member(jwk, "kty"), "RSA");
    assert_string_equal(member(jwk, "alg"), "RS256");
    assert_string_equal(member(jwk, "use"), "sig");
    assert_string_equal(member(jwk, "kid"), gx_signing_key_id(key));
    assert_string_equal(member(jwk, "e"), "AQAB");
    assert_int_equal(strlen(member(jwk, "n")), 342); /* 256 bytes, no leading zero */

    char text[512], thumbprint[44];
    uint8_t digest[32];
    int length = snprintf(text, sizeof text, "{\"e\":\"AQAB\",\"kty\":\"RSA\",\"n\":\"%s\"}", member(jwk, "n"));
    assert_int_equal(EVP_Digest(text, (size_t)length, digest, NULL, EVP_sha256(), NULL), 1);
    gx_base64url_write(thumbprint, digest, sizeof digest);
    assert_string_equal(gx_signing_key_id(key), thumbprint);
    json_decref(jwk);
    gx_signing_key_free(key);
    gx_database_close(database);
}

/* Puts the key that `from` signs with into `to` as well. */
static void copy_key(gx_database *from, gx_database *to, const gx_signing_key *key, int64_t now_ms)
{
    gx_arena arena = GX_ARENA_INIT(0);
    const char *pem;
    assert_int_equal(gx_signing_keys_newest(from, &arena, &pem), GX_STEP_ROW);
    assert_true(gx_signing_keys_insert(to, gx_signing_key_id(key), pem, now_ms));
    gx_arena_free(&arena);
}

static void the_newest_key_signs_and_of_two_as_new_the_one_with_the_greater_id(void **state)
{
    (void)state;
    gx_database *one_store = open_store(":memory:"), *two_store = open_store(":memory:");
    gx_signing_key *one = take_key(one_store, 1), *two = take_key(two_store, 1);
    bool one_is_greater = strcmp(gx_signing_key_id(one), gx_signing_key_id(two)) > 0;
    const struct {
        int64_t one_at, two_at;
        const gx_signing_key *chosen;
    } CASES[] = {
        {1000, 2000, two},
        {2000, 1000, one},
        {1000, 1000, one_is_greater ? one : two},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        gx_database *both = open_store(":memory:");
        copy_key(one_store, both, one, CASES[i].one_at);
        copy_key(two_store, both, two, CASES[i].two_at);
        gx_signing_key *chosen = take_key(both, 9999);
        assert_string_equal(gx_signing_key_id(chosen), gx_signing_key_id(CASES[i].chosen));
        gx_signing_key_free(chosen);
        gx_database_close(both);
    }
    gx_signing_key_free(one);
    gx_signing_key_free(two);
    gx_database_close(one_store);
    gx_database_close(two_store);
}

static void *take_key_on_a_thread(void *location)
{
    gx_error error;
    gx_database *database = gx_sqlite_open(location, false, &error);
    gx_signing_key *key = database == NULL ? NULL : gx_signing_key_load_or_create(database, 1000, &error);
    gx_database_close(database);
    return key;
}

static void two_processes_that_start_together_use_the_same_key(void **state)
{
    (void)state;
    char folder[] = "/tmp/grantex-test-XXXXXX", location[64], path[80];
    assert_non_null(mkdtemp(folder));
    snprintf(location, sizeof location, "%s/store.db", folder);
    gx_database *database = open_store(location);

    pthread_t threads[2];
    void *keys[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_key_on_a_thread, location), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], &keys[i]), 0);
    assert_non_null(keys[0]);
    assert_non_null(keys[1]);
    assert_string_equal(gx_signing_key_id(keys[0]), gx_signing_key_id(keys[1]));
    assert_int_equal(count_keys(database), 1);

    gx_signing_key_free(keys[0]);
    gx_signing_key_free(keys[1]);
    gx_database_close(database);
    const char *const ENDINGS[] = {"", "-wal", "-shm"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", location, ENDINGS[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* PEM of a key that is not ours to use. */
static void write_pem(char *out, size_t size, EVP_PKEY *pkey)
{
    char *text;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
    long length = BIO_get_mem_data(bio, &text);
    assert_true((size_t)length < size);
    memcpy(out, text, (size_t)length);
    out[length] = '\0';
    BIO_free(bio);
    EVP_PKEY_free(pkey);
}

static void a_stored_key_that_is_no_rsa_2048_is_an_error_and_is_not_replaced(void **state)
{
    (void)state;
    char bad[3][4096] = {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
    write_pem(bad[1], sizeof bad[1], EVP_EC_gen("P-256"));
    write_pem(bad[2], sizeof bad[2], EVP_RSA_gen(1024));
    for (int i = 0; i < 3; i++) {
        gx_database *database = open_store(":memory:");
        gx_error error = {""};
        assert_true(gx_signing_keys_insert(database, "kid", bad[i], 1000));
        assert_null(gx_signing_key_load_or_create(database, 2000, &error));
        assert_non_null(strstr(error.message, "signing key"));
        assert_false(gx_database_in_transaction(database));
        assert_int_equal(count_keys(database), 1);
        gx_database_close(database);
    }
}

/* `no_memory` false: it was looked at, and is not good. */
static void it_verifies_what_it_signed_and_nothing_else(void **state)
{
    (void)state;
    gx_database *database = open_store(":memory:");
    gx_signing_key *key = take_key(database, 1000);
    uint8_t signature[GX_SIGNATURE_SIZE];
    bool no_memory = true;
    assert_true(gx_signing_key_sign(key, GX_SPAN("header.payload"), signature));
    assert_true(gx_signing_key_verify(key, GX_SPAN("header.payload"), signature, sizeof signature, &no_memory));
    assert_false(gx_signing_key_verify(key, GX_SPAN("header.payloae"), signature, sizeof signature, &no_memory) ||
                 no_memory);
    assert_false(gx_signing_key_verify(key, GX_SPAN("header.payloa"), signature, sizeof signature, &no_memory) ||
                 no_memory);
    assert_false(gx_signing_key_verify(key, GX_SPAN("header.payload"), signature, sizeof signature - 1, &no_memory) ||
                 no_memory);
    assert_false(gx_signing_key_verify(key, GX_SPAN("header.payload"), signature, 0, &no_memory) || no_memory);
    signature[100] ^= 1;
    assert_false(gx_signing_key_verify(key, GX_SPAN("header.payload"), signature, sizeof signature, &no_memory) ||
                 no_memory);
    gx_signing_key_free(key);
    gx_database_close(database);
}

enum { SIGNERS = 4, SIGNATURES_EACH = 8 };

static void *sign_on_a_thread(void *argument)
{
    const gx_signing_key *key = argument;
    uint8_t signature[GX_SIGNATURE_SIZE];
    bool no_memory;
    for (int i = 0; i < SIGNATURES_EACH; i++)
        if (!gx_signing_key_sign(key, GX_SPAN("text"), signature) ||
            !gx_signing_key_verify(key, GX_SPAN("text"), signature, sizeof signature, &no_memory))
            return argument;
    return NULL;
}

static void several_threads_sign_with_one_key(void **state)
{
    (void)state;
    gx_database *database = open_store(":memory:");
    gx_signing_key *key = take_key(database, 1000);
    pthread_t threads[SIGNERS];
    for (int i = 0; i < SIGNERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_on_a_thread, key), 0);
    for (int i = 0; i < SIGNERS; i++) {
        void *failed;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    gx_signing_key_free(key);
    gx_database_close(database);
}

static void without_memory_there_is_an_error_and_the_next_try_succeeds(void **state)
{
    (void)state;
    gx_database *database = open_store(":memory:");
    gx_signing_key_free(take_key(database, 1000));
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_error error = {""};
        gx_fail_allocation(n);
        gx_signing_key *key = gx_signing_key_load_or_create(database, 2000, &error);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(key != NULL || failed);
        assert_true(key != NULL || error.message[0] != '\0');
        assert_false(gx_database_in_transaction(database));
        gx_signing_key_free(key);
    }
    gx_signing_key_free(take_key(database, 3000));
    assert_int_equal(count_keys(database), 1);
    gx_database_close(database);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_store_gets_one_key_and_keeps_it),
        cmocka_unit_test(the_key_set_is_one_rsa_key_and_its_id_is_the_thumbprint),
        cmocka_unit_test(the_newest_key_signs_and_of_two_as_new_the_one_with_the_greater_id),
        cmocka_unit_test(two_processes_that_start_together_use_the_same_key),
        cmocka_unit_test(a_stored_key_that_is_no_rsa_2048_is_an_error_and_is_not_replaced),
        cmocka_unit_test(it_verifies_what_it_signed_and_nothing_else),
        cmocka_unit_test(several_threads_sign_with_one_key),
        cmocka_unit_test(without_memory_there_is_an_error_and_the_next_try_succeeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
