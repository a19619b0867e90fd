/* What a streaming request asks for, and where that is in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "api/stream_start.h"
#include "store/schema.h"
#include "support/failing_alloc.h"

#define NO_EVENT "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define NOON_MS  INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */

typedef struct fixture {
    gx_http_request request;
    gx_call call;
    gx_stream_start start;
} fixture;

static bool parse_with_header(fixture *f, const char *query, const char *last_event_id)
{
    *f = (fixture){.request = {.query = gx_span_of(query)}};
    if (last_event_id) {
        f->request.headers[0] = (gx_http_header){GX_SPAN("last-event-id"), gx_span_of(last_event_id)};
        f->request.header_count = 1;
    }
    f->call.request = &f->request;
    f->call.arena = GX_ARENA_INIT(0);
    bool result = gx_stream_start_parse(&f->call, &f->start);
    gx_arena_free(&f->call.arena);
    return result;
}

static bool parse(fixture *f, const char *query)
{
    return parse_with_header(f, query, NULL);
}

static void assert_filter(const char *query, gx_event_filter want)
{
    fixture f;
    assert_true(parse(&f, query));
    assert_int_equal(f.start.filter, want);
}

static void assert_refused(const char *query, const char *code, const char *words)
{
    fixture f;
    assert_false(parse(&f, query));
    assert_int_equal(f.call.problem.status, 400);
    assert_string_equal(f.call.problem.code, code);
    if (!strstr(f.call.problem.message, words))
        fail_msg("\"%s\" does not say \"%s\"", f.call.problem.message, words);
}

enum {
    CREATED = 1u << GX_EVENT_GRANT_CREATED,
    REVOKED = 1u << GX_EVENT_GRANT_REVOKED,
    ISSUED = 1u << GX_EVENT_TOKEN_ISSUED,
    BUDGET = 1u << GX_EVENT_BUDGET_THRESHOLD | 1u << GX_EVENT_BUDGET_EXHAUSTED,
};

static void no_filter_and_an_empty_one_mean_all(void **state)
{
    (void)state;
    assert_filter("", GX_EVENT_FILTER_ALL);
    assert_filter("types=", GX_EVENT_FILTER_ALL);
    assert_filter("event_types=%20,%20&types=", GX_EVENT_FILTER_ALL);
}

static void types_come_separated_repeated_and_under_two_names(void **state)
{
    (void)state;
    assert_filter("types=grant.created", CREATED);
    assert_filter("types=grant.created,%20token.issued%20", CREATED | ISSUED);
    assert_filter("types=grant.created&types=token.issued", CREATED | ISSUED);
    assert_filter("event_types=grant.created&types=token.issued", CREATED | ISSUED);
    assert_filter("event_types=grant.*", CREATED | REVOKED);
    assert_filter("types=budget.*,grant.revoked", BUDGET | REVOKED);
}

static void an_unknown_type_is_refused_by_name_beside_those_there_are(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"types",         "grant.created",    "grant.revoked",
                                        "token.issued",  "budget.exhausted", "budget.threshold",
                                        "grant.exploded"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        assert_refused("types=grant.created,grant.exploded", "INVALID_EVENT_TYPE", WORDS[i]);
    assert_refused("event_types=nothing.*", "INVALID_EVENT_TYPE", "event_types: ");
}

static void a_since_is_taken_with_any_offset(void **state)
{
    (void)state;
    static const char *const NOON[] = {"since=2026-03-01T12:00:00Z", "since=2026-03-01T14:00:00%2B02:00",
                                       "since=2026-03-01T14:00:00+02:00", "since=2026-03-01T12:00:00.000000000Z"};
    fixture f;
    for (size_t i = 0; i < sizeof NOON / sizeof *NOON; i++) {
        assert_true(parse(&f, NOON[i]));
        assert_int_equal(f.start.from, GX_FROM_SINCE);
        assert_int_equal(f.start.since_ms, NOON_MS);
    }
}

static void a_since_that_is_no_point_in_time_is_refused(void **state)
{
    (void)state;
    assert_refused("since=2026-03-01T12:00:00", "BAD_REQUEST", "offset");
    assert_refused("since=yesterday", "BAD_REQUEST", "RFC 3339");
    assert_refused("since=", "BAD_REQUEST", "since: ");
    assert_refused("since=2026-03-01T12:00:00Z&since=2026-03-01T12:00:00Z", "BAD_REQUEST", "since: ");
    assert_refused("since=bad&last_event_id=" NO_EVENT, "BAD_REQUEST", "since: ");
}

static void the_header_wins_over_the_query_and_both_over_since(void **state)
{
    (void)state;
    fixture f;
    assert_true(parse_with_header(&f, "since=2026-03-01T12:00:00Z&last_event_id=evt_bad", NO_EVENT));
    assert_int_equal(f.start.from, GX_FROM_CURSOR);
    assert_string_equal(f.start.cursor, NO_EVENT);
    assert_true(parse(&f, "last_event_id=" NO_EVENT "&since=2026-03-01T12:00:00Z"));
    assert_int_equal(f.start.from, GX_FROM_CURSOR);
    assert_true(parse_with_header(&f, "since=2026-03-01T12:00:00Z", ""));
    assert_int_equal(f.start.from, GX_FROM_SINCE);
    assert_true(parse(&f, "last_event_id="));
    assert_int_equal(f.start.from, GX_FROM_NOW);
}

static void a_cursor_that_is_no_id_is_refused(void **state)
{
    (void)state;
    fixture f;
    assert_false(parse_with_header(&f, "", "17"));
    assert_string_equal(f.call.problem.code, "INVALID_CURSOR");
    assert_refused("last_event_id=grnt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "INVALID_CURSOR", "last_event_id");
    assert_refused("last_event_id=" NO_EVENT "0", "INVALID_CURSOR", "last_event_id");
}

static void a_query_that_finds_no_memory_is_refused_for_now(void **state)
{
    (void)state;
    bool failed = true;
    for (long n = 1; failed; n++) {
        fixture f;
        gx_fail_allocation(n);
        bool result = parse(&f, "types=grant.*&since=2026-03-01T12:00:00Z&last_event_id=" NO_EVENT);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(result, !failed);
        if (failed)
            assert_int_equal(f.call.problem.status, 503);
    }
}

/* --- in the log --- */

typedef struct book {
    gx_database *database;
    gx_txn txn;
} book;

static void run_sql(gx_database *database, const char *sql)
{
    assert_true(gx_statement_run(gx_query(database, sql)));
}

/* Three events, a second apart, the first at noon. */
static int open_book(void **state)
{
    static book b;
    gx_error error = {{0}};
    b.database = gx_sqlite_open(":memory:", false, &error);
    if (!b.database || gx_schema_migrate(b.database, &error) != 0)
        fail_msg("%s", error.message);
    b.txn = (gx_txn){.database = b.database};
    assert_true(gx_database_begin(b.database, true));
    run_sql(b.database, "INSERT INTO developers (id, name, mode, created_at, last_seq, last_event_id, "
                        "last_event_at) VALUES ('dev_a', 'a', 'live', 0, 3, 'evt_01ARZ3NDEKTSV4RRFFQ69G5FA3', "
                        "1772366402000), ('dev_b', 'b', 'live', 0, 0, '', 0)");
    run_sql(b.database, "INSERT INTO events (developer_id, seq, id, type, timestamp, data) VALUES "
                        "('dev_a', 1, 'evt_01ARZ3NDEKTSV4RRFFQ69G5FA1', 'grant.created', 1772366400000, '{}'),"
                        "('dev_a', 2, 'evt_01ARZ3NDEKTSV4RRFFQ69G5FA2', 'grant.created', 1772366401000, '{}'),"
                        "('dev_a', 3, 'evt_01ARZ3NDEKTSV4RRFFQ69G5FA3', 'grant.created', 1772366402000, '{}')");
    *state = &b;
    return 0;
}

static int close_book(void **state)
{
    book *b = *state;
    gx_database_rollback(b->database);
    gx_database_close(b->database);
    return 0;
}

static bool find(book *b, const char *developer_id, gx_stream_start *start, gx_problem *problem)
{
    *problem = (gx_problem){0};
    gx_act act = {.txn = &b->txn, .problem = problem, .developer_id = developer_id};
    return gx_stream_start_find(&act, start);
}

static void now_is_the_head(void **state)
{
    gx_stream_start start = {.from = GX_FROM_NOW};
    gx_problem problem;
    assert_true(find(*state, "dev_a", &start, &problem));
    assert_int_equal(start.after.seq, 3);
    assert_int_equal(start.not_before_ms, 0);
    assert_true(find(*state, "dev_b", &start, &problem));
    assert_int_equal(start.after.seq, 0);
}

static void since_includes_its_own_millisecond(void **state)
{
    static const struct {
        int64_t since_ms, seq;
    } CASES[] = {{NOON_MS, 0}, {NOON_MS - 1, 0}, {NOON_MS + 1, 1}, {NOON_MS + 1000, 1}, {NOON_MS + 2001, 3}};
    gx_problem problem;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        gx_stream_start start = {.from = GX_FROM_SINCE, .since_ms = CASES[i].since_ms};
        assert_true(find(*state, "dev_a", &start, &problem));
        assert_int_equal(start.after.seq, CASES[i].seq);
        assert_int_equal(start.not_before_ms, CASES[i].since_ms);
    }
}

static void a_cursor_is_the_event_itself(void **state)
{
    gx_stream_start start = {.from = GX_FROM_CURSOR, .cursor = "evt_01ARZ3NDEKTSV4RRFFQ69G5FA2"};
    gx_problem problem;
    assert_true(find(*state, "dev_a", &start, &problem));
    assert_int_equal(start.after.seq, 2);
    assert_int_equal(start.not_before_ms, 0);
}

static void a_cursor_of_nobody_or_of_another_is_refused(void **state)
{
    gx_problem problem;
    gx_stream_start unknown = {.from = GX_FROM_CURSOR, .cursor = NO_EVENT};
    assert_false(find(*state, "dev_a", &unknown, &problem));
    assert_int_equal(problem.status, 400);
    assert_string_equal(problem.code, "INVALID_CURSOR");
    gx_stream_start foreign = {.from = GX_FROM_CURSOR, .cursor = "evt_01ARZ3NDEKTSV4RRFFQ69G5FA2"};
    assert_false(find(*state, "dev_b", &foreign, &problem));
    assert_string_equal(problem.code, "INVALID_CURSOR");
}

int main(void)
{
#define IN_LOG(name) cmocka_unit_test_setup_teardown(name, open_book, close_book)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_filter_and_an_empty_one_mean_all),
        cmocka_unit_test(types_come_separated_repeated_and_under_two_names),
        cmocka_unit_test(an_unknown_type_is_refused_by_name_beside_those_there_are),
        cmocka_unit_test(a_since_is_taken_with_any_offset),
        cmocka_unit_test(a_since_that_is_no_point_in_time_is_refused),
        cmocka_unit_test(the_header_wins_over_the_query_and_both_over_since),
        cmocka_unit_test(a_cursor_that_is_no_id_is_refused),
        cmocka_unit_test(a_query_that_finds_no_memory_is_refused_for_now),
        IN_LOG(now_is_the_head),
        IN_LOG(since_includes_its_own_millisecond),
        IN_LOG(a_cursor_is_the_event_itself),
        IN_LOG(a_cursor_of_nobody_or_of_another_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
