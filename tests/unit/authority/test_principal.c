#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "authority/audit.h"
#include "authority/grant.h"
#include "authority/grant_token.h"
#include "authority/granting.h"
#include "authority/jwt.h"
#include "authority/principal.h"
#include "authority/session_token.h"
#include "support/failing_alloc.h"
#include "support/store_place.h"

#define ISSUER "http://127.0.0.1:8480"

typedef struct scene {
    house *house;
    const char *developer, *agent;
    gx_token_draft draft;
    const gx_grant_row *grant; /* user_1's */
    gx_session session;        /* user_1's, for an hour */
    int64_t opened_ms;         /* when it was opened: the clock goes on, and a second may end meanwhile */
} scene;

static gx_session open_session(house *h, const char *developer, int64_t life_ms, int64_t *opened_ms)
{
    gx_session session = {0};
    const gx_session_request in = {"user_1", life_ms};
    gx_act *act = house_begin(h, developer, true);
    *opened_ms = act->txn->now_ms;
    assert_true(house_done(h, gx_principal_open_session(act, &in, &session)));
    return session;
}

static void begin_scene(scene *s, void **state)
{
    *s = (scene){.house = *state};
    house_authority(s->house)->public_url = ISSUER;
    s->developer = house_add_developer(s->house, "live");
    s->agent = house_add_agent(s->house, s->developer, "Planner");
    s->draft = granting_grant(s->house, s->developer, s->agent);
    s->grant = &s->draft.grant;
    s->session = open_session(s->house, s->developer, HOUR_MS, &s->opened_ms);
}

/* Begins an act of whoever has that session; NULL (refused with 401, and ended) when it is none. */
static gx_act *enter(house *h, gx_span token)
{
    gx_act *act = house_begin(h, NULL, false);
    if (gx_principal_authenticate(act, token))
        return act;
    assert_int_equal(act->problem->status, 401);
    assert_null(act->developer_id);
    assert_null(act->principal_id);
    house_done(h, false);
    return NULL;
}

static bool opens(house *h, gx_span token)
{
    gx_act *act = enter(h, token);
    return act != NULL && house_done(h, true);
}

static bool revoke(const scene *s, const char *grant_id)
{
    gx_act *act = enter(s->house, gx_span_of(s->session.token));
    assert_non_null(act);
    bool said = gx_grant_revoke_as_principal(act, grant_id);
    if (!said) {
        assert_int_equal(act->problem->status, 404);
        assert_string_equal(act->problem->message, "Grant not found");
    }
    return house_done(s->house, said);
}

static gx_principal_grants list(const scene *s, gx_paging paging)
{
    gx_principal_grants out;
    gx_act *act = enter(s->house, gx_span_of(s->session.token));
    assert_non_null(act);
    assert_true(house_done(s->house, gx_principal_list_grants(act, false, paging, &out)));
    return out;
}

/* Gives a grant to another principal. */
static void hand_over(const scene *s, const char *grant_id)
{
    gx_act *act = house_begin(s->house, s->developer, true);
    gx_statement *statement = gx_query(act->txn->database, "UPDATE grants SET principal_id = 'user_2' WHERE id = $1");
    gx_bind_text(statement, 1, grant_id);
    assert_true(house_done(s->house, gx_statement_run(statement)));
}

/* --- the session --- */

static void a_session_says_whose_it_is_and_nothing_of_any_grant(void **state)
{
    scene s;
    begin_scene(&s, state);
    gx_act *act = enter(s.house, gx_span_of(s.session.token));
    assert_non_null(act);
    assert_string_equal(act->developer_id, s.developer);
    assert_string_equal(act->principal_id, "user_1");
    assert_int_equal(s.session.expires_at, (s.opened_ms + HOUR_MS) / 1000 * 1000);
    char url[2048];
    snprintf(url, sizeof url, ISSUER "/permissions#session=%s", s.session.token);
    assert_string_equal(s.session.dashboard_url, url);
    house_done(s.house, true);
}

static void a_session_is_over_at_the_second_that_it_names(void **state)
{
    scene s;
    begin_scene(&s, state);
    gx_arena arena = GX_ARENA_INIT(0);
    gx_session_claims claims;
    const gx_signing_key *key = house_authority(s.house)->signing_key;
    gx_span token = gx_span_of(s.session.token);
    assert_true(gx_session_token_verify(key, &arena, ISSUER, s.session.expires_at - 1, token, &claims));
    assert_false(gx_session_token_verify(key, &arena, ISSUER, s.session.expires_at, token, &claims));
    assert_false(gx_session_token_verify(key, &arena, "http://elsewhere", s.session.expires_at - 1, token, &claims));
    gx_arena_free(&arena);
    house_pass_time(s.house, HOUR_MS);
    assert_false(opens(s.house, token));
}

static void a_session_lasts_a_day_at_most(void **state)
{
    scene s;
    begin_scene(&s, state);
    static const int64_t LIVES_MS[] = {GX_SESSION_MOST_MS, 365 * GX_SESSION_MOST_MS};
    for (int i = 0; i < 2; i++) {
        gx_session session = open_session(s.house, s.developer, LIVES_MS[i], &s.opened_ms);
        assert_int_equal(session.expires_at, (s.opened_ms + GX_SESSION_MOST_MS) / 1000 * 1000);
    }
}

static void a_principal_without_an_active_grant_gets_no_session(void **state)
{
    scene s;
    begin_scene(&s, state);
    house_pass_time(s.house, HOUR_MS); /* the grant's hour */
    const gx_session_request in = {"user_1", HOUR_MS};
    gx_session untouched = {.token = "untouched"};
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_principal_open_session(act, &in, &untouched)));
    assert_int_equal(act->problem->status, 404);
    assert_string_equal(untouched.token, "untouched");
}

static void a_session_cut_at_any_place_or_changed_in_any_byte_opens_nothing(void **state)
{
    scene s;
    begin_scene(&s, state);
    char text[2048];
    size_t length = strlen(s.session.token);
    assert_true(length < sizeof text);
    memcpy(text, s.session.token, length);
    assert_true(opens(s.house, (gx_span){text, length}));
    for (size_t n = 0; n < length; n++) {
        assert_false(opens(s.house, (gx_span){text, n}));
        text[n] ^= 1;
        assert_false(opens(s.house, (gx_span){text, length}));
        text[n] ^= 1;
    }
}

/* Truly signed by this server, each but for the first with something missing or other. */
static void what_is_no_session_opens_nothing_whoever_signed_it(void **state)
{
    static const char *const REST[] = {
        "\"purpose\":\"principal_dashboard\",\"sub\":\"user_1\",\"iat\":1,\"exp\":99999999999", /* right */
        "\"sub\":\"user_1\",\"iat\":1,\"exp\":99999999999",
        "\"purpose\":\"other\",\"sub\":\"user_1\",\"iat\":1,\"exp\":99999999999",
        "\"purpose\":true,\"sub\":\"user_1\",\"iat\":1,\"exp\":99999999999",
        "\"purpose\":\"principal_dashboard\",\"iat\":1,\"exp\":99999999999",
        "\"purpose\":\"principal_dashboard\",\"sub\":7,\"iat\":1,\"exp\":99999999999",
        "\"purpose\":\"principal_dashboard\",\"sub\":\"user_1\",\"exp\":99999999999",
        "\"purpose\":\"principal_dashboard\",\"sub\":\"user_1\",\"iat\":1",
        "\"purpose\":\"principal_dashboard\",\"sub\":\"user_1\",\"iat\":1,\"exp\":\"99999999999\"",
    };
    scene s;
    begin_scene(&s, state);
    gx_arena arena = GX_ARENA_INIT(0);
    const gx_signing_key *key = house_authority(s.house)->signing_key;
    for (size_t i = 0; i < sizeof REST / sizeof *REST; i++) {
        for (int gone = 0; gone < 2; gone++) {
            const char *claims = gx_arena_printf(&arena, "{\"iss\":\"%s\",\"dev\":\"%s\",%s}", ISSUER,
                                                 gone ? "dev_gone" : s.developer, REST[i]);
            const char *token = gx_jwt_sign(key, &arena, gx_span_of(claims));
            assert_int_equal(opens(s.house, gx_span_of(token)), i == 0 && !gone);
        }
    }
    gx_arena_free(&arena);
}

static void a_session_and_a_grant_token_do_not_pass_for_each_other(void **state)
{
    scene s;
    begin_scene(&s, state);
    gx_arena arena = GX_ARENA_INIT(0);
    const gx_signing_key *key = house_authority(s.house)->signing_key;
    gx_grant_claims claims;
    gx_span session = gx_span_of(s.session.token), grant_token = gx_span_of(s.draft.grant_token);
    assert_true(gx_grant_token_verify(key, &arena, ISSUER, 1, grant_token, &claims));
    assert_false(gx_grant_token_verify(key, &arena, ISSUER, 1, session, &claims));
    assert_false(opens(s.house, grant_token));
    gx_arena_free(&arena);
}

static void a_session_without_memory_is_refused_and_can_be_tried_again(void **state)
{
    scene s;
    begin_scene(&s, state);
    const gx_session_request in = {"user_1", HOUR_MS};
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0);
        gx_session out;
        gx_act *act = house_begin(s.house, s.developer, true);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool opened =
            gx_principal_open_session(act, &in, &out) && gx_principal_authenticate(act, gx_span_of(out.token));
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(opened, !failed);
        assert_int_equal(act->problem->status != 0, failed);
        house_done(s.house, opened);
        gx_arena_free(&arena);
    }
}

/* --- what was allowed --- */

static void the_list_has_what_is_good_now_with_the_agent_newest_first(void **state)
{
    scene s;
    begin_scene(&s, state);
    const char *other = house_add_agent(s.house, s.developer, "Other");
    house_pass_time(s.house, 1000);
    gx_token_draft second = granting_grant(s.house, s.developer, other);
    gx_token_draft foreign = granting_grant(s.house, s.developer, other);
    hand_over(&s, foreign.grant.id);
    const char *elsewhere = house_add_developer(s.house, "live");
    granting_grant(s.house, elsewhere, house_add_agent(s.house, elsewhere, "Elsewhere"));

    gx_principal_grants all = list(&s, (gx_paging){1, 1000});
    assert_int_equal(all.total, 2);
    assert_string_equal(all.first->grant.id, second.grant.id);
    assert_string_equal(all.first->agent_name, "Other");
    assert_string_equal(all.first->next->grant.id, s.grant->id);
    assert_string_equal(all.first->next->agent_name, "Planner");
    assert_null(all.first->next->next);
    gx_principal_grants page = list(&s, (gx_paging){2, 1});
    assert_string_equal(page.first->grant.id, s.grant->id);
    assert_null(page.first->next);

    assert_true(revoke(&s, second.grant.id));
    assert_int_equal(list(&s, (gx_paging){1, 1000}).total, 1);
}

static void the_list_is_found_by_its_index(void **state)
{
    if (store_place_on_postgres()) /* it says so in another way, and not of a table with two rows */
        skip();
    scene s;
    begin_scene(&s, state);
    gx_statement *statement = gx_query(house_look(s.house), "EXPLAIN QUERY PLAN SELECT id FROM grants"
                                                            " WHERE developer_id = $1 AND principal_id = $2"
                                                            " ORDER BY issued_at DESC");
    assert_int_equal(gx_statement_step(statement), GX_STEP_ROW);
    assert_non_null(strstr(gx_column_text(statement, 3), "grants_of_principal"));
    gx_statement_reset(statement);
}

static const char *tell(const scene *s, const char *developer, const char *principal_id)
{
    gx_audit_row entry;
    const gx_audit_log_request in = {"ag_1", "did:grantex:ag_1", "grnt_1", principal_id, "read", "{}", "success"};
    assert_true(house_done(s->house, gx_audit_log(house_begin(s->house, developer, true), &in, &entry)));
    return entry.id;
}

static const gx_audit_row *list_audit(const scene *s)
{
    const gx_audit_row *first;
    gx_act *act = enter(s->house, gx_span_of(s->session.token));
    assert_non_null(act);
    assert_true(house_done(s->house, gx_principal_list_audit(act, &first)));
    return first;
}

static void the_latest_hundred_that_was_done_in_their_name_is_shown_newest_first(void **state)
{
    scene s;
    begin_scene(&s, state);
    assert_null(list_audit(&s));
    const char *elsewhere = house_add_developer(s.house, "live"), *told[101];
    for (size_t i = 0; i < 101; i++) {
        told[i] = tell(&s, s.developer, "user_1");
        tell(&s, s.developer, "user_2");
        tell(&s, elsewhere, "user_1");
    }
    const gx_audit_row *entry = list_audit(&s);
    for (size_t i = 101; i-- > 1; entry = entry->next) {
        assert_non_null(entry);
        assert_string_equal(entry->id, told[i]);
    }
    assert_null(entry);
}

static void the_principal_takes_back_all_below_too_and_the_events_say_who_asked(void **state)
{
    scene s;
    begin_scene(&s, state);
    gx_grant_row child;
    granting_delegate(s.house, s.grant, s.agent, &child);
    size_t before = house_event_count(s.house);
    assert_true(revoke(&s, s.grant->id));
    assert_int_equal(house_event_count(s.house), before + 2);
    char data[512];
    snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"revokedBy\":\"principal\",", s.grant->id);
    assert_event(s.house, before, "grant.revoked", data);
    snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"revokedBy\":\"system\",", child.id);
    assert_event(s.house, before + 1, "grant.revoked", data);
    assert_false(revoke(&s, s.grant->id));
    assert_false(revoke(&s, child.id));
    assert_int_equal(house_event_count(s.house), before + 2);
}

static void what_is_not_theirs_or_not_active_is_not_there(void **state)
{
    scene s;
    begin_scene(&s, state);
    gx_token_draft foreign = granting_grant(s.house, s.developer, s.agent);
    hand_over(&s, foreign.grant.id);
    const char *elsewhere = house_add_developer(s.house, "live");
    gx_token_draft other = granting_grant(s.house, elsewhere, house_add_agent(s.house, elsewhere, "Elsewhere"));
    size_t before = house_event_count(s.house);
    assert_false(revoke(&s, "grnt_unknown"));
    assert_false(revoke(&s, foreign.grant.id));
    assert_false(revoke(&s, other.grant.id));
    s.session = open_session(s.house, s.developer, 2 * HOUR_MS, &s.opened_ms);
    house_pass_time(s.house, HOUR_MS); /* the grant's end, not the session's */
    assert_false(revoke(&s, s.grant->id));
    assert_int_equal(house_event_count(s.house), before);
}

#define GRANTING(test) cmocka_unit_test_setup_teardown(test, granting_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GRANTING(a_session_says_whose_it_is_and_nothing_of_any_grant),
        GRANTING(a_session_is_over_at_the_second_that_it_names),
        GRANTING(a_session_lasts_a_day_at_most),
        GRANTING(a_principal_without_an_active_grant_gets_no_session),
        GRANTING(a_session_cut_at_any_place_or_changed_in_any_byte_opens_nothing),
        GRANTING(what_is_no_session_opens_nothing_whoever_signed_it),
        GRANTING(a_session_and_a_grant_token_do_not_pass_for_each_other),
        GRANTING(a_session_without_memory_is_refused_and_can_be_tried_again),
        GRANTING(the_list_has_what_is_good_now_with_the_agent_newest_first),
        GRANTING(the_list_is_found_by_its_index),
        GRANTING(the_latest_hundred_that_was_done_in_their_name_is_shown_newest_first),
        GRANTING(the_principal_takes_back_all_below_too_and_the_events_say_who_asked),
        GRANTING(what_is_not_theirs_or_not_active_is_not_there),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
