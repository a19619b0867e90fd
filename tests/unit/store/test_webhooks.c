/* The tables webhooks and webhook_deliveries, as the sender and the rules use them. */
#include "store/fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/schema.h"
#include "store/webhook_deliveries.h"
#include "store/webhooks.h"
#include "support/failing_alloc.h"

enum { MOST_ALLOCATIONS = 2000 };

/* A store in memory where ADA's log ends at 100 and BOB's at 7. */
typedef struct shop {
    gx_database *database;
    gx_arena arena;
} shop;

static int open_shop(void **state)
{
    static shop s;
    s = (shop){.database = open_or_fail(":memory:", false), .arena = GX_ARENA_INIT(0)};
    assert_int_equal(gx_schema_migrate(s.database, NULL), 0);
    add_developer(s.database, ADA);
    add_developer(s.database, BOB);
    assert_true(gx_statement_run(
        gx_query(s.database, "UPDATE developers SET last_seq = CASE id WHEN '" ADA "' THEN 100 ELSE 7 END")));
    *state = &s;
    return 0;
}

static int close_shop(void **state)
{
    shop *s = *state;
    gx_database_close(s->database);
    gx_arena_free(&s->arena);
    return 0;
}

static void add(shop *s, const char *id, const char *developer, int64_t cursor)
{
    const gx_webhook_row row = {.id = id,
                                .developer_id = developer,
                                .url = "https://hooks.example/",
                                .events = "[\"grant.*\",\"agent.born\",\"budget.exhausted\"]",
                                .secret = "0123",
                                .cursor_seq = cursor,
                                .created_at = 1000};
    assert_true(gx_webhooks_insert(s->database, &row));
}

static gx_step lease(shop *s, const char *id, const char *owner, int64_t now, int64_t until, gx_webhook_row *out)
{
    return gx_webhooks_lease(s->database, &s->arena, id, owner, now, until, out);
}

/* The webhook, leased by "me" for as long as a test runs. */
static void add_mine(shop *s, const char *id, const char *developer, int64_t cursor)
{
    gx_webhook_row ignored;
    add(s, id, developer, cursor);
    assert_int_equal(lease(s, id, "me", 1000, INT64_MAX, &ignored), GX_STEP_ROW);
}

static gx_webhook_delivery_row attempt_of(const char *webhook, int64_t seq, const char *status)
{
    static char ids[8][32];
    static int next;
    char *id = ids[next++ % 8];
    snprintf(id, sizeof ids[0], "whd_%s_%lld", webhook, (long long)seq);
    return (gx_webhook_delivery_row){.webhook_id = webhook,
                                     .seq = seq,
                                     .id = id,
                                     .event_id = "evt_1",
                                     .event_type = "grant.created",
                                     .status = status,
                                     .attempts = 1,
                                     .next_attempt_at = 5000,
                                     .created_at = 2000};
}

static gx_step record(shop *s, const char *owner, const char *webhook, int64_t seq, const char *status)
{
    const gx_webhook_delivery_row attempt = attempt_of(webhook, seq, status);
    return gx_webhook_deliveries_record(s->database, owner, &attempt);
}

static int64_t cursor_of(shop *s, const char *developer, const char *id)
{
    gx_webhook_row row;
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, developer, id, &row), GX_STEP_ROW);
    return row.cursor_seq;
}

static gx_webhook_delivery_row delivery_at(shop *s, const char *webhook, int64_t seq)
{
    gx_webhook_delivery_row row;
    assert_int_equal(gx_webhook_deliveries_at(s->database, &s->arena, webhook, seq, &row), GX_STEP_ROW);
    return row;
}

/* --- webhooks --- */

static void a_webhook_is_found_as_it_was_written_with_the_head_of_its_log(void **state)
{
    shop *s = *state;
    gx_webhook_row row;
    add(s, "wh_1", ADA, 40);
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, ADA, "wh_1", &row), GX_STEP_ROW);
    assert_string_equal(row.id, "wh_1");
    assert_string_equal(row.developer_id, ADA);
    assert_string_equal(row.url, "https://hooks.example/");
    assert_string_equal(row.secret, "0123");
    assert_true(row.cursor_seq == 40 && row.head_seq == 100 && row.created_at == 1000);
    assert_true(row.leased_by == NULL && row.leased_until == 0);
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, BOB, "wh_1", &row), GX_STEP_DONE);
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, ADA, "wh_2", &row), GX_STEP_DONE);
}

static void the_filter_is_what_the_names_say_and_a_strange_one_adds_nothing(void **state)
{
    shop *s = *state;
    gx_webhook_row row;
    add(s, "wh_1", ADA, 0);
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, ADA, "wh_1", &row), GX_STEP_ROW);
    assert_int_equal(row.filter,
                     1u << GX_EVENT_GRANT_CREATED | 1u << GX_EVENT_GRANT_REVOKED | 1u << GX_EVENT_BUDGET_EXHAUSTED);
}

static void ones_own_webhooks_are_listed_and_counted(void **state)
{
    shop *s = *state;
    const gx_webhook_row *first;
    int64_t count;
    add(s, "wh_1", ADA, 0);
    add(s, "wh_2", BOB, 0);
    add(s, "wh_3", ADA, 0);
    assert_true(gx_webhooks_list(s->database, &s->arena, ADA, &first));
    assert_string_equal(first->id, "wh_3");
    assert_string_equal(first->next->id, "wh_1");
    assert_null(first->next->next);
    assert_true(gx_webhooks_count(s->database, ADA, &count) && count == 2);
}

static void the_sender_walks_over_everybodys_by_id(void **state)
{
    shop *s = *state;
    const gx_webhook_row *first;
    add(s, "wh_2", BOB, 0);
    add(s, "wh_1", ADA, 0);
    add(s, "wh_3", ADA, 0);
    assert_true(gx_webhooks_list_all(s->database, &s->arena, "", 2, &first));
    assert_string_equal(first->id, "wh_1");
    assert_string_equal(first->next->id, "wh_2");
    assert_int_equal(first->next->head_seq, 7);
    assert_null(first->next->next);
    assert_true(gx_webhooks_list_all(s->database, &s->arena, "wh_2", 2, &first));
    assert_string_equal(first->id, "wh_3");
    assert_null(first->next);
}

static void a_webhook_goes_with_its_deliveries_and_only_for_its_developer(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 0);
    add_mine(s, "wh_2", ADA, 0);
    assert_int_equal(record(s, "me", "wh_1", 1, "pending"), GX_STEP_ROW);
    assert_int_equal(record(s, "me", "wh_2", 1, "pending"), GX_STEP_ROW);
    assert_int_equal(gx_webhooks_delete(s->database, BOB, "wh_1"), GX_STEP_DONE);
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries"), 2);
    assert_int_equal(gx_webhooks_delete(s->database, ADA, "wh_1"), GX_STEP_ROW);
    assert_int_equal(gx_webhooks_delete(s->database, ADA, "wh_1"), GX_STEP_DONE);
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries WHERE webhook_id = 'wh_2'"), 1);
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries"), 1);
}

/* --- leases --- */

static void one_server_at_a_time_has_the_lease(void **state)
{
    shop *s = *state;
    gx_webhook_row row = {0};
    add(s, "wh_1", ADA, 40);
    assert_int_equal(lease(s, "wh_1", "me", 1000, 2000, &row), GX_STEP_ROW);
    assert_true(row.cursor_seq == 40 && row.head_seq == 100 && row.leased_until == 2000);
    assert_string_equal(row.leased_by, "me");
    assert_int_equal(lease(s, "wh_1", "you", 1500, 2500, &row), GX_STEP_DONE);
    assert_int_equal(lease(s, "wh_1", "you", 2000, 2500, &row), GX_STEP_DONE); /* until then, it too */
    assert_int_equal(lease(s, "wh_1", "me", 1500, 3000, &row), GX_STEP_ROW);   /* renewed */
    assert_int_equal(lease(s, "wh_1", "you", 2001, 2500, &row), GX_STEP_DONE);
    assert_int_equal(lease(s, "wh_1", "you", 3001, 4000, &row), GX_STEP_ROW);
    assert_int_equal(lease(s, "wh_1", "me", 3500, 5000, &row), GX_STEP_DONE);
    assert_int_equal(lease(s, "wh_2", "me", 1000, 2000, &row), GX_STEP_DONE);
}

static void who_stops_gives_back_what_is_leased(void **state)
{
    shop *s = *state;
    gx_webhook_row row;
    add_mine(s, "wh_1", ADA, 0);
    add(s, "wh_2", ADA, 0);
    assert_int_equal(lease(s, "wh_2", "you", 1000, 9000, &row), GX_STEP_ROW);
    assert_true(gx_webhooks_release(s->database, "me"));
    assert_int_equal(lease(s, "wh_1", "she", 1001, 9000, &row), GX_STEP_ROW);
    assert_int_equal(lease(s, "wh_2", "she", 1001, 9000, &row), GX_STEP_DONE);
}

static void the_cursor_moves_on_for_the_owner_and_never_back(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 40);
    assert_int_equal(gx_webhooks_move(s->database, "wh_1", "me", 50), GX_STEP_ROW);
    assert_int_equal(gx_webhooks_move(s->database, "wh_1", "me", 45), GX_STEP_ROW);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 50);
    assert_int_equal(gx_webhooks_move(s->database, "wh_1", "you", 60), GX_STEP_DONE);
    assert_int_equal(gx_webhooks_move(s->database, "wh_2", "me", 60), GX_STEP_DONE);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 50);
}

/* --- deliveries --- */

static void an_attempt_is_kept_and_moves_the_cursor_only_when_it_settles(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 40);
    gx_webhook_delivery_row attempt = attempt_of("wh_1", 41, "pending");
    attempt.last_error = "HTTP 500";
    assert_int_equal(gx_webhook_deliveries_record(s->database, "me", &attempt), GX_STEP_ROW);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 40);
    gx_webhook_delivery_row kept = delivery_at(s, "wh_1", 41);
    assert_string_equal(kept.id, attempt.id);
    assert_string_equal(kept.last_error, "HTTP 500");
    assert_true(kept.attempts == 1 && kept.next_attempt_at == 5000 && kept.delivered_at == 0);

    gx_webhook_delivery_row second = attempt_of("wh_1", 41, "delivered");
    second.id = "whd_another";
    second.attempts = 2;
    second.created_at = second.delivered_at = 6000;
    assert_int_equal(gx_webhook_deliveries_record(s->database, "me", &second), GX_STEP_ROW);
    kept = delivery_at(s, "wh_1", 41);
    assert_string_equal(kept.id, attempt.id); /* the first attempt's */
    assert_string_equal(kept.status, "delivered");
    assert_true(kept.attempts == 2 && kept.created_at == 2000 && kept.delivered_at == 6000 && kept.last_error == NULL);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 41);

    assert_int_equal(record(s, "me", "wh_1", 42, "failed"), GX_STEP_ROW);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 42);
    assert_int_equal(record(s, "me", "wh_1", 30, "delivered"), GX_STEP_ROW); /* sent again, long behind */
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 42);
}

static void who_has_lost_the_lease_or_the_webhook_records_nothing(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 40);
    assert_int_equal(record(s, "you", "wh_1", 41, "delivered"), GX_STEP_DONE);
    assert_int_equal(record(s, "me", "wh_gone", 41, "delivered"), GX_STEP_DONE);
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries"), 0);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 40);
}

static void deliveries_are_listed_by_status_and_found_for_their_developer(void **state)
{
    shop *s = *state;
    static const char *const STATUSES[] = {"delivered", "failed", "pending"};
    const gx_webhook_delivery_row *first;
    gx_webhook_delivery_row row;
    int64_t count;
    add_mine(s, "wh_1", ADA, 0);
    for (int64_t seq = 1; seq <= 3; seq++)
        assert_int_equal(record(s, "me", "wh_1", seq, STATUSES[seq - 1]), GX_STEP_ROW);
    for (int64_t seq = 1; seq <= 3; seq++) {
        assert_true(
            gx_webhook_deliveries_list(s->database, &s->arena, "wh_1", STATUSES[seq - 1], (gx_paging){1, 9}, &first));
        assert_true(first->seq == seq && first->next == NULL);
    }
    assert_true(gx_webhook_deliveries_count(s->database, "wh_1", "", &count) && count == 3);
    assert_true(gx_webhook_deliveries_list(s->database, &s->arena, "wh_1", "", (gx_paging){2, 2}, &first));
    assert_true(first->seq == 1 && first->next == NULL);
    assert_int_equal(gx_webhook_deliveries_find(s->database, &s->arena, ADA, first->id, &row), GX_STEP_ROW);
    assert_int_equal(row.seq, 1);
    assert_int_equal(gx_webhook_deliveries_find(s->database, &s->arena, BOB, first->id, &row), GX_STEP_DONE);
    assert_int_equal(gx_webhook_deliveries_at(s->database, &s->arena, "wh_1", 4, &row), GX_STEP_DONE);
}

static void what_failed_is_due_again_when_asked_for_and_nothing_else_is(void **state)
{
    shop *s = *state;
    const gx_webhook_delivery_row *first;
    add_mine(s, "wh_1", ADA, 0);
    assert_int_equal(record(s, "me", "wh_1", 1, "failed"), GX_STEP_ROW);
    assert_int_equal(record(s, "me", "wh_1", 2, "delivered"), GX_STEP_ROW);
    assert_int_equal(record(s, "me", "wh_1", 3, "pending"), GX_STEP_ROW); /* in turn: not asked for again */
    const char *failed = delivery_at(s, "wh_1", 1).id;
    assert_int_equal(gx_webhook_deliveries_again(s->database, delivery_at(s, "wh_1", 2).id, 6000), GX_STEP_DONE);
    assert_int_equal(gx_webhook_deliveries_again(s->database, failed, 6000), GX_STEP_ROW);
    assert_int_equal(gx_webhook_deliveries_again(s->database, failed, 6000), GX_STEP_DONE);
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "me", 5999, 9, &first) && first == NULL);
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "me", 6000, 9, &first));
    assert_string_equal(first->id, failed);
    assert_int_equal(first->attempts, 0);
    assert_null(first->next);
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "me", 6000, 0, &first) && first == NULL);
}

static void what_is_due_is_left_to_the_one_who_has_the_lease(void **state)
{
    shop *s = *state;
    const gx_webhook_delivery_row *first;
    gx_webhook_row row;
    add(s, "wh_1", ADA, 0);
    assert_int_equal(lease(s, "wh_1", "me", 1000, 7000, &row), GX_STEP_ROW);
    assert_int_equal(record(s, "me", "wh_1", 1, "failed"), GX_STEP_ROW);
    assert_int_equal(gx_webhook_deliveries_again(s->database, delivery_at(s, "wh_1", 1).id, 6000), GX_STEP_ROW);
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "you", 6500, 9, &first) && first == NULL);
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "you", 7001, 9, &first) && first != NULL);
    assert_true(gx_webhooks_release(s->database, "me"));
    assert_true(gx_webhook_deliveries_due(s->database, &s->arena, "you", 6500, 9, &first) && first != NULL);
}

static void the_newest_settled_deliveries_are_kept_and_what_is_pending(void **state)
{
    shop *s = *state;
    static const char FILL[] =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) INSERT INTO webhook_deliveries"
        " SELECT 'wh_1', i, 'whd_' || i, 'evt_' || i, 'grant.created', CASE WHEN i IN (3, 700) THEN 'pending'"
        " WHEN i % 2 = 0 THEN 'failed' ELSE 'delivered' END, 1, 0, NULL, i, NULL FROM n";
    add_mine(s, "wh_1", ADA, 0);
    add_mine(s, "wh_2", ADA, 0);
    assert_int_equal(record(s, "me", "wh_2", 1, "delivered"), GX_STEP_ROW);
    gx_statement *fill = gx_query(s->database, FILL);
    gx_bind_int(fill, 1, GX_WEBHOOK_DELIVERIES_KEPT + 12);
    assert_true(gx_statement_run(fill));
    assert_true(gx_webhook_deliveries_trim(s->database, "wh_1"));
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries"),
                     GX_WEBHOOK_DELIVERIES_KEPT + 3);
    assert_int_equal(number_from(s->database, "SELECT MIN(seq) FROM webhook_deliveries WHERE status <> 'pending'"
                                              " AND webhook_id = 'wh_1'"),
                     12); /* ten went: 1, 2 and 4 to 11 */
    assert_true(gx_webhook_deliveries_trim(s->database, "wh_1"));
    assert_int_equal(number_from(s->database, "SELECT COUNT(*) FROM webhook_deliveries"),
                     GX_WEBHOOK_DELIVERIES_KEPT + 3);
}

/* --- when the store or the memory fails --- */

static void a_store_without_the_tables_is_a_fault_everywhere(void **state)
{
    shop *s = *state;
    const gx_webhook_row *webhooks = NULL;
    const gx_webhook_delivery_row *deliveries = NULL;
    gx_webhook_row webhook;
    gx_webhook_delivery_row delivery = attempt_of("wh_1", 1, "pending");
    int64_t count;
    assert_true(gx_statement_run(gx_query(s->database, "DROP TABLE webhooks")));
    assert_true(gx_statement_run(gx_query(s->database, "DROP TABLE webhook_deliveries")));
    assert_false(gx_webhooks_insert(s->database, &(gx_webhook_row){.id = "wh_1"}));
    assert_int_equal(gx_webhooks_find(s->database, &s->arena, ADA, "wh_1", &webhook), GX_STEP_ERROR);
    assert_false(gx_webhooks_list(s->database, &s->arena, ADA, &webhooks));
    assert_false(gx_webhooks_list_all(s->database, &s->arena, "", 9, &webhooks));
    assert_false(gx_webhooks_count(s->database, ADA, &count));
    assert_int_equal(gx_webhooks_delete(s->database, ADA, "wh_1"), GX_STEP_ERROR);
    assert_int_equal(lease(s, "wh_1", "me", 1, 2, &webhook), GX_STEP_ERROR);
    assert_false(gx_webhooks_release(s->database, "me"));
    assert_int_equal(gx_webhooks_move(s->database, "wh_1", "me", 1), GX_STEP_ERROR);
    assert_int_equal(gx_webhook_deliveries_record(s->database, "me", &delivery), GX_STEP_ERROR);
    assert_int_equal(gx_webhook_deliveries_at(s->database, &s->arena, "wh_1", 1, &delivery), GX_STEP_ERROR);
    assert_int_equal(gx_webhook_deliveries_find(s->database, &s->arena, ADA, "whd_1", &delivery), GX_STEP_ERROR);
    assert_int_equal(gx_webhook_deliveries_again(s->database, "whd_1", 1), GX_STEP_ERROR);
    assert_false(gx_webhook_deliveries_list(s->database, &s->arena, "wh_1", "", (gx_paging){1, 9}, &deliveries));
    assert_false(gx_webhook_deliveries_count(s->database, "wh_1", "", &count));
    assert_false(gx_webhook_deliveries_due(s->database, &s->arena, "me", 1, 9, &deliveries));
    assert_false(gx_webhook_deliveries_trim(s->database, "wh_1"));
    assert_true(webhooks == NULL && deliveries == NULL);
}

static void a_delivery_that_cannot_be_written_is_a_fault_after_the_cursor_so_both_go(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 40);
    assert_true(gx_statement_run(gx_query(s->database, "DROP TABLE webhook_deliveries")));
    assert_true(gx_database_begin(s->database, true));
    assert_int_equal(record(s, "me", "wh_1", 41, "delivered"), GX_STEP_ERROR);
    gx_database_rollback(s->database);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 40);
    assert_true(gx_database_begin(s->database, true));
    assert_int_equal(gx_webhooks_delete(s->database, ADA, "wh_1"), GX_STEP_ERROR);
    gx_database_rollback(s->database);
    assert_int_equal(cursor_of(s, ADA, "wh_1"), 40);
}

static void a_row_is_whole_or_a_fault_with_any_failed_allocation(void **state)
{
    shop *s = *state;
    add_mine(s, "wh_1", ADA, 0);
    assert_int_equal(record(s, "me", "wh_1", 1, "failed"), GX_STEP_ROW);
    bool failed = true;
    for (long n = 1; failed && n < MOST_ALLOCATIONS; n++) {
        gx_arena arena = GX_ARENA_INIT(0);
        gx_webhook_row webhook = {0};
        gx_webhook_delivery_row delivery = {0};
        const gx_webhook_row *webhooks = NULL;
        const gx_webhook_delivery_row *deliveries = NULL;
        gx_fail_allocation(n);
        gx_step one = gx_webhooks_lease(s->database, &arena, "wh_1", "me", 1000, INT64_MAX, &webhook);
        gx_step two = gx_webhook_deliveries_at(s->database, &arena, "wh_1", 1, &delivery);
        bool three = gx_webhooks_list(s->database, &arena, ADA, &webhooks);
        bool four = gx_webhook_deliveries_list(s->database, &arena, "wh_1", "", (gx_paging){1, 9}, &deliveries);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_true(one == GX_STEP_ROW ? webhook.secret != NULL : one == GX_STEP_ERROR && webhook.id == NULL);
        assert_true(two == GX_STEP_ROW ? delivery.event_type != NULL : two == GX_STEP_ERROR && delivery.id == NULL);
        assert_true(three == (webhooks != NULL) && four == (deliveries != NULL));
        assert_true(failed || (one == GX_STEP_ROW && two == GX_STEP_ROW && three && four));
        gx_arena_free(&arena);
    }
    assert_false(failed);
}

#define IN_A_SHOP(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_SHOP(a_webhook_is_found_as_it_was_written_with_the_head_of_its_log),
        IN_A_SHOP(the_filter_is_what_the_names_say_and_a_strange_one_adds_nothing),
        IN_A_SHOP(ones_own_webhooks_are_listed_and_counted),
        IN_A_SHOP(the_sender_walks_over_everybodys_by_id),
        IN_A_SHOP(a_webhook_goes_with_its_deliveries_and_only_for_its_developer),
        IN_A_SHOP(one_server_at_a_time_has_the_lease),
        IN_A_SHOP(who_stops_gives_back_what_is_leased),
        IN_A_SHOP(the_cursor_moves_on_for_the_owner_and_never_back),
        IN_A_SHOP(an_attempt_is_kept_and_moves_the_cursor_only_when_it_settles),
        IN_A_SHOP(who_has_lost_the_lease_or_the_webhook_records_nothing),
        IN_A_SHOP(deliveries_are_listed_by_status_and_found_for_their_developer),
        IN_A_SHOP(what_failed_is_due_again_when_asked_for_and_nothing_else_is),
        IN_A_SHOP(what_is_due_is_left_to_the_one_who_has_the_lease),
        IN_A_SHOP(the_newest_settled_deliveries_are_kept_and_what_is_pending),
        IN_A_SHOP(a_store_without_the_tables_is_a_fault_everywhere),
        IN_A_SHOP(a_delivery_that_cannot_be_written_is_a_fault_after_the_cursor_so_both_go),
        IN_A_SHOP(a_row_is_whole_or_a_fault_with_any_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
