/* What one write takes: the frames that a view shows after a place, gathered once for all who stand there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "feed/run.h"
#include "support/failing_alloc.h"

enum { EVENTS = 200 };

static const gx_view EVERYTHING = {.filter = GX_EVENT_FILTER_ALL};

static gx_event_type type_of(int64_t seq)
{
    return (gx_event_type)(seq % GX_EVENT_TYPE_COUNT);
}

static void push(gx_tail *tail, int64_t seq, gx_span data)
{
    gx_logged_event event = {
        .developer_id = "dev_a",
        .seq = seq,
        .timestamp_ms = seq * 1000,
        .id = GX_SPAN("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        .type = type_of(seq),
        .type_name = GX_SPAN("grant.created"),
        .data = data,
    };
    gx_frame *frame = gx_frame_new(&event);
    assert_non_null(frame);
    gx_tail_push(tail, frame);
    gx_frame_drop(frame);
}

static int open_tail(void **state)
{
    gx_tail *tail = gx_tail_new("dev_a", 1024, SIZE_MAX);
    assert_non_null(tail);
    for (int64_t seq = 1; seq <= EVENTS; seq++)
        push(tail, seq, GX_SPAN("{}"));
    *state = tail;
    return 0;
}

static int close_tail(void **state)
{
    gx_tail_free(*state);
    return 0;
}

/* The run has exactly what the view shows after `after`, as far as one write goes, in pieces and joined. */
static void assert_gathered(const gx_run *run, const gx_tail *tail, int64_t after, gx_view view)
{
    gx_buffer expected = GX_BUFFER_INIT(0);
    unsigned count = 0;
    int64_t last = 0;
    for (int64_t seq = after + 1; seq <= tail->newest && count < GX_SINK_MOST_PIECES; seq++) {
        last = seq;
        if (!gx_view_shows(&view, type_of(seq), seq * 1000))
            continue;
        gx_frame *frame = gx_tail_find(tail, seq);
        assert_ptr_equal(run->frames[count], frame);
        gx_span bytes = gx_frame_bytes(frame, view.framing);
        assert_ptr_equal(run->pieces[count].ptr, bytes.ptr);
        assert_int_equal(run->pieces[count++].len, bytes.len);
        gx_buffer_append_span(&expected, bytes);
    }
    assert_int_equal(run->count, count);
    assert_int_equal(run->last ? gx_frame_position(run->last)->seq : 0, last);
    if (run->joined.length > 0) {
        assert_int_equal(run->joined.length, expected.length);
        assert_memory_equal(run->joined.data, expected.data, expected.length);
    }
    gx_buffer_free(&expected);
}

static void it_has_what_the_view_shows_from_every_place_on(void **state)
{
    gx_tail *tail = *state;
    gx_run run;
    gx_run_begin(&run);
    for (int framing = 0; framing < GX_FRAMING_COUNT; framing++) {
        for (int64_t after = 0; after <= EVENTS; after++) {
            gx_view view = {.filter = GX_EVENT_FILTER_ALL, .framing = (gx_framing)framing};
            gx_run_gather(&run, tail, after, &view);
            assert_gathered(&run, tail, after, view);
            view.filter = 1u << type_of(after);
            gx_run_gather(&run, tail, after, &view);
            assert_gathered(&run, tail, after, view);
            view.not_before_ms = (EVENTS - 10) * 1000;
            gx_run_gather(&run, tail, after, &view);
            assert_gathered(&run, tail, after, view);
        }
    }
    gx_run_end(&run);
}

static void several_frames_lie_in_one_piece_and_a_single_one_is_not_copied(void **state)
{
    gx_run run;
    gx_run_begin(&run);
    gx_run_gather(&run, *state, EVENTS - 8, &EVERYTHING);
    assert_int_equal(run.count, 8);
    assert_true(run.joined.length > 0);
    gx_run_gather(&run, *state, EVENTS - 1, &EVERYTHING);
    assert_int_equal(run.count, 1);
    assert_int_equal(run.joined.length, 0);
    gx_run_end(&run);
}

static void who_stands_at_the_same_place_gets_what_is_there_already(void **state)
{
    gx_run run;
    gx_run_begin(&run);
    gx_run_gather(&run, *state, 5, &EVERYTHING);
    run.joined.data[0] = '!'; /* had it been gathered again, this would be gone */
    gx_run_gather(&run, *state, 5, &EVERYTHING);
    assert_int_equal(run.joined.data[0], '!');
    gx_run_gather(&run, *state, 6, &EVERYTHING);
    assert_int_not_equal(run.joined.data[0], '!');
    gx_run_end(&run);
}

static void who_wants_something_else_gets_it(void **state)
{
    const gx_view others[] = {
        {.filter = 1u << GX_EVENT_TOKEN_ISSUED},
        {.filter = GX_EVENT_FILTER_ALL, .framing = GX_FRAMING_WEBSOCKET},
        {.filter = GX_EVENT_FILTER_ALL, .not_before_ms = 50000},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        gx_run run;
        gx_run_begin(&run);
        gx_run_gather(&run, *state, 5, &EVERYTHING);
        gx_run_gather(&run, *state, 5, &others[i]);
        assert_gathered(&run, *state, 5, others[i]);
        gx_run_end(&run);
    }
}

static void very_long_runs_are_not_copied(void **state)
{
    gx_tail *tail = *state;
    static char data[8192];
    memset(data, ' ', sizeof data);
    data[0] = '{';
    data[sizeof data - 1] = '}';
    for (int64_t seq = EVENTS + 1; seq <= EVENTS + 64; seq++)
        push(tail, seq, (gx_span){data, sizeof data});
    gx_run run;
    gx_run_begin(&run);
    gx_run_gather(&run, tail, EVENTS, &EVERYTHING);
    assert_int_equal(run.count, 64);
    assert_int_equal(run.joined.length, 0);
    gx_run_end(&run);
}

static void beyond_the_newest_there_is_nothing(void **state)
{
    gx_run run;
    gx_run_begin(&run);
    gx_run_gather(&run, *state, EVENTS, &EVERYTHING);
    assert_null(run.last);
    gx_run_end(&run);
}

static void without_memory_the_pieces_go_out_as_they_are(void **state)
{
    gx_run run;
    gx_run_begin(&run);
    gx_fail_allocation(1);
    gx_run_gather(&run, *state, 0, &EVERYTHING);
    gx_fail_allocation(0);
    assert_gathered(&run, *state, 0, EVERYTHING);
    assert_int_equal(run.joined.length, 0);
    gx_run_gather(&run, *state, 1, &EVERYTHING);
    assert_true(run.joined.length > 0);
    gx_run_end(&run);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_tail, close_tail)
    const struct CMUnitTest tests[] = {
        TEST(it_has_what_the_view_shows_from_every_place_on),
        TEST(several_frames_lie_in_one_piece_and_a_single_one_is_not_copied),
        TEST(who_stands_at_the_same_place_gets_what_is_there_already),
        TEST(who_wants_something_else_gets_it),
        TEST(very_long_runs_are_not_copied),
        TEST(beyond_the_newest_there_is_nothing),
        TEST(without_memory_the_pieces_go_out_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
