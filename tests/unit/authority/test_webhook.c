#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "authority/support.h"
#include "authority/webhook.h"
#include "store/log.h"
#include "support/failing_alloc.h"

#define URL    "https://hooks.example/grantex"
#define EVENTS "[\"grant.created\"]"

enum { MOST_ALLOCATIONS = 1000 };

static const char *create(house *h, const char *developer, const char *url)
{
    gx_webhook_row made;
    gx_act *act = house_begin(h, developer, false);
    assert_true(house_done(h, gx_webhook_create(act, &(gx_webhook_request){url, EVENTS}, &made)));
    return made.id;
}

static void assert_refused(gx_act *act, int status, const char *message)
{
    assert_int_equal(act->problem->status, status);
    assert_string_equal(act->problem->message, message);
}

static void append(house *h, const char *developer)
{
    gx_act *act = house_begin(h, developer, false);
    assert_true(house_done(h, gx_log_append(act->txn, developer, GX_EVENT_GRANT_CREATED, GX_SPAN("{}"))));
}

/* A delivery of the event `seq` with this status, as the sender leaves it. Returns its id. */
static const char *deliver(house *h, const char *webhook, int64_t seq, const char *status)
{
    gx_act *act = house_begin(h, NULL, false);
    gx_webhook_row ignored;
    const char *id = gx_arena_printf(act->arena, "whd_%s_%lld", webhook, (long long)seq);
    const gx_webhook_delivery_row row = {.webhook_id = webhook,
                                         .seq = seq,
                                         .id = id,
                                         .event_id = "evt_1",
                                         .event_type = "grant.created",
                                         .status = status,
                                         .attempts = 5,
                                         .created_at = 1};
    assert_int_equal(gx_webhooks_lease(act->txn->database, act->arena, webhook, "me", 1, 2, &ignored), GX_STEP_ROW);
    gx_step done = gx_webhook_deliveries_record(act->txn->database, "me", &row);
    assert_true(house_done(h, done == GX_STEP_ROW));
    return id;
}

/* --- creating --- */

static void a_webhook_starts_behind_the_newest_event_with_a_secret_of_its_own(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    append(*state, developer);
    append(*state, developer);
    gx_webhook_row made, other, found;
    const gx_webhook_request in = {URL, EVENTS};
    assert_true(house_done(*state, gx_webhook_create(house_begin(*state, developer, false), &in, &made)));
    assert_true(house_done(*state, gx_webhook_create(house_begin(*state, developer, false), &in, &other)));
    assert_true(house_done(*state, gx_webhook_get(house_begin(*state, developer, false), made.id, &found)));
    assert_memory_equal(found.id, "wh_", 3);
    assert_string_equal(found.url, URL);
    assert_string_equal(found.events, EVENTS);
    assert_true(found.cursor_seq == 2 && found.head_seq == 2 && made.head_seq == 2);
    assert_string_equal(found.secret, made.secret);
    assert_int_equal(strlen(made.secret), 48);
    assert_int_equal(strspn(made.secret, "0123456789abcdef"), 48);
    assert_string_not_equal(made.secret, other.secret);
    append(*state, developer);
    assert_true(house_done(*state, gx_webhook_get(house_begin(*state, developer, false), made.id, &found)));
    assert_true(found.cursor_seq == 2 && found.head_seq == 3);
}

static void a_url_must_be_https_and_lead_to_the_public(void **state)
{
    static const struct {
        const char *url, *message;
    } BAD[] = {
        {"http://hooks.example/", "url: must be https"},
        {"hooks.example", "url: must be an absolute https URL"},
        {"https://hooks.example/#here", "url: must not have a fragment"},
        {"https://127.0.0.1/", "url: must lead to a public address, not to a loopback one"},
        {"https://127.1./", "url: must lead to a public address, not to a loopback one"},
        {"https://2130706433/", "url: must lead to a public address, not to a loopback one"},
        {"https://[::ffff:10.0.0.1]:8443/", "url: must lead to a public address, not to a private one"},
        {"https://169.254.169.254/", "url: must lead to a public address, not to a link-local one"},
        {"https://LocalHost/", "url: must lead to a public address, not to a loopback one"},
        {"https://localhost./", "url: must lead to a public address, not to a loopback one"},
        {"https://x.localhost/", "url: must lead to a public address, not to a loopback one"},
    };
    const char *developer = house_add_developer(*state, "live");
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        gx_webhook_row ignored;
        gx_act *act = house_begin(*state, developer, false);
        assert_false(house_done(*state, gx_webhook_create(act, &(gx_webhook_request){BAD[i].url, EVENTS}, &ignored)));
        assert_refused(act, 400, BAD[i].message);
    }
    create(*state, developer, "https://8.8.8.8:8443/x?y");
    create(*state, developer, "https://localhost.hooks.example/");
    create(*state, developer, "https://notlocalhost/");
}

static void a_server_may_allow_private_places_but_never_a_fragment(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    house_authority(*state)->private_webhooks = true;
    create(*state, developer, "http://127.0.0.1:8080/");
    create(*state, developer, "https://10.0.0.1/");
    gx_webhook_row ignored;
    gx_act *act = house_begin(*state, developer, false);
    assert_false(
        house_done(*state, gx_webhook_create(act, &(gx_webhook_request){"http://127.0.0.1/#x", EVENTS}, &ignored)));
    assert_refused(act, 400, "url: must not have a fragment");
}

static void a_developer_may_have_so_many_webhooks_and_no_more(void **state)
{
    static const char FILL[] = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)"
                               " INSERT INTO webhooks SELECT 'wh_' || i, $1, 'u', '[]', 's', 0, i, NULL, 0 FROM n";
    const char *developer = house_add_developer(*state, "live");
    gx_act *act = house_begin(*state, developer, false);
    gx_statement *fill = gx_query(act->txn->database, FILL);
    gx_bind_text(fill, 1, developer);
    gx_bind_int(fill, 2, GX_WEBHOOKS_MOST - 1);
    assert_true(house_done(*state, gx_statement_run(fill)));
    create(*state, house_add_developer(*state, "live"), URL);
    create(*state, developer, URL);
    gx_webhook_row ignored;
    act = house_begin(*state, developer, false);
    assert_false(house_done(*state, gx_webhook_create(act, &(gx_webhook_request){URL, EVENTS}, &ignored)));
    assert_refused(act, 402, "A developer may have 200 webhooks");
    assert_string_equal(act->problem->code, "PLAN_LIMIT_EXCEEDED");
}

/* --- looking and deleting --- */

static void the_list_has_ones_own_newest_first_until_they_go(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    const char *old = create(*state, developer, URL);
    create(*state, house_add_developer(*state, "live"), URL);
    house_pass_time(*state, 1000);
    const char *new = create(*state, developer, URL);
    const gx_webhook_row *first;
    assert_true(house_done(*state, gx_webhook_list(house_begin(*state, developer, false), &first)));
    assert_string_equal(first->id, new);
    assert_string_equal(first->next->id, old);
    assert_null(first->next->next);
    assert_true(house_done(*state, gx_webhook_delete(house_begin(*state, developer, false), new)));
    assert_true(house_done(*state, gx_webhook_list(house_begin(*state, developer, false), &first)));
    assert_string_equal(first->id, old);
    assert_null(first->next);
}

static void a_foreign_webhook_is_answered_like_an_unknown_one(void **state)
{
    const char *stranger = house_add_developer(*state, "live");
    const char *webhook = create(*state, house_add_developer(*state, "live"), URL);
    const char *delivery = deliver(*state, webhook, 1, "failed");
    const char *const asked[] = {webhook, "wh_01ARZ3NDEKTSV4RRFFQ69G5FAV", ""};
    const char *const deliveries[] = {delivery, "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV", ""};
    for (size_t i = 0; i < 3; i++) {
        gx_webhook_row row;
        gx_webhook_delivery_list list;
        gx_webhook_delivery again;
        gx_act *act = house_begin(*state, stranger, false);
        assert_false(house_done(*state, gx_webhook_get(act, asked[i], &row)));
        assert_refused(act, 404, "Webhook not found");
        act = house_begin(*state, stranger, false);
        assert_false(house_done(*state, gx_webhook_delete(act, asked[i])));
        assert_refused(act, 404, "Webhook not found");
        act = house_begin(*state, stranger, false);
        assert_false(house_done(*state, gx_webhook_list_deliveries(act, asked[i], NULL, (gx_paging){1, 20}, &list)));
        assert_refused(act, 404, "Webhook not found");
        act = house_begin(*state, stranger, false);
        assert_false(house_done(*state, gx_webhook_redeliver(act, deliveries[i], &again)));
        assert_refused(act, 404, "Delivery not found");
    }
}

/* --- deliveries --- */

static void deliveries_come_newest_first_with_their_webhook(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    const char *webhook = create(*state, developer, URL);
    deliver(*state, webhook, 1, "failed");
    deliver(*state, webhook, 2, "delivered");
    gx_webhook_delivery_list list;
    gx_act *act = house_begin(*state, developer, false);
    assert_true(house_done(*state, gx_webhook_list_deliveries(act, webhook, NULL, (gx_paging){1, 20}, &list)));
    assert_string_equal(list.webhook.url, URL);
    assert_true(list.total == 2 && list.first->seq == 2 && list.first->next->seq == 1);
    act = house_begin(*state, developer, false);
    assert_true(house_done(*state, gx_webhook_list_deliveries(act, webhook, "failed", (gx_paging){1, 20}, &list)));
    assert_true(list.total == 1 && list.first->seq == 1 && list.first->next == NULL);
}

static void what_was_given_up_can_be_sent_again_and_nothing_else(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    const char *webhook = create(*state, developer, URL);
    const char *failed = deliver(*state, webhook, 1, "failed");
    const char *delivered = deliver(*state, webhook, 2, "delivered");
    gx_webhook_delivery again;
    gx_act *act = house_begin(*state, developer, false);
    int64_t now = act->txn->now_ms;
    assert_true(house_done(*state, gx_webhook_redeliver(act, failed, &again)));
    assert_string_equal(again.webhook.id, webhook);
    assert_string_equal(again.row.status, "pending");
    assert_true(again.row.attempts == 0 && again.row.next_attempt_at == now);
    act = house_begin(*state, developer, false);
    assert_false(house_done(*state, gx_webhook_redeliver(act, failed, &again)));
    assert_refused(act, 409, "Only a failed delivery can be sent again, this one is pending");
    act = house_begin(*state, developer, false);
    assert_false(house_done(*state, gx_webhook_redeliver(act, delivered, &again)));
    assert_refused(act, 409, "Only a failed delivery can be sent again, this one is delivered");
}

/* --- when the store or the memory fails --- */

static void a_store_that_fails_is_never_taken_for_a_missing_webhook(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    gx_webhook_row row;
    const gx_webhook_row *rows;
    gx_webhook_delivery_list list;
    gx_webhook_delivery again;
    gx_act *act = house_begin(*state, developer, false);
    assert_true(gx_statement_run(gx_query(act->txn->database, "DROP TABLE webhooks")));
    assert_false(gx_webhook_create(act, &(gx_webhook_request){URL, EVENTS}, &row));
    assert_int_equal(act->problem->status, 500);
    *act->problem = (gx_problem){0};
    assert_false(gx_webhook_delete(act, "wh_1"));
    assert_int_equal(act->problem->status, 500);
    *act->problem = (gx_problem){0};
    assert_false(gx_webhook_get(act, "wh_1", &row));
    assert_int_equal(act->problem->status, 500);
    *act->problem = (gx_problem){0};
    assert_false(gx_webhook_list(act, &rows));
    assert_int_equal(act->problem->status, 500);
    *act->problem = (gx_problem){0};
    assert_false(gx_webhook_list_deliveries(act, "wh_1", NULL, (gx_paging){1, 20}, &list));
    assert_int_equal(act->problem->status, 500);
    *act->problem = (gx_problem){0};
    assert_false(gx_webhook_redeliver(act, "whd_1", &again));
    assert_int_equal(act->problem->status, 500);
    house_end(*state, false);
}

static void creating_is_whole_or_refused_with_any_failed_allocation(void **state)
{
    const char *developer = house_add_developer(*state, "live");
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_webhook_row made = {0};
        gx_act *act = house_begin(*state, developer, false);
        gx_arena scarce = GX_ARENA_INIT(0);
        gx_arena *usual = act->arena;
        act->arena = &scarce;
        gx_fail_allocation(n);
        bool created = gx_webhook_create(act, &(gx_webhook_request){URL, EVENTS}, &made);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        act->arena = usual;
        assert_true(created ? made.secret != NULL : made.id == NULL && act->problem->status == 503);
        assert_true(failed || created);
        house_end(*state, false);
        gx_arena_free(&scarce);
    }
    assert_false(failed);
}

#define IN_A_HOUSE(test) cmocka_unit_test_setup_teardown(test, house_setup, house_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_HOUSE(a_webhook_starts_behind_the_newest_event_with_a_secret_of_its_own),
        IN_A_HOUSE(a_url_must_be_https_and_lead_to_the_public),
        IN_A_HOUSE(a_server_may_allow_private_places_but_never_a_fragment),
        IN_A_HOUSE(a_developer_may_have_so_many_webhooks_and_no_more),
        IN_A_HOUSE(the_list_has_ones_own_newest_first_until_they_go),
        IN_A_HOUSE(a_foreign_webhook_is_answered_like_an_unknown_one),
        IN_A_HOUSE(deliveries_come_newest_first_with_their_webhook),
        IN_A_HOUSE(what_was_given_up_can_be_sent_again_and_nothing_else),
        IN_A_HOUSE(a_store_that_fails_is_never_taken_for_a_missing_webhook),
        IN_A_HOUSE(creating_is_whole_or_refused_with_any_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
