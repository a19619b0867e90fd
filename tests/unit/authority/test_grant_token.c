#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/grant_token.h"
#include "base/buffer.h"
#include "base/encoding.h"
#include "store/schema.h"
#include "support/failing_alloc.h"

#define ISSUER "http://127.0.0.1:8480"
#define NOW_MS INT64_C(1700000000500)

static gx_signing_key *own, *foreign;

static gx_signing_key *new_key(void)
{
    gx_database *database = gx_sqlite_open(":memory:", false, NULL);
    assert_int_equal(gx_schema_migrate(database, NULL), 0);
    gx_signing_key *key = gx_signing_key_load_or_create(database, 1, NULL);
    gx_database_close(database);
    return key;
}

static int make_keys(void **state)
{
    (void)state;
    own = new_key();
    foreign = new_key();
    return own == NULL || foreign == NULL ? -1 : 0;
}

static int free_keys(void **state)
{
    (void)state;
    gx_signing_key_free(own);
    gx_signing_key_free(foreign);
    return 0;
}

static int setup(void **state)
{
    gx_arena *arena = calloc(1, sizeof *arena);
    *state = arena;
    return arena == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    gx_arena_free(*state);
    free(*state);
    return 0;
}

static const gx_grant_claims PLAIN = {
    .issuer = ISSUER,
    .principal_id = "user_1",
    .agent_id = "ag_01",
    .developer_id = "dev_01",
    .scopes = "[\"calendar:read\",\"email:send\"]",
    .token_id = "tok_01",
    .grant_id = "grnt_01",
    .issued_at = NOW_MS / 1000,
    .expires_at = NOW_MS / 1000 + 60,
};

/* Part 0 is the header, 1 the claims. */
static void assert_part(gx_span token, int part, const char *expected)
{
    gx_span piece;
    for (int i = 0; i <= part; i++)
        assert_true(gx_span_split(&token, '.', &piece));
    char text[1024];
    size_t length = sizeof text - 1;
    assert_true(gx_base64url_read(piece, (uint8_t *)text, &length));
    text[length] = '\0';
    assert_string_equal(text, expected);
}

static void the_header_names_algorithm_key_and_type(void **state)
{
    char header[128];
    snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"kid\":\"%s\",\"typ\":\"JWT\"}", gx_signing_key_id(own));
    assert_part(gx_span_of(gx_grant_token_sign(own, *state, &PLAIN)), 0, header);
}

static void the_claims_are_those_of_the_reference(void **state)
{
    assert_part(gx_span_of(gx_grant_token_sign(own, *state, &PLAIN)), 1,
                "{\"iss\":\"http://127.0.0.1:8480\",\"sub\":\"user_1\",\"agt\":\"did:grantex:ag_01\","
                "\"dev\":\"dev_01\",\"scp\":[\"calendar:read\",\"email:send\"],\"jti\":\"tok_01\","
                "\"grnt\":\"grnt_01\",\"iat\":1700000000,\"exp\":1700000060}");
}

static void audience_budget_and_delegation_come_after_them_when_there_are_any(void **state)
{
    gx_grant_claims claims = PLAIN;
    claims.audience = "https://api.example.com";
    claims.has_budget = true;
    claims.budget_remaining = 7505000;
    claims.parent_agent_id = "ag_00";
    claims.parent_grant_id = "grnt_00";
    claims.depth = 2;
    assert_part(gx_span_of(gx_grant_token_sign(own, *state, &claims)), 1,
                "{\"iss\":\"http://127.0.0.1:8480\",\"sub\":\"user_1\",\"agt\":\"did:grantex:ag_01\","
                "\"dev\":\"dev_01\",\"scp\":[\"calendar:read\",\"email:send\"],\"jti\":\"tok_01\","
                "\"grnt\":\"grnt_01\",\"iat\":1700000000,\"exp\":1700000060,\"aud\":\"https://api.example.com\","
                "\"bdg\":750.5,\"parentAgt\":\"did:grantex:ag_00\",\"parentGrnt\":\"grnt_00\",\"delegationDepth\":2}");
}

static void what_was_signed_is_read_back(void **state)
{
    gx_grant_claims claims = PLAIN, read;
    claims.audience = "https://api.example.com";
    claims.principal_id = "J\xc3\xbcrgen \"J\" \\ <j@example.com>";
    claims.parent_agent_id = "ag_00";
    claims.parent_grant_id = "grnt_00";
    claims.depth = 2;
    gx_span token = gx_span_of(gx_grant_token_sign(own, *state, &claims));
    assert_true(gx_grant_token_verify(own, *state, ISSUER, NOW_MS, token, &read));
    assert_string_equal(read.issuer, ISSUER);
    assert_string_equal(read.principal_id, claims.principal_id);
    assert_string_equal(read.agent_id, "ag_01");
    assert_string_equal(read.developer_id, "dev_01");
    assert_string_equal(read.scopes, claims.scopes);
    assert_string_equal(read.token_id, "tok_01");
    assert_string_equal(read.grant_id, "grnt_01");
    assert_string_equal(read.audience, claims.audience);
    assert_string_equal(read.parent_agent_id, "ag_00");
    assert_string_equal(read.parent_grant_id, "grnt_00");
    assert_int_equal(read.issued_at, claims.issued_at);
    assert_int_equal(read.expires_at, claims.expires_at);
    assert_int_equal(read.depth, 2);
    assert_part(token, 1, read.text);
}

static bool verifies(gx_arena *arena, gx_span token)
{
    gx_grant_claims untouched = {.token_id = "untouched"};
    bool valid = gx_grant_token_verify(own, arena, ISSUER, NOW_MS, token, &untouched);
    if (!valid)
        assert_string_equal(untouched.token_id, "untouched");
    return valid;
}

static void a_token_ends_with_the_second_that_exp_names(void **state)
{
    gx_span token = gx_span_of(gx_grant_token_sign(own, *state, &PLAIN));
    gx_grant_claims read;
    int64_t end_ms = PLAIN.expires_at * 1000;
    assert_true(gx_grant_token_verify(own, *state, ISSUER, end_ms - 1, token, &read));
    assert_false(gx_grant_token_verify(own, *state, ISSUER, end_ms, token, &read));
}

static void another_key_and_another_issuer_are_refused(void **state)
{
    gx_grant_claims elsewhere = PLAIN, read;
    elsewhere.issuer = "https://grantex.dev";
    assert_false(verifies(*state, gx_span_of(gx_grant_token_sign(foreign, *state, &PLAIN))));
    gx_span token = gx_span_of(gx_grant_token_sign(own, *state, &elsewhere));
    assert_false(verifies(*state, token));
    assert_true(gx_grant_token_verify(own, *state, "https://grantex.dev", NOW_MS, token, &read));
}

/* header.payload in base64url, signed truly by `key`. */
static gx_span forge(gx_arena *arena, const gx_signing_key *key, const char *header, const char *payload)
{
    char coded[2][2048];
    uint8_t signature[GX_SIGNATURE_SIZE];
    char tail[GX_BASE64URL_LENGTH(GX_SIGNATURE_SIZE) + 1];
    gx_base64url_write(coded[0], (const uint8_t *)header, strlen(header));
    gx_base64url_write(coded[1], (const uint8_t *)payload, strlen(payload));
    const char *text = gx_arena_printf(arena, "%s.%s", coded[0], coded[1]);
    assert_true(gx_signing_key_sign(key, gx_span_of(text), signature));
    gx_base64url_write(tail, signature, sizeof signature);
    return gx_span_of(gx_arena_printf(arena, "%s.%s", text, tail));
}

#define CLAIMS_BUT(rest)                                                                                               \
    "{\"iss\":\"" ISSUER "\",\"sub\":\"u\",\"dev\":\"d\",\"scp\":[],\"jti\":\"t\",\"iat\":1700000000," rest "}"
#define WHOLE CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":1700000060")

static void only_rs256_under_our_key_id_is_taken(void **state)
{
    static const char *const HEADERS[] = {
        "{\"alg\":\"RS256\",\"kid\":\"%s\"}", /* the one that is right, to show that the others fail by their header */
        "{\"alg\":\"none\",\"kid\":\"%s\"}",
        "{\"alg\":\"HS256\",\"kid\":\"%s\"}",
        "{\"alg\":\"RS512\",\"kid\":\"%s\"}",
        "{\"alg\":\"rs256\",\"kid\":\"%s\"}",
        "{\"alg\":256,\"kid\":\"%s\"}",
        "{\"kid\":\"%s\"}",
        "{\"alg\":\"RS256\",\"kid\":\"%sx\"}",
        "{\"alg\":\"RS256\",\"kid\":\"x%s\"}",
        "{\"alg\":\"RS256\",\"kid\":null,\"x\":\"%s\"}",
        "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"%s\"}",
        "{\"alg\":\"RS256\",\"kid\":\"%s\",\"crit\":[\"exp\"]}",
        "[\"RS256\",\"%s\"]",
        "{\"alg\":\"RS256\",\"kid\":\"%s\"",
    };
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++) {
        gx_buffer header = GX_BUFFER_INIT(0);
        gx_span before, after = gx_span_of(HEADERS[i]);
        assert_true(gx_span_split(&after, '%', &before)); /* "%s", filled by hand: a format must be a literal */
        gx_buffer_append_span(&header, before);
        gx_buffer_append_text(&header, gx_signing_key_id(own));
        gx_buffer_append(&header, after.ptr + 1, after.len - 1);
        assert_int_equal(verifies(*state, forge(*state, own, gx_buffer_text(&header), WHOLE)), i == 0);
        gx_buffer_free(&header);
    }
}

static void a_token_without_one_of_our_claims_is_refused(void **state)
{
    static const char *const PAYLOADS[] = {
        WHOLE, /* right */
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\""),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":\"1700000060\""),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":1700000060.5"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":1700000000"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":-1"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"exp\":1700000060"),
        CLAIMS_BUT("\"agt\":\"a\",\"grnt\":\"g\",\"exp\":1700000060"),
        CLAIMS_BUT("\"grnt\":\"g\",\"exp\":1700000060"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":7,\"exp\":1700000060"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":1700000060,\"exp\":1800000000"),
        CLAIMS_BUT("\"agt\":\"did:grantex:a\",\"grnt\":\"g\",\"exp\":1700000060,\"purpose\":\"principal_dashboard\""),
        "{\"purpose\":\"principal_dashboard\"}",
        "{}",
        "[]",
        "",
        "nonsense",
    };
    const char *header = gx_arena_printf(*state, "{\"alg\":\"RS256\",\"kid\":\"%s\"}", gx_signing_key_id(own));
    for (size_t i = 0; i < sizeof PAYLOADS / sizeof *PAYLOADS; i++)
        assert_int_equal(verifies(*state, forge(*state, own, header, PAYLOADS[i])), i == 0);
}

static void a_token_cut_at_any_place_or_changed_in_any_byte_is_refused(void **state)
{
    gx_span token = gx_span_of(gx_grant_token_sign(own, *state, &PLAIN));
    assert_true(verifies(*state, token));
    for (size_t n = 0; n < token.len; n++)
        assert_false(verifies(*state, (gx_span){token.ptr, n}));
    char *changed = gx_arena_copy(*state, token);
    /* The last character carries four bits that decide nothing; base64url_read refuses them when they are set. */
    for (size_t n = 0; n < token.len; n++) {
        changed[n] ^= 1;
        assert_false(verifies(*state, (gx_span){changed, token.len}));
        changed[n] ^= 1;
    }
    assert_false(verifies(*state, gx_span_of(gx_arena_printf(*state, "%s.", token.ptr))));
    assert_false(verifies(*state, gx_span_of(gx_arena_printf(*state, "%s.e30", token.ptr))));
    assert_false(verifies(*state, gx_span_of(gx_arena_printf(*state, " %s", token.ptr))));
}

static void bytes_that_are_no_token_are_refused(void **state)
{
    static const char *const TEXTS[] = {"", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.e30", "\xff.\xff.\xff"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        assert_false(verifies(*state, gx_span_of(TEXTS[i])));
    size_t huge = 1 << 20;
    char *long_text = gx_arena_alloc(*state, huge);
    memset(long_text, 'A', huge);
    long_text[1000] = long_text[2000] = '.';
    assert_false(verifies(*state, (gx_span){long_text, huge}));
}

static void without_memory_there_is_no_token(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0);
        gx_fail_allocation(n);
        const char *token = gx_grant_token_sign(own, &arena, &PLAIN);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(token == NULL, failed);
        gx_arena_free(&arena);
    }
}

static void without_memory_nothing_verifies(void **state)
{
    gx_span token = gx_span_of(gx_grant_token_sign(own, *state, &PLAIN));
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0);
        gx_fail_allocation(n);
        bool valid = verifies(&arena, token);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(valid, !failed);
        gx_arena_free(&arena);
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_header_names_algorithm_key_and_type),
        WITH_ARENA(the_claims_are_those_of_the_reference),
        WITH_ARENA(audience_budget_and_delegation_come_after_them_when_there_are_any),
        WITH_ARENA(what_was_signed_is_read_back),
        WITH_ARENA(a_token_ends_with_the_second_that_exp_names),
        WITH_ARENA(another_key_and_another_issuer_are_refused),
        WITH_ARENA(only_rs256_under_our_key_id_is_taken),
        WITH_ARENA(a_token_without_one_of_our_claims_is_refused),
        WITH_ARENA(a_token_cut_at_any_place_or_changed_in_any_byte_is_refused),
        WITH_ARENA(bytes_that_are_no_token_are_refused),
        WITH_ARENA(without_memory_there_is_no_token),
        WITH_ARENA(without_memory_nothing_verifies),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
