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
#include "support/failing_alloc.h"

#define SCOPES "[\"calendar:read\",\"email:send\"]"

typedef struct scene {
    house *house;
    const char *developer, *agent, *other;
    gx_token_draft parent;
} scene;

static scene begin_scene(void **state)
{
    scene s = {.house = *state};
    s.developer = house_add_developer(s.house, "sandbox");
    s.agent = house_add_agent(s.house, s.developer, "Planner");
    s.other = house_add_agent(s.house, s.developer, "Mailer");
    s.parent = granting_grant(s.house, s.developer, s.agent);
    return s;
}

static gx_token_delegate_request wish(const scene *s)
{
    return (gx_token_delegate_request){
        .parent_token = s->parent.grant_token, .agent_id = s->other, .scopes = SCOPES, .life_ms = HOUR_MS / 2};
}

static bool prepare(const scene *s, const char *developer, const gx_token_delegate_request *in,
                    gx_delegation_draft *out, gx_problem *problem)
{
    gx_act *act = house_begin(s->house, developer, true);
    bool said = gx_token_prepare_delegation(act, in, out);
    *problem = *act->problem;
    return house_done(s->house, said);
}

static bool write_down(const scene *s, const gx_token_delegate_request *in, const gx_delegation_draft *draft,
                       gx_problem *problem)
{
    gx_act *act = house_begin(s->house, s->developer, true);
    bool said = gx_token_delegate(act, in, draft);
    *problem = *act->problem;
    return house_done(s->house, said);
}

static gx_token_draft delegate(const scene *s, const gx_token_delegate_request *in)
{
    gx_delegation_draft draft;
    gx_problem problem;
    assert_true(prepare(s, s->developer, in, &draft, &problem));
    assert_true(write_down(s, in, &draft, &problem));
    return draft.token;
}

static void assert_refused(const scene *s, const gx_token_delegate_request *in, int status, const char *message)
{
    gx_delegation_draft draft;
    gx_problem problem;
    size_t before = house_event_count(s->house);
    assert_false(prepare(s, s->developer, in, &draft, &problem));
    assert_int_equal(problem.status, status);
    assert_string_equal(problem.message, message);
    assert_int_equal(house_event_count(s->house), before);
}

static gx_token_checked look_at(const scene *s, const char *developer, const char *token)
{
    gx_token_checked checked;
    gx_act *act = house_begin(s->house, developer, true);
    assert_true(house_done(s->house, gx_token_check(act, token, &checked)));
    return checked;
}

static void a_delegation_makes_a_grant_below_the_parent_and_a_token_and_tells_of_both(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    in.scopes = "[\"email:send\"]";
    gx_token_draft child = delegate(&s, &in);
    char created[512], issued[512];
    snprintf(created, sizeof created,
             "{\"grantId\":\"%s\",\"agentId\":\"%s\",\"principalId\":\"user_1\",\"scopes\":[\"email:send\"],"
             "\"expiresAt\":\"",
             child.grant.id, s.other);
    snprintf(issued, sizeof issued,
             "{\"grantId\":\"%s\",\"tokenId\":\"%s\",\"method\":\"exchange\",\"agentId\":\"%s\",", child.grant.id,
             child.token_id, s.other);
    assert_int_equal(house_event_count(s.house), 4);
    assert_event(s.house, 2, "grant.created", created);
    assert_event(s.house, 3, "token.issued", issued);
    snprintf(created, sizeof created, "\"parentGrantId\":\"%s\",\"delegationDepth\":1}", s.parent.grant.id);
    assert_non_null(strstr(house_event_at(s.house, 2)->data, created));
    gx_token_checked checked = look_at(&s, s.developer, child.grant_token);
    assert_int_equal(checked.verdict, GX_TOKEN_GOOD);
    assert_string_equal(checked.grant.parent_id, s.parent.grant.id);
    assert_string_equal(checked.claims.parent_grant_id, s.parent.grant.id);
    assert_string_equal(checked.claims.parent_agent_id, s.agent);
    assert_string_equal(checked.claims.agent_id, s.other);
    assert_string_equal(checked.claims.scopes, "[\"email:send\"]");
    assert_int_equal(checked.claims.depth, 1);
    assert_null(checked.claims.audience);
}

static void it_ends_when_asked_to_but_never_after_the_parents_token(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_token_draft child = delegate(&s, &in);
    assert_int_equal(child.grant.expires_at, child.issued_at + HOUR_MS / 2);
    in.life_ms = 24 * HOUR_MS;
    child = delegate(&s, &in);
    assert_int_equal(child.grant.expires_at, s.parent.token_expires_at);
    assert_int_equal(child.refresh_expires_at, s.parent.token_expires_at);
}

static void a_refresh_of_it_keeps_saying_what_it_was_delegated_from(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_token_draft child = delegate(&s, &in), next = {0};
    const gx_token_refresh_request again = {child.refresh_token, s.other};
    assert_true(granting_refresh(s.house, s.developer, &again, &next, NULL));
    gx_token_checked checked = look_at(&s, s.developer, next.grant_token);
    assert_string_equal(checked.claims.parent_grant_id, s.parent.grant.id);
    assert_string_equal(checked.claims.parent_agent_id, s.agent);
    assert_int_equal(checked.claims.depth, 1);
}

static void below_the_deepest_grant_there_is_none(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    in.life_ms = HOUR_MS;
    for (int depth = 1; depth <= 3; depth++) {
        gx_token_draft child = delegate(&s, &in);
        assert_int_equal(child.grant.depth, depth);
        in.parent_token = child.grant_token;
    }
    assert_refused(&s, &in, 403, "parentGrantToken: a grant can be delegated 3 deep, this one is");
    house_authority(s.house)->most_delegation_depth = 4;
    assert_int_equal(delegate(&s, &in).grant.depth, 4);
}

static void it_allows_nothing_that_the_parent_does_not_allow(void **state)
{
    static const char *const TOO_MUCH[] = {"[\"calendar:write\"]", "[\"email:send\",\"email:read\"]",
                                           "[\"email\"]",          "[\"email:sen\"]",
                                           "[\"email:sendx\"]",    "[\"Email:send\"]"};
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    for (size_t i = 0; i < sizeof TOO_MUCH / sizeof *TOO_MUCH; i++) {
        in.scopes = TOO_MUCH[i];
        assert_refused(&s, &in, 400, "scopes: must be among those of the parent grant");
    }
}

static void only_an_active_agent_of_the_same_developer_gets_it(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_agent_row ignored;
    gx_act *act = house_begin(s.house, s.developer, true);
    const gx_agent_change suspend = {.status = "suspended"};
    assert_true(house_done(s.house, gx_agent_update(act, s.other, &suspend, &ignored)));
    assert_refused(&s, &in, 404, "Agent not found");
    in.agent_id = house_add_agent(s.house, house_add_developer(s.house, "sandbox"), "Stranger");
    assert_refused(&s, &in, 404, "Agent not found");
    in.agent_id = "ag_none";
    assert_refused(&s, &in, 404, "Agent not found");
    in.agent_id = s.agent; /* to itself, it may */
    delegate(&s, &in);
}

static void another_developers_token_is_told_apart_from_one_that_nobody_signed(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_delegation_draft draft;
    gx_problem problem;
    assert_false(prepare(&s, house_add_developer(s.house, "sandbox"), &in, &draft, &problem));
    assert_int_equal(problem.status, 403);
    assert_string_equal(problem.code, "FORBIDDEN");
    in.parent_token = "no.such.token";
    assert_refused(&s, &in, 400, "parentGrantToken: is no grant token of this server");
}

static void of_a_parent_that_is_over_nothing_can_be_delegated(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s), late = in;
    late.parent_token = granting_grant(s.house, s.developer, s.agent).grant_token;
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, s.parent.grant.id, GX_REVOKER_DEVELOPER)));
    assert_refused(&s, &in, 400, "parentGrantToken: has been revoked");
    house_pass_time(s.house, HOUR_MS);
    assert_refused(&s, &in, 400, "parentGrantToken: has been revoked");
    assert_refused(&s, &late, 400, "parentGrantToken: has expired");
}

/* What prepare allowed, the write lane asks again. */
static void a_parent_that_is_revoked_between_signing_and_writing_has_no_child(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_delegation_draft draft;
    gx_problem problem;
    assert_true(prepare(&s, s.developer, &in, &draft, &problem));
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, s.parent.grant.id, GX_REVOKER_DEVELOPER)));
    assert_false(write_down(&s, &in, &draft, &problem));
    assert_int_equal(problem.status, 400);
    assert_string_equal(problem.message, "parentGrantToken: has been revoked");
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants"), 1);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM tokens"), 1);
}

static void a_cascade_reaches_what_was_delegated(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    gx_token_draft child = delegate(&s, &in);
    gx_act *act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_grant_revoke(act, s.parent.grant.id, GX_REVOKER_DEVELOPER)));
    assert_int_equal(look_at(&s, s.developer, child.grant_token).verdict, GX_TOKEN_REVOKED);
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants WHERE revoked_by = 'system'"), 1);
}

static void the_check_says_why_a_token_is_not_good(void **state)
{
    scene s = begin_scene(state);
    const char *token = s.parent.grant_token;
    gx_token_draft unkept = {0};
    gx_act *act = house_begin(s.house, s.developer, true);
    gx_grant_row never = s.parent.grant;
    never.id = "grnt_never";
    assert_true(gx_token_draft_sign(act, &never, NULL, &unkept));
    house_end(s.house, false);
    assert_int_equal(look_at(&s, s.developer, "x").verdict, GX_TOKEN_FOREIGN);
    assert_int_equal(look_at(&s, s.developer, unkept.grant_token).verdict, GX_TOKEN_NOT_FOUND);
    assert_int_equal(look_at(&s, house_add_developer(s.house, "live"), token).verdict, GX_TOKEN_WRONG_DEVELOPER);
    assert_int_equal(look_at(&s, s.developer, token).verdict, GX_TOKEN_GOOD);
    house_pass_time(s.house, HOUR_MS);
    assert_int_equal(look_at(&s, s.developer, token).verdict, GX_TOKEN_EXPIRED);
    act = house_begin(s.house, s.developer, true);
    assert_true(house_done(s.house, gx_token_revoke(act, s.parent.token_id)));
    assert_int_equal(look_at(&s, s.developer, token).verdict, GX_TOKEN_REVOKED);
}

/* A token that cannot be read for want of memory looks like one that is none: refused as well, without effect. */
static void a_delegation_without_memory_is_refused_and_can_be_tried_again(void **state)
{
    scene s = begin_scene(state);
    gx_token_delegate_request in = wish(&s);
    bool failed = true;
    for (long n = 1; failed; n++) {
        gx_arena arena = GX_ARENA_INIT(0); /* the house's own would stay failed */
        gx_delegation_draft draft;
        gx_act *act = house_begin(s.house, s.developer, true);
        act->arena = &arena;
        gx_fail_allocation(n);
        bool done = gx_token_prepare_delegation(act, &in, &draft) && gx_token_delegate(act, &in, &draft);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(done, !failed);
        assert_int_equal(act->problem->status != 0, failed);
        house_done(s.house, done);
        assert_int_equal(house_event_count(s.house), failed ? 2 : 4);
        gx_arena_free(&arena);
    }
    assert_int_equal(granting_count(s.house, "SELECT COUNT(*) FROM grants"), 2);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, granting_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(a_delegation_makes_a_grant_below_the_parent_and_a_token_and_tells_of_both),
        IN_A_HOUSE(it_ends_when_asked_to_but_never_after_the_parents_token),
        IN_A_HOUSE(a_refresh_of_it_keeps_saying_what_it_was_delegated_from),
        IN_A_HOUSE(below_the_deepest_grant_there_is_none),
        IN_A_HOUSE(it_allows_nothing_that_the_parent_does_not_allow),
        IN_A_HOUSE(only_an_active_agent_of_the_same_developer_gets_it),
        IN_A_HOUSE(another_developers_token_is_told_apart_from_one_that_nobody_signed),
        IN_A_HOUSE(of_a_parent_that_is_over_nothing_can_be_delegated),
        IN_A_HOUSE(a_parent_that_is_revoked_between_signing_and_writing_has_no_child),
        IN_A_HOUSE(a_cascade_reaches_what_was_delegated),
        IN_A_HOUSE(the_check_says_why_a_token_is_not_good),
        IN_A_HOUSE(a_delegation_without_memory_is_refused_and_can_be_tried_again),
    };
    return cmocka_run_group_tests(tests, granting_group_setup, granting_group_teardown);
}
