#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "authority/agent.h"
#include "authority/grant.h"
#include "authority/granting.h"
#include "authority/token_check.h"

typedef struct scene {
    house *house;
    const char *developer, *agent;
    gx_grant_row grant;
} scene;

static scene begin_scene(void **state)
{
    scene s = {.house = *state};
    s.developer = house_add_developer(s.house, "sandbox");
    s.agent = house_add_agent(s.house, s.developer, "Planner");
    s.grant = granting_grant(s.house, s.developer, s.agent).grant;
    return s;
}

static bool revoke(const scene *s, const char *developer, const char *grant_id, gx_revoker by, gx_problem *problem)
{
    gx_act *act = house_begin(s->house, developer, true);
    bool said = gx_grant_revoke(act, grant_id, by);
    *problem = *act->problem;
    return house_done(s->house, said);
}

static void assert_not_found(const gx_problem *problem)
{
    assert_int_equal(problem->status, 404);
    assert_string_equal(problem->code, "NOT_FOUND");
}

static gx_grant_row get(const scene *s, const char *grant_id)
{
    gx_grant_row row;
    gx_act *act = house_begin(s->house, s->developer, true);
    assert_true(house_done(s->house, gx_grant_get(act, grant_id, &row)));
    return row;
}

static gx_grant_list list(const scene *s, gx_grant_list_request in)
{
    gx_grant_list out;
    if (in.paging.page == 0)
        in.paging = (gx_paging){1, 1000};
    gx_act *act = house_begin(s->house, s->developer, true);
    assert_true(house_done(s->house, gx_grant_list_page(act, &in, &out)));
    return out;
}

static void a_grant_is_what_was_allowed(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row row = get(&s, s.grant.id);
    assert_string_equal(row.agent_id, s.agent);
    assert_string_equal(row.developer_id, s.developer);
    assert_string_equal(row.principal_id, "user_1");
    assert_string_equal(row.scopes, "[\"calendar:read\",\"email:send\"]");
    assert_string_equal(row.status, "active");
    assert_int_equal(row.expires_at, row.issued_at + HOUR_MS);
    assert_null(row.revoked_by);
    assert_null(row.parent_id);
    assert_int_equal(row.depth, 0);
}

static void a_grant_of_another_developer_is_not_there(void **state)
{
    scene s = begin_scene(state);
    const char *foreign = house_add_developer(s.house, "sandbox");
    gx_grant_row row;
    gx_problem problem;
    gx_act *act = house_begin(s.house, foreign, true);
    assert_false(house_done(s.house, gx_grant_get(act, s.grant.id, &row)));
    assert_not_found(act->problem);
    assert_false(revoke(&s, foreign, s.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_not_found(&problem);
    assert_string_equal(get(&s, s.grant.id).status, "active");
    assert_int_equal(house_event_count(s.house), 2);
}

static void a_revocation_says_who_did_it(void **state)
{
    static const char *const WORDS[] = {"developer", "principal", "system"};
    scene s = begin_scene(state);
    for (int by = GX_REVOKER_DEVELOPER; by <= GX_REVOKER_SYSTEM; by++) {
        gx_grant_row grant = granting_grant(s.house, s.developer, s.agent).grant;
        gx_problem problem;
        assert_true(revoke(&s, s.developer, grant.id, (gx_revoker)by, &problem));
        char data[512];
        snprintf(data, sizeof data,
                 "{\"grantId\":\"%s\",\"revokedBy\":\"%s\",\"agentId\":\"%s\",\"principalId\":\"user_1\","
                 "\"cascade\":false,\"rootGrantId\":\"%s\"}",
                 grant.id, WORDS[by], s.agent, grant.id);
        assert_event(s.house, house_event_count(s.house) - 1, "grant.revoked", data);
        gx_grant_row after = get(&s, grant.id);
        assert_string_equal(after.status, "revoked");
        assert_string_equal(after.revoked_by, WORDS[by]);
        assert_true(after.revoked_at >= after.issued_at);
    }
}

static void a_second_revocation_finds_nothing_and_tells_nothing(void **state)
{
    scene s = begin_scene(state);
    gx_problem problem;
    assert_true(revoke(&s, s.developer, s.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_false(revoke(&s, s.developer, s.grant.id, GX_REVOKER_PRINCIPAL, &problem));
    assert_not_found(&problem);
    assert_false(revoke(&s, s.developer, "grnt_unknown", GX_REVOKER_DEVELOPER, &problem));
    assert_not_found(&problem);
    assert_int_equal(house_event_count(s.house), 3);
    assert_string_equal(get(&s, s.grant.id).revoked_by, "developer");
}

static void an_expired_grant_can_be_revoked(void **state)
{
    scene s = begin_scene(state);
    gx_problem problem;
    house_pass_time(s.house, 2 * HOUR_MS);
    assert_true(revoke(&s, s.developer, s.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_int_equal(house_event_count(s.house), 3);
}

/* root ─ left ─ leaf, root ─ right; and a stranger besides. */
static void a_revocation_takes_all_below_with_it_root_first_then_by_depth(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row left, leaf, right, stranger = granting_grant(s.house, s.developer, s.agent).grant;
    granting_delegate(s.house, &s.grant, s.agent, &left);
    granting_delegate(s.house, &left, s.agent, &leaf);
    house_pass_time(s.house, 1);
    granting_delegate(s.house, &s.grant, s.agent, &right);
    size_t before = house_event_count(s.house);
    gx_problem problem;
    assert_true(revoke(&s, s.developer, s.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_int_equal(house_event_count(s.house), before + 4);

    const gx_grant_row *const ORDER[] = {&left, &right, &leaf};
    char data[512];
    snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"revokedBy\":\"developer\",", s.grant.id);
    assert_event(s.house, before, "grant.revoked", data);
    for (size_t i = 0; i < 3; i++) {
        const gx_grant_row *grant = ORDER[i];
        snprintf(data, sizeof data,
                 "{\"grantId\":\"%s\",\"revokedBy\":\"system\",\"agentId\":\"%s\",\"principalId\":\"user_1\","
                 "\"cascade\":true,\"rootGrantId\":\"%s\",\"parentGrantId\":\"%s\",\"delegationDepth\":%d}",
                 grant->id, s.agent, s.grant.id, grant->parent_id, (int)grant->depth);
        assert_event(s.house, before + 1 + i, "grant.revoked", data);
        assert_string_equal(get(&s, grant->id).revoked_by, "system");
    }
    assert_string_equal(get(&s, stranger.id).status, "active");
}

static void what_is_revoked_below_already_is_not_told_of_again_and_what_is_above_stays(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row middle, leaf, twin;
    granting_delegate(s.house, &s.grant, s.agent, &middle);
    granting_delegate(s.house, &middle, s.agent, &leaf);
    granting_delegate(s.house, &middle, s.agent, &twin);
    size_t before = house_event_count(s.house);
    gx_problem problem;
    assert_true(revoke(&s, s.developer, leaf.id, GX_REVOKER_PRINCIPAL, &problem));
    assert_int_equal(house_event_count(s.house), before + 1);
    assert_true(revoke(&s, s.developer, middle.id, GX_REVOKER_DEVELOPER, &problem));
    assert_int_equal(house_event_count(s.house), before + 3); /* middle and twin */
    assert_string_equal(get(&s, leaf.id).revoked_by, "principal");
    assert_string_equal(get(&s, s.grant.id).status, "active");
}

static void grants_that_name_each_other_as_parents_do_not_hang_a_revocation(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row child;
    granting_delegate(s.house, &s.grant, s.agent, &child);
    gx_act *act = house_begin(s.house, s.developer, true);
    gx_statement *statement = gx_query(act->txn->database, "UPDATE grants SET parent_id = $1 WHERE id = $2");
    gx_bind_text(statement, 1, child.id);
    gx_bind_text(statement, 2, s.grant.id);
    assert_true(house_done(s.house, gx_statement_run(statement)));
    gx_problem problem;
    size_t before = house_event_count(s.house);
    assert_true(revoke(&s, s.developer, s.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_int_equal(house_event_count(s.house), before + 2);
}

static void a_revocation_that_is_not_kept_leaves_all_as_it_was(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row child;
    granting_delegate(s.house, &s.grant, s.agent, &child);
    size_t before = house_event_count(s.house);
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(gx_grant_revoke(act, s.grant.id, GX_REVOKER_DEVELOPER));
    house_end(s.house, false);
    assert_int_equal(house_event_count(s.house), before);
    assert_string_equal(get(&s, s.grant.id).status, "active");
    assert_string_equal(get(&s, child.id).status, "active");
}

static void the_list_is_newest_first_and_filtered(void **state)
{
    scene s = begin_scene(state);
    const char *other = house_add_agent(s.house, s.developer, "Other");
    house_pass_time(s.house, 1000);
    gx_grant_row second = granting_grant(s.house, s.developer, other).grant;
    house_pass_time(s.house, 1000);
    gx_grant_row third = granting_grant(s.house, s.developer, s.agent).grant;

    gx_grant_list all = list(&s, (gx_grant_list_request){0});
    assert_int_equal(all.total, 3);
    assert_string_equal(all.first->id, third.id);
    assert_string_equal(all.first->next->id, second.id);
    assert_string_equal(all.first->next->next->id, s.grant.id);
    assert_null(all.first->next->next->next);

    assert_string_equal(list(&s, (gx_grant_list_request){.agent_id = other}).first->id, second.id);
    assert_int_equal(list(&s, (gx_grant_list_request){.agent_id = other}).total, 1);
    assert_int_equal(list(&s, (gx_grant_list_request){.principal_id = "user_1"}).total, 3);
    assert_null(list(&s, (gx_grant_list_request){.principal_id = "user_2"}).first);

    gx_grant_list page = list(&s, (gx_grant_list_request){.paging = {2, 2}});
    assert_int_equal(page.total, 3);
    assert_string_equal(page.first->id, s.grant.id);
    assert_null(page.first->next);
    assert_null(list(&s, (gx_grant_list_request){.paging = {3, 2}}).first);
}

static void the_status_of_a_grant_past_its_time_is_expired_unless_it_was_revoked(void **state)
{
    scene s = begin_scene(state);
    gx_grant_row revoked = granting_grant(s.house, s.developer, s.agent).grant;
    gx_problem problem;
    assert_true(revoke(&s, s.developer, revoked.id, GX_REVOKER_DEVELOPER, &problem));
    assert_int_equal(list(&s, (gx_grant_list_request){.status = "active"}).total, 1);
    assert_int_equal(list(&s, (gx_grant_list_request){.status = "expired"}).total, 0);

    house_pass_time(s.house, HOUR_MS);
    gx_grant_row fresh = granting_grant(s.house, s.developer, s.agent).grant;
    gx_grant_list expired = list(&s, (gx_grant_list_request){.status = "expired"});
    assert_int_equal(expired.total, 1);
    assert_string_equal(expired.first->id, s.grant.id);
    assert_string_equal(list(&s, (gx_grant_list_request){.status = "active"}).first->id, fresh.id);
    assert_string_equal(list(&s, (gx_grant_list_request){.status = "revoked"}).first->id, revoked.id);

    gx_grant_row row = get(&s, s.grant.id);
    assert_string_equal(gx_grant_status(&row, row.expires_at - 1), "active");
    assert_string_equal(gx_grant_status(&row, row.expires_at), "expired");
    row = get(&s, revoked.id);
    assert_string_equal(gx_grant_status(&row, row.expires_at), "revoked");
}

static void the_list_draws_the_line_of_expiry_where_the_status_does(void **state)
{
    scene s = begin_scene(state);
    for (int64_t late = -1; late <= 0; late++) {
        gx_grants_filter filter = {
            .developer_id = s.developer, .status = "expired", .now_ms = s.grant.expires_at + late};
        int64_t expired = -1;
        assert_true(gx_grants_count(house_look(s.house), &filter, &expired));
        assert_int_equal(expired, strcmp(gx_grant_status(&s.grant, filter.now_ms), "expired") == 0);
        assert_int_equal(expired, late == 0);
    }
}

/* --- grants as large as the API takes them: a hundred scopes of 256 characters of four bytes --- */

enum { LARGE_GRANTS = 100, LARGE_BYTES = 100 * 256 * 4, LITTLE_MEMORY = 9 * 1024 * 1024 };

/* Delegated from the scene's own, so that a cascade finds them too. */
static void add_large_grants(const scene *s)
{
    static const char SQL[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
                              " INSERT INTO grants SELECT 'grnt_large' || i, developer_id, agent_id, principal_id,"
                              " '[\"' || $2 || '\"]', NULL, status, issued_at + i, expires_at, NULL,"
                              " NULL, id, 1 FROM grants, n WHERE id = $3";
    static char zeros[LARGE_BYTES];
    memset(zeros, '0', sizeof zeros);
    gx_act *act = house_begin(s->house, s->developer, true);
    gx_statement *statement = gx_query(act->txn->database, SQL);
    gx_bind_int(statement, 1, LARGE_GRANTS);
    gx_bind_span(statement, 2, (gx_span){zeros, sizeof zeros});
    gx_bind_text(statement, 3, s->grant.id);
    assert_true(house_done(s->house, gx_statement_run(statement)));
}

/* Lists a page in little memory; says how many rows it had. */
static int rows_on_page(const scene *s, int64_t page, int64_t size)
{
    gx_arena arena = GX_ARENA_INIT(LITTLE_MEMORY);
    const gx_grant_list_request in = {.paging = {page, size}};
    gx_grant_list out;
    gx_act *act = house_begin(s->house, s->developer, true);
    act->arena = &arena;
    assert_true(house_done(s->house, gx_grant_list_page(act, &in, &out)));
    assert_int_equal(out.total, LARGE_GRANTS + 1);
    int count = 0;
    for (const gx_grant_row *row = out.first; row != NULL; row = row->next)
        count++;
    gx_arena_free(&arena);
    return count;
}

static void a_page_of_large_grants_ends_early_and_smaller_pages_reach_them_all(void **state)
{
    scene s = begin_scene(state);
    add_large_grants(&s);
    int most = rows_on_page(&s, 1, 1000);
    assert_true(most > 50 && most < LARGE_GRANTS);
    assert_int_equal(rows_on_page(&s, 1, 50), 50);
    assert_int_equal(rows_on_page(&s, 2, 50), 50);
    assert_int_equal(rows_on_page(&s, 3, 50), 1);
}

static void a_cascade_does_not_need_the_scopes_of_all_that_it_takes(void **state)
{
    scene s = begin_scene(state);
    add_large_grants(&s);
    gx_arena arena = GX_ARENA_INIT(LITTLE_MEMORY);
    gx_act *act = house_begin(s.house, s.developer, true);
    act->arena = &arena;
    assert_true(house_done(s.house, gx_grant_revoke(act, s.grant.id, GX_REVOKER_DEVELOPER)));
    gx_arena_free(&arena);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants WHERE status = 'revoked'"), LARGE_GRANTS + 1);
}

/* own ─ child (own) ─ leaf (of another agent); and one of own's that has expired, one of the other agent's. */
static void deleting_an_agent_revokes_what_it_holds_and_leaves_the_record(void **state)
{
    scene s = begin_scene(state);
    const char *other = house_add_agent(s.house, s.developer, "Other");
    gx_grant_row child, leaf, expired = s.grant, stranger;
    house_pass_time(s.house, HOUR_MS);
    s.grant = granting_grant(s.house, s.developer, s.agent).grant;
    stranger = granting_grant(s.house, s.developer, other).grant;
    granting_delegate(s.house, &s.grant, s.agent, &child);
    granting_delegate(s.house, &child, other, &leaf);
    size_t before = house_event_count(s.house);
    assert_true(house_done(s.house, gx_agent_delete(house_begin(s.house, s.developer, true), s.agent)));
    assert_int_equal(house_event_count(s.house), before + 3);
    assert_string_equal(get(&s, s.grant.id).revoked_by, "developer");
    assert_string_equal(get(&s, child.id).revoked_by, "developer");
    assert_string_equal(get(&s, leaf.id).revoked_by, "system");
    assert_string_equal(get(&s, expired.id).status, "active"); /* as stored */
    assert_string_equal(get(&s, stranger.id).status, "active");
    gx_agent_row ignored;
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_agent_get(act, s.agent, &ignored)));
    assert_not_found(act->problem);
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_agent_delete(act, s.agent)));
    assert_not_found(act->problem);
}

static void a_foreign_agent_cannot_be_deleted_or_changed(void **state)
{
    scene s = begin_scene(state);
    const char *foreign = house_add_developer(s.house, "sandbox");
    gx_agent_row ignored;
    gx_act *act = house_begin(s.house, foreign, true);
    assert_false(house_done(s.house, gx_agent_delete(act, s.agent)));
    assert_not_found(act->problem);
    act = house_begin(s.house, foreign, true);
    assert_false(house_done(s.house, gx_agent_update(act, s.agent, &(gx_agent_change){.name = "x"}, &ignored)));
    assert_not_found(act->problem);
    assert_string_equal(get(&s, s.grant.id).status, "active");
}

static bool is_valid(const scene *s, const char *developer, const char *token)
{
    gx_token_checked checked;
    gx_act *act = house_begin(s->house, developer, true);
    assert_true(house_done(s->house, gx_token_check(act, token, &checked)));
    return checked.verdict == GX_TOKEN_GOOD;
}

static void a_token_is_valid_until_it_or_its_grant_is_taken_back_or_its_time_is_over(void **state)
{
    scene s = begin_scene(state);
    gx_token_draft taken = granting_grant(s.house, s.developer, s.agent);
    gx_token_draft below = granting_grant(s.house, s.developer, s.agent);
    gx_token_draft late = granting_grant(s.house, s.developer, s.agent);
    assert_true(is_valid(&s, s.developer, taken.grant_token));
    assert_false(is_valid(&s, house_add_developer(s.house, "sandbox"), taken.grant_token));
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_revoke(act, taken.token_id)));
    assert_false(is_valid(&s, s.developer, taken.grant_token));
    act = house_begin(s.house, s.developer, true);
    assert_false(house_done(s.house, gx_token_revoke(act, taken.token_id)));
    assert_not_found(act->problem);
    gx_problem problem;
    assert_true(revoke(&s, s.developer, below.grant.id, GX_REVOKER_DEVELOPER, &problem));
    assert_false(is_valid(&s, s.developer, below.grant_token));
    assert_true(is_valid(&s, s.developer, late.grant_token));
    house_pass_time(s.house, HOUR_MS);
    assert_false(is_valid(&s, s.developer, late.grant_token));
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, granting_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(a_grant_is_what_was_allowed),
        IN_A_HOUSE(a_grant_of_another_developer_is_not_there),
        IN_A_HOUSE(a_revocation_says_who_did_it),
        IN_A_HOUSE(a_second_revocation_finds_nothing_and_tells_nothing),
        IN_A_HOUSE(an_expired_grant_can_be_revoked),
        IN_A_HOUSE(a_revocation_takes_all_below_with_it_root_first_then_by_depth),
        IN_A_HOUSE(what_is_revoked_below_already_is_not_told_of_again_and_what_is_above_stays),
        IN_A_HOUSE(grants_that_name_each_other_as_parents_do_not_hang_a_revocation),
        IN_A_HOUSE(a_revocation_that_is_not_kept_leaves_all_as_it_was),
        IN_A_HOUSE(the_list_is_newest_first_and_filtered),
        IN_A_HOUSE(the_list_draws_the_line_of_expiry_where_the_status_does),
        IN_A_HOUSE(the_status_of_a_grant_past_its_time_is_expired_unless_it_was_revoked),
        IN_A_HOUSE(a_page_of_large_grants_ends_early_and_smaller_pages_reach_them_all),
        IN_A_HOUSE(a_cascade_does_not_need_the_scopes_of_all_that_it_takes),
        IN_A_HOUSE(deleting_an_agent_revokes_what_it_holds_and_leaves_the_record),
        IN_A_HOUSE(a_token_is_valid_until_it_or_its_grant_is_taken_back_or_its_time_is_over),
        IN_A_HOUSE(a_foreign_agent_cannot_be_deleted_or_changed),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
