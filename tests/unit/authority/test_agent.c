#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "authority/agent.h"
#include "authority/limits.h"
#include "authority/support.h"

static bool get(house *h, const char *developer_id, const char *agent_id, gx_agent_row *out)
{
    return house_done(h, gx_agent_get(house_begin(h, developer_id, false), agent_id, out));
}

static gx_agent_list list(house *h, const char *developer_id, gx_paging paging)
{
    gx_agent_list out;
    assert_true(house_done(h, gx_agent_list_page(house_begin(h, developer_id, false), paging, &out)));
    return out;
}

static void a_registered_agent_is_found_as_it_was_given(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    const gx_agent_register_request in = {.name = "mailer", .description = "Sends mail", .scopes = "[\"email:send\"]"};
    gx_agent_row made, found;
    assert_true(house_done(*state, gx_agent_register(house_begin(*state, developer, false), &in, &made)));
    assert_true(get(*state, developer, made.id, &found));
    assert_memory_equal(found.id, "ag_", 3);
    assert_string_equal(found.developer_id, developer);
    assert_string_equal(found.name, "mailer");
    assert_string_equal(found.description, "Sends mail");
    assert_string_equal(found.scopes, "[\"email:send\"]");
    assert_string_equal(found.status, "active");
    assert_true(found.created_at > 0);
    assert_true(found.created_at == made.created_at && found.updated_at == made.created_at);
}

static void an_agent_without_a_description_has_an_empty_one(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    gx_agent_row found;
    assert_true(get(*state, developer, house_add_agent(*state, developer, "a"), &found));
    assert_string_equal(found.description, "");
}

static void a_foreign_agent_is_answered_like_an_unknown_one(void **state)
{
    const char *owner = house_add_developer(*state, "live");
    const char *stranger = house_add_developer(*state, "live");
    const char *agent = house_add_agent(*state, owner, "a");
    const char *const asked[] = {agent, "ag_01ARZ3NDEKTSV4RRFFQ69G5FAV", ""};
    for (size_t i = 0; i < 3; i++) {
        gx_agent_row ignored;
        gx_act *act = house_begin(*state, stranger, false);
        assert_false(house_done(*state, gx_agent_get(act, asked[i], &ignored)));
        assert_int_equal(act->problem->status, 404);
        assert_string_equal(act->problem->code, "NOT_FOUND");
        assert_string_equal(act->problem->message, "Agent not found");
    }
}

static void the_list_has_ones_own_agents_newest_first(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    house_add_agent(*state, house_add_developer(*state, "live"), "foreign");
    const char *old = house_add_agent(*state, developer, "old");
    house_pass_time(*state, 1000);
    const char *new = house_add_agent(*state, developer, "new");
    gx_agent_list all = list(*state, developer, (gx_paging){1, 1000});
    assert_int_equal(all.total, 2);
    assert_string_equal(all.first->id, new);
    assert_string_equal(all.first->next->id, old);
    assert_null(all.first->next->next);
    gx_agent_list second = list(*state, developer, (gx_paging){2, 1});
    assert_int_equal(second.total, 2);
    assert_string_equal(second.first->id, old);
    assert_null(second.first->next);
}

static void a_developer_without_agents_has_an_empty_list(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    gx_agent_list none = list(*state, developer, (gx_paging){1, 1000});
    assert_null(none.first);
    assert_int_equal(none.total, 0);
}

static void a_suspended_agent_is_seen_but_gets_no_new_authority(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    const char *agent = house_add_agent(*state, developer, "a");
    gx_agent_row row;
    gx_act *act = house_begin(*state, developer, false);
    gx_statement *suspend = gx_query(act->txn->database, "UPDATE agents SET status = 'suspended'");
    assert_true(house_done(*state, gx_statement_run(suspend)));
    assert_true(get(*state, developer, agent, &row));
    act = house_begin(*state, developer, false);
    assert_false(house_done(*state, gx_agent_get_active(act, agent, &row)));
    assert_int_equal(act->problem->status, 404);
}

/* The developer has all but one of the agents that the plan "free" gives; the others are a stranger's. */
static void a_developer_may_have_so_many_agents_and_no_more(void **state)
{
    static const char FILL[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)"
                               " INSERT INTO agents SELECT 'ag_' || $1 || i, $1, 'a', '', '[]', 'active', i, i FROM n";
    const char *developer = house_add_developer(*state, "live");
    const char *stranger = house_add_developer(*state, "live");
    house_authority(*state)->plan = GX_PLAN_FREE;
    gx_act *act = house_begin(*state, developer, false);
    gx_statement *fill = gx_query(act->txn->database, FILL);
    gx_bind_text(fill, 1, developer);
    gx_bind_int(fill, 2, 499);
    assert_true(house_done(*state, gx_statement_run(fill)));
    house_add_agent(*state, stranger, "of somebody else");
    house_add_agent(*state, developer, "the last");
    gx_agent_row ignored;
    const gx_agent_register_request more = {.name = "one too many", .scopes = "[]"};
    act = house_begin(*state, developer, false);
    assert_false(house_done(*state, gx_agent_register(act, &more, &ignored)));
    assert_int_equal(act->problem->status, 402);
    assert_string_equal(act->problem->code, "PLAN_LIMIT_EXCEEDED");
    house_authority(*state)->plan = GX_PLAN_ENTERPRISE;
    act = house_begin(*state, developer, false);
    assert_true(house_done(*state, gx_agent_register(act, &more, &ignored)));
}

/* 4000 characters of description, 200 of a name, four bytes each: api/agent.c takes no more. */
static void fifty_agents_of_the_largest_kind_fit_on_a_page(void **state)
{
    static const char FILL[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
                               " INSERT INTO agents SELECT 'ag_01ARZ3NDEKTSV4RRFFQ69G5F' || i, $1, $2, $3, $4,"
                               " 'active', i, i FROM n";
    static char zeros[GX_MOST_SCOPES_BYTES > 16000 ? GX_MOST_SCOPES_BYTES : 16000];
    memset(zeros, '0', sizeof zeros);
    const char *developer = house_add_developer(*state, "live");
    gx_act *act = house_begin(*state, developer, false);
    gx_statement *fill = gx_query(act->txn->database, FILL);
    gx_bind_text(fill, 1, developer);
    gx_bind_span(fill, 2, (gx_span){zeros, 800});
    gx_bind_span(fill, 3, (gx_span){zeros, 16000});
    gx_bind_span(fill, 4, (gx_span){zeros, GX_MOST_SCOPES_BYTES});
    assert_true(house_done(*state, gx_statement_run(fill)));
    int count = 0;
    for (const gx_agent_row *row = list(*state, developer, (gx_paging){1, 1000}).first; row != NULL; row = row->next)
        count++;
    assert_true(count >= 50 && count < 60);
}

static void a_did_is_made_of_the_agents_id(void **state)
{
    (void)state;
    char did[GX_AGENT_DID_SIZE];
    gx_agent_did(did, "ag_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    assert_string_equal(did, "did:grantex:ag_01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(a_registered_agent_is_found_as_it_was_given),
        IN_A_HOUSE(an_agent_without_a_description_has_an_empty_one),
        IN_A_HOUSE(a_foreign_agent_is_answered_like_an_unknown_one),
        IN_A_HOUSE(the_list_has_ones_own_agents_newest_first),
        IN_A_HOUSE(a_developer_without_agents_has_an_empty_list),
        IN_A_HOUSE(a_suspended_agent_is_seen_but_gets_no_new_authority),
        IN_A_HOUSE(a_developer_may_have_so_many_agents_and_no_more),
        IN_A_HOUSE(fifty_agents_of_the_largest_kind_fit_on_a_page),
        cmocka_unit_test(a_did_is_made_of_the_agents_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
