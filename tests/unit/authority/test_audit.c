#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "authority/audit.h"
#include "authority/canonical_json.h"
#include "authority/support.h"
#include "support/failing_alloc.h"

/* --- the text that is hashed; what is expected was computed by Node.js --- */

#define TANGLED                                                                                                        \
    "{\"z\":{\"b\":[1.0,-0,1e21,{\"y\":null,\"x\":true}],\"a\":\"\\b\\f\\u001f\\u2028/\xc3\xa9\xf0\x9f\x98\x80\"},"    \
    "\"\\uffff\":1,\"\xf0\x9f\x98\x80\":2,\"\":0.1,\"B\":1e-7,\"a\":[]}"
#define COMBED                                                                                                         \
    "{\"\":0.1,\"B\":1e-7,\"a\":[],\"z\":{\"a\":\"\\b\\f\\u001f\xe2\x80\xa8/\xc3\xa9\xf0\x9f\x98\x80\","               \
    "\"b\":[1,0,1e+21,{\"x\":true,\"y\":null}]},\"\xf0\x9f\x98\x80\":2,\"\xef\xbf\xbf\":1}"

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    assert_non_null(value);
    return value;
}

static void canonical_json_sorts_keys_as_text_and_is_else_what_stringify_makes(void **state)
{
    (void)state;
    json_t *value = parse(TANGLED);
    gx_buffer out = GX_BUFFER_INIT(0);
    assert_true(gx_canonical_json(value, &out));
    assert_string_equal(gx_buffer_text(&out), COMBED);
    gx_buffer_free(&out);
    json_decref(value);
}

static void whole_numbers_beyond_two_to_the_53_have_no_canonical_form(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool exact;
    } CASES[] = {
        {"[9007199254740992]", true},     {"[-9007199254740992]", true},
        {"[9007199254740993]", false},    {"{\"a\":{\"b\":[-9007199254740993]}}", false},
        {"[9223372036854775807]", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        json_t *value = parse(CASES[i].text);
        gx_buffer out = GX_BUFFER_INIT(0);
        assert_int_equal(gx_canonical_json(value, &out), CASES[i].exact);
        gx_buffer_free(&out);
        json_decref(value);
    }
}

static void want_of_memory_is_told_whichever_allocation_fails(void **state)
{
    (void)state;
    json_t *value = parse(TANGLED);
    bool failed = true;
    for (long nth = 1; failed; nth++) {
        gx_buffer out = GX_BUFFER_INIT(0);
        gx_fail_allocation(nth);
        assert_true(gx_canonical_json(value, &out));
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(out.failed, failed);
        gx_buffer_free(&out);
    }
    json_decref(value);
}

static gx_audit_row sample(void)
{
    return (gx_audit_row){
        .id = "alog_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        .agent_id = "ag_1",
        .agent_did = "did:grantex:ag_1",
        .grant_id = "grnt_1",
        .principal_id = "user \"1\"",
        .developer_id = "dev_1",
        .action = "email.sent",
        .metadata = COMBED,
        .status = "success",
        .timestamp = INT64_C(1795456800123),
    };
}

static void the_hash_is_the_one_that_others_compute(void **state)
{
    (void)state;
    char hash[GX_AUDIT_HASH_SIZE], zeros[GX_AUDIT_HASH_SIZE] = "";
    gx_audit_row entry = sample();
    assert_true(gx_audit_hash(hash, &entry));
    assert_string_equal(hash, "e36b4ba0541fd5798c1024171b7a192a2a10caaccf69d37ff7e10c8b0be16c7c");
    memset(zeros, '0', sizeof zeros - 1);
    entry.prev_hash = zeros;
    entry.status = "blocked";
    entry.metadata = "{}";
    assert_true(gx_audit_hash(hash, &entry));
    assert_string_equal(hash, "884c47241e939963efe268d416f8d5d7321f0bff2daec9b80688d6ffef2d53ec");
}

/* --- the chain --- */

static gx_audit_row tell(house *h, const char *developer, const char *principal)
{
    const gx_audit_log_request in = {"ag_1", "did:grantex:ag_1", "grnt_1", principal, "mail.read", "{}", "success"};
    gx_audit_row out;
    assert_true(house_done(h, gx_audit_log(house_begin(h, developer, false), &in, &out)));
    return out;
}

static void each_entry_names_the_one_before_it_and_each_developer_has_a_chain(void **state)
{
    const char *ours = house_add_developer(*state, "live"), *theirs = house_add_developer(*state, "live");
    gx_audit_row first = tell(*state, ours, "u"), foreign = tell(*state, theirs, "u"), second = tell(*state, ours, "u");
    assert_null(first.prev_hash);
    assert_null(foreign.prev_hash);
    assert_string_equal(second.prev_hash, first.hash);
    assert_int_equal(second.number, 2);
    assert_int_equal(foreign.number, 1);
    assert_int_equal(house_event_count(*state), 0);
}

static void a_clock_that_goes_back_does_not_take_the_chain_with_it(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    gx_audit_row first = tell(*state, developer, "u");
    house_pass_time(*state, -60000);
    assert_true(tell(*state, developer, "u").timestamp == first.timestamp);
}

static void the_latest_of_a_principal_come_newest_first(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    tell(*state, developer, "anna");
    gx_audit_row second = tell(*state, developer, "anna");
    tell(*state, developer, "bert");
    gx_audit_row third = tell(*state, developer, "anna");
    const gx_audit_row *row;
    gx_act *act = house_begin(*state, developer, false);
    assert_true(gx_audit_latest_of_principal(act->txn->database, act->arena, developer, "anna", 2, &row));
    assert_string_equal(row->id, third.id);
    assert_string_equal(row->next->id, second.id);
    assert_null(row->next->next);
    house_end(*state, true);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canonical_json_sorts_keys_as_text_and_is_else_what_stringify_makes),
        cmocka_unit_test(whole_numbers_beyond_two_to_the_53_have_no_canonical_form),
        cmocka_unit_test(want_of_memory_is_told_whichever_allocation_fails),
        cmocka_unit_test(the_hash_is_the_one_that_others_compute),
        IN_A_HOUSE(each_entry_names_the_one_before_it_and_each_developer_has_a_chain),
        IN_A_HOUSE(a_clock_that_goes_back_does_not_take_the_chain_with_it),
        IN_A_HOUSE(the_latest_of_a_principal_come_newest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
