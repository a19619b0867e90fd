#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "authority/consent.h"
#include "authority/grant.h"
#include "authority/grant_token.h"
#include "authority/granting.h"
#include "support/failing_alloc.h"

/* The pair of RFC 7636 appendix B. */
#define VERIFIER  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

#define DAY_MS (24 * HOUR_MS)

typedef struct scene {
    house *house;
    const char *developer, *agent;
} scene;

static scene begin_scene(void **state)
{
    scene s = {.house = *state};
    s.developer = house_add_developer(s.house, "sandbox");
    s.agent = house_add_agent(s.house, s.developer, "Planner");
    return s;
}

static void assert_refused(const gx_problem *problem, const char *message)
{
    assert_int_equal(problem->status, 400);
    assert_string_equal(problem->code, "BAD_REQUEST");
    assert_string_equal(problem->message, message);
}

static void assert_exchange_refused(const scene *s, const gx_token_exchange_request *in, const char *message)
{
    gx_token_draft draft = {0};
    gx_problem problem;
    assert_false(granting_exchange(s->house, s->developer, in, &draft, &problem));
    assert_refused(&problem, message);
}

static void assert_refresh_refused(const scene *s, const gx_token_refresh_request *in, const char *message)
{
    gx_token_draft draft = {0};
    gx_problem problem;
    assert_false(granting_refresh(s->house, s->developer, in, &draft, &problem));
    assert_refused(&problem, message);
}

static gx_grant_claims claims_of(const scene *s, const gx_token_draft *draft)
{
    static gx_arena arena; /* freed with each use: only numbers are looked at afterwards */
    gx_grant_claims claims;
    const gx_authority *authority = house_authority(s->house);
    bool valid = gx_grant_token_verify(authority->signing_key, &arena, authority->public_url, draft->issued_at,
                                       gx_span_of(draft->grant_token), &claims);
    assert_true(valid);
    assert_string_equal(claims.grant_id, draft->grant.id);
    assert_string_equal(claims.token_id, draft->token_id);
    gx_arena_free(&arena);
    return claims;
}

/* --- exchange --- */

static void an_exchange_makes_a_grant_and_a_token_and_tells_of_both_in_this_order(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    char created[512], issued[512];
    snprintf(created, sizeof created,
             "{\"grantId\":\"%s\",\"agentId\":\"%s\",\"principalId\":\"user_1\","
             "\"scopes\":[\"calendar:read\",\"email:send\"],\"expiresAt\":\"",
             draft.grant.id, s.agent);
    snprintf(issued, sizeof issued,
             "{\"grantId\":\"%s\",\"tokenId\":\"%s\",\"method\":\"exchange\",\"agentId\":\"%s\","
             "\"principalId\":\"user_1\",\"scopes\":[\"calendar:read\",\"email:send\"],\"expiresAt\":\"",
             draft.grant.id, draft.token_id, s.agent);
    assert_int_equal(house_event_count(s.house), 2);
    assert_event(s.house, 0, "grant.created", created);
    assert_event(s.house, 1, "token.issued", issued);
    assert_int_equal(house_event_at(s.house, 0)->seq, 1);
    assert_int_equal(house_event_at(s.house, 1)->seq, 2);
}

static void the_token_ends_with_the_grant_and_the_store_has_what_was_answered(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    assert_int_equal(draft.grant.expires_at, draft.issued_at + HOUR_MS);
    assert_int_equal(draft.token_expires_at, draft.grant.expires_at / 1000 * 1000);
    assert_int_equal(draft.refresh_expires_at, draft.grant.expires_at);
    gx_grant_claims claims = claims_of(&s, &draft);
    assert_int_equal(claims.issued_at, draft.issued_at / 1000);
    assert_int_equal(claims.expires_at, draft.grant.expires_at / 1000);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants WHERE status = 'active'"), 1);
    assert_int_equal(granting_count(s.house, "SELECT expires_at FROM tokens"), draft.token_expires_at);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM auth_requests WHERE status = 'consumed'"), 1);
}

static void a_refresh_token_lives_thirty_days_at_most_and_is_kept_as_a_hash_only(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = {0};
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){.life_ms = 365 * DAY_MS});
    assert_true(
        granting_exchange(s.house, s.developer, &(gx_token_exchange_request){code, s.agent, NULL}, &draft, NULL));
    assert_int_equal(draft.refresh_expires_at, draft.issued_at + 30 * DAY_MS);
    assert_int_equal(granting_count(s.house, "SELECT expires_at FROM refresh_tokens"), draft.refresh_expires_at);
    assert_int_equal(strncmp(draft.refresh_token, "ref_", 4), 0);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM refresh_tokens WHERE hash LIKE 'ref%'"), 0);
    assert_int_equal(granting_count(s.house, "SELECT LENGTH(hash) FROM refresh_tokens"), 64);
}

static void as_many_scopes_as_the_api_takes_fit_into_a_token_and_its_events(void **state)
{
    enum { SCOPES = 100, CHARACTERS = 256 };
    scene s = begin_scene(state);
    gx_buffer scopes = GX_BUFFER_INIT(0);
    for (int i = 0; i < SCOPES; i++) {
        gx_buffer_append_text(&scopes, i == 0 ? "[\"" : "\",\"");
        for (int j = 0; j < CHARACTERS; j++)
            gx_buffer_append_text(&scopes, "\\u0001"); /* no character takes more */
    }
    gx_buffer_append_text(&scopes, "\"]");
    gx_token_draft draft;
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){.scopes = gx_buffer_text(&scopes)});
    const gx_token_exchange_request in = {code, s.agent, NULL};
    assert_true(granting_exchange(s.house, s.developer, &in, &draft, NULL));
    claims_of(&s, &draft);
    assert_int_equal(house_event_count(s.house), 2);
    gx_buffer_free(&scopes);
}

static void a_second_exchange_of_a_code_is_refused_without_any_effect(void **state)
{
    scene s = begin_scene(state);
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){0});
    const gx_token_exchange_request in = {code, s.agent, NULL};
    gx_token_draft draft;
    assert_true(granting_exchange(s.house, s.developer, &in, &draft, NULL));
    assert_exchange_refused(&s, &in, "Auth request not approved");
    assert_int_equal(house_event_count(s.house), 2);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants"), 1);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM tokens"), 1);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM refresh_tokens"), 1);
}

static const char *ask_in_sandbox(const scene *s, int64_t life_ms)
{
    gx_consent_asked asked;
    const gx_consent_ask_request in = {
        .agent_id = s->agent, .principal_id = "user_1", .scopes = "[\"a\"]", .life_ms = life_ms};
    assert_true(house_done(s->house, gx_consent_ask(house_begin(s->house, s->developer, true), &in, &asked)));
    return asked.code;
}

static void a_code_dies_long_before_the_grant_that_it_would_have_made(void **state)
{
    scene s = begin_scene(state);
    const gx_token_exchange_request in_time = {ask_in_sandbox(&s, DAY_MS), s.agent, NULL};
    const gx_token_exchange_request late = {ask_in_sandbox(&s, DAY_MS), s.agent, NULL};
    gx_token_draft draft;
    house_pass_time(s.house, HOUR_MS / 60 * 9);
    assert_true(granting_exchange(s.house, s.developer, &in_time, &draft, NULL));
    assert_int_equal(draft.grant.expires_at, draft.issued_at + DAY_MS);
    house_pass_time(s.house, HOUR_MS / 60);
    assert_exchange_refused(&s, &late, "Auth request expired");
}

static void of_two_exchanges_that_were_both_prepared_one_succeeds(void **state)
{
    scene s = begin_scene(state);
    const gx_token_exchange_request in = {granting_code(s.house, s.developer, s.agent, (code_wish){0}), s.agent, NULL};
    gx_token_draft one, two;
    gx_act *act = house_begin(s.house, s.developer, true);
    bool prepared = gx_token_prepare_exchange(act, &in, &one) && gx_token_prepare_exchange(act, &in, &two);
    assert_true(house_done(s.house, prepared));
    act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_exchange(act, &in, &one)));
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_exchange(act, &in, &two)));
    assert_refused(act->problem, "Auth request not approved");
    assert_int_equal(house_event_count(s.house), 2);
}

static void set_agent_status(const scene *s, const char *status)
{
    gx_act *act = house_begin(s->house, s->developer, true);
    gx_statement *statement = gx_query(act->txn->database, "UPDATE agents SET status = $1 WHERE id = $2");
    gx_bind_text(statement, 1, status);
    gx_bind_text(statement, 2, s->agent);
    assert_true(house_done(s->house, gx_statement_run(statement)));
}

static void what_changes_between_prepare_and_write_counts(void **state)
{
    scene s = begin_scene(state);
    const gx_token_exchange_request in = {granting_code(s.house, s.developer, s.agent, (code_wish){0}), s.agent, NULL};
    gx_token_draft draft;
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_prepare_exchange(act, &in, &draft)));
    set_agent_status(&s, "suspended");
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_exchange(act, &in, &draft)));
    assert_refused(act->problem, "Invalid code");
    set_agent_status(&s, "active");
    house_pass_time(s.house, HOUR_MS);
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_exchange(act, &in, &draft)));
    assert_refused(act->problem, "Auth request expired");
    assert_int_equal(house_event_count(s.house), 0);
}

static void a_code_is_no_good_for_another_agent_another_developer_or_a_suspended_agent(void **state)
{
    scene s = begin_scene(state);
    const char *other_agent = house_add_agent(s.house, s.developer, "Other");
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){0});
    assert_exchange_refused(&s, &(gx_token_exchange_request){"no such code", s.agent, NULL}, "Invalid code");
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, other_agent, NULL}, "Invalid code");
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, "ag_unknown", NULL}, "Invalid code");

    scene foreign = s;
    foreign.developer = house_add_developer(s.house, "sandbox");
    assert_exchange_refused(&foreign, &(gx_token_exchange_request){code, s.agent, NULL}, "Invalid code");

    set_agent_status(&s, "suspended");
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, NULL}, "Invalid code");
    set_agent_status(&s, "active");
    gx_token_draft draft;
    assert_true(
        granting_exchange(s.house, s.developer, &(gx_token_exchange_request){code, s.agent, NULL}, &draft, NULL));
}

static void only_an_approved_request_in_its_time_becomes_a_grant(void **state)
{
    static const char *const STATUSES[] = {"pending", "denied", "consumed"};
    scene s = begin_scene(state);
    for (size_t i = 0; i < 3; i++) {
        const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){.status = STATUSES[i]});
        assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, NULL}, "Auth request not approved");
    }
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){0});
    house_pass_time(s.house, HOUR_MS);
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, NULL}, "Auth request expired");
    assert_int_equal(house_event_count(s.house), 0);
}

static void with_a_challenge_only_its_verifier_opens(void **state)
{
    scene s = begin_scene(state);
    const char *code = granting_code(s.house, s.developer, s.agent, (code_wish){.challenge = CHALLENGE});
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, NULL},
                            "codeVerifier: is required, the authorization was asked for with a codeChallenge");
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, CHALLENGE},
                            "codeVerifier: does not fit the codeChallenge");
    assert_exchange_refused(&s, &(gx_token_exchange_request){code, s.agent, ""},
                            "codeVerifier: does not fit the codeChallenge");
    gx_token_draft draft;
    const gx_token_exchange_request in = {code, s.agent, VERIFIER};
    assert_true(granting_exchange(s.house, s.developer, &in, &draft, NULL));
}

static void an_exchange_without_memory_is_refused_and_can_be_tried_again(void **state)
{
    scene s = begin_scene(state);
    const gx_token_exchange_request in = {granting_code(s.house, s.developer, s.agent, (code_wish){0}), s.agent, NULL};
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0); /* the house's own would stay failed */
        gx_token_draft draft;
        gx_act *act = house_begin(s.house, s.developer, true);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool done = gx_token_prepare_exchange(act, &in, &draft) && gx_token_exchange(act, &in, &draft);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(done, !failed);
        assert_int_equal(act->problem->status, failed ? 503 : 0);
        house_done(s.house, done);
        assert_int_equal(house_event_count(s.house), failed ? 0 : 2);
        gx_arena_free(&arena);
    }
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants"), 1);
}

/* --- refresh --- */

static void a_refresh_gives_a_new_token_of_the_same_grant_and_extends_nothing(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft first = granting_grant(s.house, s.developer, s.agent), next = {0};
    house_pass_time(s.house, HOUR_MS / 2);
    const gx_token_refresh_request in = {first.refresh_token, s.agent};
    assert_true(granting_refresh(s.house, s.developer, &in, &next, NULL));
    assert_string_equal(next.grant.id, first.grant.id);
    assert_string_not_equal(next.token_id, first.token_id);
    assert_string_not_equal(next.refresh_token, first.refresh_token);
    assert_int_equal(next.grant.expires_at, first.grant.expires_at);
    assert_int_equal(next.token_expires_at, first.token_expires_at);
    assert_int_equal(next.refresh_expires_at, first.grant.expires_at);
    char issued[256];
    snprintf(issued, sizeof issued, "{\"grantId\":\"%s\",\"tokenId\":\"%s\",\"method\":\"refresh\",", first.grant.id,
             next.token_id);
    assert_int_equal(house_event_count(s.house), 3);
    assert_event(s.house, 2, "token.issued", issued);
}

static void a_chain_of_refreshes_holds(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    for (int i = 0; i < 5; i++) {
        const gx_token_refresh_request in = {draft.refresh_token, s.agent};
        assert_true(granting_refresh(s.house, s.developer, &in, &draft, NULL));
    }
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM refresh_tokens WHERE used_at IS NULL"), 1);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM tokens"), 6);
}

static void a_used_refresh_token_within_thirty_seconds_is_a_retry_and_does_no_harm(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft first = granting_grant(s.house, s.developer, s.agent), next = {0};
    const gx_token_refresh_request again = {first.refresh_token, s.agent};
    assert_true(granting_refresh(s.house, s.developer, &again, &next, NULL));
    house_pass_time(s.house, 15000); /* the real clock goes on too */
    assert_refresh_refused(&s, &again, "Refresh token already used");
    assert_int_equal(house_event_count(s.house), 3);
    const gx_token_refresh_request good = {next.refresh_token, s.agent};
    assert_true(granting_refresh(s.house, s.developer, &good, &next, NULL));
}

static void a_used_refresh_token_later_is_theft_and_revokes_the_grant(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft first = granting_grant(s.house, s.developer, s.agent), next = {0};
    const gx_token_refresh_request again = {first.refresh_token, s.agent};
    assert_true(granting_refresh(s.house, s.developer, &again, &next, NULL));
    house_pass_time(s.house, 31000);
    assert_refresh_refused(&s, &again, "Refresh token already used");
    char revoked[256];
    snprintf(revoked, sizeof revoked, "{\"grantId\":\"%s\",\"revokedBy\":\"system\",", first.grant.id);
    assert_int_equal(house_event_count(s.house), 4);
    assert_event(s.house, 3, "grant.revoked", revoked);

    /* Who holds the good one, thief or owner, has nothing either; and it is not told of twice. */
    assert_refresh_refused(&s, &(gx_token_refresh_request){next.refresh_token, s.agent}, "Grant has been revoked");
    assert_refresh_refused(&s, &again, "Refresh token already used");
    assert_int_equal(house_event_count(s.house), 4);
}

static void of_two_refreshes_that_were_both_prepared_one_succeeds(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft first = granting_grant(s.house, s.developer, s.agent), one, two;
    const gx_token_refresh_request in = {first.refresh_token, s.agent};
    gx_act *act = house_begin(s.house, s.developer, true);
    bool prepared = gx_token_prepare_refresh(act, &in, &one) && gx_token_prepare_refresh(act, &in, &two);
    assert_true(house_done(s.house, prepared));
    act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_refresh(act, &in, &one)));
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_refresh(act, &in, &two)));
    assert_refused(act->problem, "Refresh token already used");
    assert_int_equal(house_event_count(s.house), 3);
}

static void a_refresh_token_is_no_good_for_others(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    const char *other_agent = house_add_agent(s.house, s.developer, "Other");
    assert_refresh_refused(&s, &(gx_token_refresh_request){"ref_unknown", s.agent}, "Invalid refresh token");
    assert_refresh_refused(&s, &(gx_token_refresh_request){draft.refresh_token, other_agent}, "Agent mismatch");
    scene foreign = s;
    foreign.developer = house_add_developer(s.house, "sandbox");
    const gx_token_refresh_request in = {draft.refresh_token, s.agent};
    assert_refresh_refused(&foreign, &in, "Invalid refresh token");
    set_agent_status(&s, "suspended");
    assert_refresh_refused(&s, &in, "Invalid refresh token");
    assert_int_equal(house_event_count(s.house), 2);
}

static void a_refresh_needs_a_grant_that_is_active(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, draft.grant.id, GX_REVOKER_DEVELOPER)));
    assert_refresh_refused(&s, &(gx_token_refresh_request){draft.refresh_token, s.agent}, "Grant has been revoked");

    draft = granting_grant(s.house, s.developer, s.agent);
    house_pass_time(s.house, HOUR_MS);
    assert_refresh_refused(&s, &(gx_token_refresh_request){draft.refresh_token, s.agent}, "Refresh token expired");
}

static void a_grant_revoked_between_prepare_and_write_is_not_refreshed(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft draft = granting_grant(s.house, s.developer, s.agent);
    const gx_token_refresh_request in = {draft.refresh_token, s.agent};
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_prepare_refresh(act, &in, &draft)));
    act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, draft.grant.id, GX_REVOKER_DEVELOPER)));
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_refresh(act, &in, &draft)));
    assert_refused(act->problem, "Grant has been revoked");
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM refresh_tokens WHERE used_at IS NULL"), 1);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, granting_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(an_exchange_makes_a_grant_and_a_token_and_tells_of_both_in_this_order),
        IN_A_HOUSE(the_token_ends_with_the_grant_and_the_store_has_what_was_answered),
        IN_A_HOUSE(a_refresh_token_lives_thirty_days_at_most_and_is_kept_as_a_hash_only),
        IN_A_HOUSE(as_many_scopes_as_the_api_takes_fit_into_a_token_and_its_events),
        IN_A_HOUSE(a_code_dies_long_before_the_grant_that_it_would_have_made),
        IN_A_HOUSE(a_second_exchange_of_a_code_is_refused_without_any_effect),
        IN_A_HOUSE(of_two_exchanges_that_were_both_prepared_one_succeeds),
        IN_A_HOUSE(what_changes_between_prepare_and_write_counts),
        IN_A_HOUSE(a_code_is_no_good_for_another_agent_another_developer_or_a_suspended_agent),
        IN_A_HOUSE(only_an_approved_request_in_its_time_becomes_a_grant),
        IN_A_HOUSE(with_a_challenge_only_its_verifier_opens),
        IN_A_HOUSE(an_exchange_without_memory_is_refused_and_can_be_tried_again),
        IN_A_HOUSE(a_refresh_gives_a_new_token_of_the_same_grant_and_extends_nothing),
        IN_A_HOUSE(a_chain_of_refreshes_holds),
        IN_A_HOUSE(a_used_refresh_token_within_thirty_seconds_is_a_retry_and_does_no_harm),
        IN_A_HOUSE(a_used_refresh_token_later_is_theft_and_revokes_the_grant),
        IN_A_HOUSE(of_two_refreshes_that_were_both_prepared_one_succeeds),
        IN_A_HOUSE(a_refresh_token_is_no_good_for_others),
        IN_A_HOUSE(a_refresh_needs_a_grant_that_is_active),
        IN_A_HOUSE(a_grant_revoked_between_prepare_and_write_is_not_refreshed),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
