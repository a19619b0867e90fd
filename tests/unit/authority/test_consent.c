#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "authority/consent.h"
#include "authority/scope.h"
#include "authority/secret.h"
#include "authority/support.h"
#include "support/failing_alloc.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

/* Rules that decide on a request by its id all look the same. */
typedef bool decide_rule(gx_act *act, const char *request_id, gx_consent_decision *out);

/* A developer, their agent, and a request of theirs. */
typedef struct asker {
    const char *developer, *agent;
    bool sandbox;
    gx_consent_asked asked;
} asker;

static bool ask(house *h, const asker *who, const char *agent, gx_consent_asked *out)
{
    const gx_consent_ask_request in = {.agent_id = agent,
                                       .principal_id = "user_1",
                                       .scopes = "[\"calendar:read\",\"acme:fly\"]",
                                       .redirect_uri = "https://acme.example/back",
                                       .state = "s\u00e9same",
                                       .audience = "https://api.example",
                                       .code_challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
                                       .life_ms = HOUR_MS};
    return house_done(h, gx_consent_ask(house_begin(h, who->developer, who->sandbox), &in, out));
}

static asker make_asker(house *h, const char *mode)
{
    asker who = {.developer = house_add_developer(h, mode), .sandbox = strcmp(mode, "sandbox") == 0};
    who.agent = house_add_agent(h, who.developer, "mailer");
    assert_true(ask(h, &who, who.agent, &who.asked));
    return who;
}

/* What the store says about a request. */
static gx_auth_request_row stored(house *h, const char *request_id)
{
    gx_auth_request_row row = {0};
    gx_act *act = house_begin(h, NULL, false);
    assert_int_equal(gx_auth_requests_find(act->txn->database, act->arena, request_id, &row), GX_STEP_ROW);
    house_end(h, false);
    return row;
}

static bool decide(house *h, const asker *who, decide_rule *rule, const char *request_id, gx_consent_decision *out)
{
    const char *developer = who == NULL ? NULL : who->developer;
    return house_done(h, rule(house_begin(h, developer, who != NULL && who->sandbox), request_id, out));
}

/* The status of the refusal. */
static int refusal(house *h, const asker *who, decide_rule *rule, const char *request_id)
{
    gx_consent_decision ignored;
    gx_act *act = house_begin(h, who == NULL ? NULL : who->developer, who != NULL && who->sandbox);
    assert_false(house_done(h, rule(act, request_id, &ignored)));
    return act->problem->status;
}

static int refusal_to_show(house *h, const char *request_id)
{
    gx_consent_view ignored;
    gx_act *act = house_begin(h, NULL, false);
    assert_false(house_done(h, gx_consent_show(act, request_id, &ignored)));
    return act->problem->status;
}

/* A pending request of a sandbox developer: such requests approve themselves, so it is put back. */
static asker make_pending_sandbox_asker(house *h)
{
    asker who = make_asker(h, "sandbox");
    gx_act *act = house_begin(h, NULL, false);
    assert_true(
        house_done(h, gx_statement_run(gx_query(act->txn->database,
                                                "UPDATE auth_requests SET status = 'pending', code_hash = NULL"))));
    return who;
}

static void a_request_waits_for_the_principal_at_the_consent_page(void **state)
{
    asker who = make_asker(*state, "live");
    gx_auth_request_row row = stored(*state, who.asked.request.id);
    assert_null(who.asked.code);
    assert_memory_equal(row.id, "areq_", 5);
    assert_string_equal(row.status, "pending");
    assert_string_equal(row.principal_id, "user_1");
    assert_string_equal(row.redirect_uri, "https://acme.example/back");
    assert_string_equal(row.state, "s\u00e9same");
    assert_string_equal(row.audience, "https://api.example");
    assert_string_equal(row.code_challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_null(row.code_hash);
    assert_true(row.grant_life_ms == HOUR_MS && row.expires_at == row.created_at + HOUR_MS);
    assert_memory_equal(who.asked.consent_url, "http://127.0.0.1:8480/consent?req=areq_", 39);
}

static void a_sandbox_request_approves_itself_and_gives_its_code(void **state)
{
    asker who = make_asker(*state, "sandbox");
    char hash[GX_SECRET_HASH_SIZE];
    assert_int_equal(strlen(who.asked.code), 26);
    assert_true(gx_secret_hash(hash, gx_span_of(who.asked.code)));
    gx_auth_request_row row = stored(*state, who.asked.request.id);
    assert_string_equal(row.status, "approved");
    assert_string_equal(row.code_hash, hash);
}

static void nothing_is_asked_for_a_foreign_an_unknown_or_a_suspended_agent(void **state)
{
    asker who = make_asker(*state, "live"), stranger = make_asker(*state, "live");
    gx_act *act = house_begin(*state, NULL, false);
    gx_statement *suspend = gx_query(act->txn->database, "UPDATE agents SET status = 'suspended' WHERE id = $1");
    gx_bind_text(suspend, 1, who.agent);
    assert_true(house_done(*state, gx_statement_run(suspend)));
    const char *const agents[] = {stranger.agent, "ag_none", who.agent};
    for (size_t i = 0; i < 3; i++) {
        gx_consent_asked ignored;
        gx_consent_ask_request in = {
            .agent_id = agents[i], .principal_id = "user_1", .scopes = "[\"a\"]", .life_ms = HOUR_MS};
        act = house_begin(*state, who.developer, false);
        assert_false(house_done(*state, gx_consent_ask(act, &in, &ignored)));
        assert_int_equal(act->problem->status, 404);
        assert_string_equal(act->problem->message, "Agent not found");
    }
}

static void the_principal_sees_who_asks_for_what(void **state)
{
    asker who = make_asker(*state, "live");
    gx_consent_view view;
    assert_true(house_done(*state, gx_consent_show(house_begin(*state, NULL, false), who.asked.request.id, &view)));
    assert_string_equal(view.agent.name, "mailer");
    assert_string_equal(view.request.scopes, "[\"calendar:read\",\"acme:fly\"]");
}

static void scopes_are_described_in_their_order(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&out);
    gx_scope_write_descriptions(&json, NULL, "[\"calendar:read\",\"acme:fly\"]");
    assert_string_equal(gx_buffer_text(&out), "[\"See the events in your calendar\",\"acme:fly\"]");
    gx_buffer_free(&out);
}

static void without_memory_a_description_fails_and_is_not_cut_short(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_buffer out = GX_BUFFER_INIT(0);
        gx_json json = gx_json_on(&out);
        gx_fail_allocation(n);
        gx_scope_write_descriptions(&json, NULL, "[\"acme:fly\",\"calendar:read\"]");
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(out.failed, failed);
        gx_buffer_free(&out);
    }
}

static void a_yes_gives_a_code_once_and_keeps_its_hash(void **state)
{
    asker who = make_asker(*state, "live");
    const char *id = who.asked.request.id;
    gx_consent_decision yes;
    char hash[GX_SECRET_HASH_SIZE];
    assert_true(decide(*state, NULL, gx_consent_approve, id, &yes));
    assert_string_equal(yes.request_id, id);
    assert_string_equal(yes.redirect_uri, "https://acme.example/back");
    assert_string_equal(yes.state, "s\u00e9same");
    assert_true(gx_secret_hash(hash, gx_span_of(yes.code)));
    assert_string_equal(stored(*state, id).code_hash, hash);
    assert_int_equal(refusal(*state, NULL, gx_consent_approve, id), 410);
    assert_int_equal(refusal(*state, NULL, gx_consent_deny, id), 404);
    assert_int_equal(refusal_to_show(*state, id), 410);
    assert_string_equal(stored(*state, id).code_hash, hash);
}

static void a_no_gives_no_code_and_is_final(void **state)
{
    asker who = make_asker(*state, "live");
    const char *id = who.asked.request.id;
    gx_consent_decision no;
    assert_true(decide(*state, NULL, gx_consent_deny, id, &no));
    assert_null(no.code);
    assert_string_equal(no.redirect_uri, "https://acme.example/back");
    assert_string_equal(stored(*state, id).status, "denied");
    assert_int_equal(refusal(*state, NULL, gx_consent_approve, id), 410);
    assert_int_equal(refusal(*state, NULL, gx_consent_deny, id), 404);
    assert_null(stored(*state, id).code_hash);
}

static void a_yes_comes_too_late_at_the_millisecond_of_expiry(void **state)
{
    asker who = make_asker(*state, "live");
    house_pass_time(*state, HOUR_MS);
    assert_int_equal(refusal_to_show(*state, who.asked.request.id), 410);
    assert_int_equal(refusal(*state, NULL, gx_consent_approve, who.asked.request.id), 410);
    assert_string_equal(stored(*state, who.asked.request.id).status, "pending");
}

static void a_no_never_comes_too_late(void **state)
{
    asker who = make_asker(*state, "live");
    gx_consent_decision no;
    house_pass_time(*state, 2 * HOUR_MS);
    assert_true(decide(*state, NULL, gx_consent_deny, who.asked.request.id, &no));
}

static void an_unknown_request_cannot_be_seen_or_decided(void **state)
{
    assert_int_equal(refusal_to_show(*state, "areq_none"), 404);
    assert_int_equal(refusal(*state, NULL, gx_consent_approve, "areq_none"), 410);
    assert_int_equal(refusal(*state, NULL, gx_consent_deny, "areq_none"), 404);
}

static void a_live_developer_cannot_decide_for_the_principal(void **state)
{
    asker who = make_asker(*state, "live");
    const char *id = who.asked.request.id;
    assert_int_equal(refusal(*state, &who, gx_consent_approve_as_developer, id), 403);
    assert_int_equal(refusal(*state, &who, gx_consent_deny_as_developer, id), 403);
    assert_string_equal(stored(*state, id).status, "pending");
}

static void a_sandbox_developer_decides_on_their_own_request_once(void **state)
{
    asker who = make_pending_sandbox_asker(*state);
    const char *id = who.asked.request.id;
    gx_consent_decision yes;
    assert_true(decide(*state, &who, gx_consent_approve_as_developer, id, &yes));
    assert_int_equal(strlen(yes.code), 26);
    assert_int_equal(refusal(*state, &who, gx_consent_approve_as_developer, id), 404);
    assert_int_equal(refusal(*state, &who, gx_consent_deny_as_developer, id), 404);
}

static void a_sandbox_developer_may_also_say_no(void **state)
{
    asker who = make_pending_sandbox_asker(*state);
    gx_consent_decision no;
    assert_true(decide(*state, &who, gx_consent_deny_as_developer, who.asked.request.id, &no));
    assert_string_equal(stored(*state, who.asked.request.id).status, "denied");
}

static void a_sandbox_developer_cannot_decide_on_a_foreign_request(void **state)
{
    asker victim = make_asker(*state, "live"), sandbox = make_asker(*state, "sandbox");
    const char *id = victim.asked.request.id;
    assert_int_equal(refusal(*state, &sandbox, gx_consent_approve_as_developer, id), 404);
    assert_int_equal(refusal(*state, &sandbox, gx_consent_deny_as_developer, id), 404);
    assert_string_equal(stored(*state, id).status, "pending");
}

/* Says yes so much later; the store's word on the request. `said_ms` is the time of the yes. */
static gx_auth_request_row approved_after(house *h, int64_t ms, int64_t *said_ms)
{
    asker who = make_asker(h, "live");
    gx_consent_decision yes;
    house_pass_time(h, ms);
    gx_act *act = house_begin(h, NULL, false);
    *said_ms = act->txn->now_ms;
    assert_true(house_done(h, gx_consent_approve(act, who.asked.request.id, &yes)));
    return stored(h, who.asked.request.id);
}

static void a_code_lives_ten_minutes_but_never_longer_than_its_request(void **state)
{
    int64_t said_ms;
    gx_auth_request_row row = approved_after(*state, 0, &said_ms);
    assert_int_equal(row.expires_at, said_ms + 10 * MINUTE_MS);
    row = approved_after(*state, 49 * MINUTE_MS, &said_ms);
    assert_int_equal(row.expires_at, said_ms + 10 * MINUTE_MS);
    row = approved_after(*state, 55 * MINUTE_MS, &said_ms);
    assert_int_equal(row.expires_at, row.created_at + HOUR_MS);
    assert_int_equal(row.grant_life_ms, HOUR_MS);
}

static void the_code_of_a_sandbox_request_lives_ten_minutes_too(void **state)
{
    asker who = make_asker(*state, "sandbox");
    gx_auth_request_row row = stored(*state, who.asked.request.id);
    assert_int_equal(row.expires_at, row.created_at + 10 * MINUTE_MS);
    assert_int_equal(row.grant_life_ms, HOUR_MS);
}

/* The principal looks and says yes. False after a refusal. */
static bool look_and_approve(gx_act *act, const char *request_id)
{
    gx_consent_view view;
    gx_consent_decision yes;
    return gx_consent_show(act, request_id, &view) && gx_consent_approve(act, request_id, &yes);
}

static void a_yes_without_memory_is_no_yes(void **state)
{
    asker who = make_asker(*state, "live");
    bool failed = true;
    long n = 1;
    for (; failed; n++) {
        assert_string_equal(stored(*state, who.asked.request.id).status, "pending");
        gx_arena arena = GX_ARENA_INIT(0); /* a fresh one has everything to allocate */
        gx_act *act = house_begin(*state, NULL, false);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool approved = look_and_approve(act, who.asked.request.id);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(approved, !failed);
        assert_int_equal(act->problem->status, failed ? 503 : 0);
        assert_true(house_done(*state, approved) == approved);
        gx_arena_free(&arena);
    }
    assert_true(n > 3); /* it came to several */
    assert_string_equal(stored(*state, who.asked.request.id).status, "approved");
}

static void a_scope_is_described_in_plain_words_or_shown_as_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *scope, *words;
    } CASES[] = {
        {"email:send", "Send email in your name"},
        {"payments:initiate", "Make payments in your name, of any amount"},
        {"payments:initiate:max_50", "Make payments in your name, each of at most 50"},
        {"payments:initiate:max_0.50", "Make payments in your name, each of at most 0.5"},
        {"payments:initiate:max_", "payments:initiate:max_"},
        {"payments:initiate:max_0", "payments:initiate:max_0"},
        {"payments:initiate:max_-5", "payments:initiate:max_-5"},
        {"payments:initiate:max_1e9", "payments:initiate:max_1e9"},
        {"<b>\"x\"</b>", "<b>\"x\"</b>"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        gx_buffer out = GX_BUFFER_INIT(0);
        gx_scope_describe(gx_span_of(CASES[i].scope), &out);
        assert_string_equal(gx_buffer_text(&out), CASES[i].words);
        gx_buffer_free(&out);
    }
}

static void what_costs_money_cannot_be_undone_or_is_not_known_has_a_warning(void **state)
{
    (void)state;
    static const char *const HARMLESS[] = {"calendar:read", "email:read", "profile:read"};
    for (size_t i = 0; i < sizeof HARMLESS / sizeof *HARMLESS; i++)
        assert_null(gx_scope_warning(gx_span_of(HARMLESS[i])));
    static const struct {
        const char *scope, *part;
    } CASES[] = {
        {"email:send", "written by you"},
        {"email:delete", "gone for good"},
        {"files:write", "gone for good"},
        {"payments:initiate", "without a limit"},
        {"payments:initiate:max_50", "for each payment"},
        {"payments:initiate:max_0", "Not a standard permission"},
        {"calendar:reader", "Not a standard permission"},
        {"", "Not a standard permission"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *warning = gx_scope_warning(gx_span_of(CASES[i].scope));
        assert_non_null(warning);
        assert_non_null(strstr(warning, CASES[i].part));
    }
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(a_request_waits_for_the_principal_at_the_consent_page),
        IN_A_HOUSE(a_sandbox_request_approves_itself_and_gives_its_code),
        IN_A_HOUSE(nothing_is_asked_for_a_foreign_an_unknown_or_a_suspended_agent),
        IN_A_HOUSE(the_principal_sees_who_asks_for_what),
        IN_A_HOUSE(a_yes_gives_a_code_once_and_keeps_its_hash),
        IN_A_HOUSE(a_no_gives_no_code_and_is_final),
        IN_A_HOUSE(a_yes_comes_too_late_at_the_millisecond_of_expiry),
        IN_A_HOUSE(a_no_never_comes_too_late),
        IN_A_HOUSE(an_unknown_request_cannot_be_seen_or_decided),
        IN_A_HOUSE(a_live_developer_cannot_decide_for_the_principal),
        IN_A_HOUSE(a_sandbox_developer_decides_on_their_own_request_once),
        IN_A_HOUSE(a_sandbox_developer_may_also_say_no),
        IN_A_HOUSE(a_sandbox_developer_cannot_decide_on_a_foreign_request),
        IN_A_HOUSE(a_code_lives_ten_minutes_but_never_longer_than_its_request),
        IN_A_HOUSE(the_code_of_a_sandbox_request_lives_ten_minutes_too),
        IN_A_HOUSE(a_yes_without_memory_is_no_yes),
        cmocka_unit_test(a_scope_is_described_in_plain_words_or_shown_as_it_is),
        cmocka_unit_test(what_costs_money_cannot_be_undone_or_is_not_known_has_a_warning),
        cmocka_unit_test(scopes_are_described_in_their_order),
        cmocka_unit_test(without_memory_a_description_fails_and_is_not_cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
