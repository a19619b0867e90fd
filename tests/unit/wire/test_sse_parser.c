#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/failing_alloc.h"
#include "wire/sse_transcript.h"

#define ROOM (1 << 16)

static grantex_sse_parser *parser_with(size_t max_event_bytes, const char *last_event_id)
{
    grantex_sse_parser *parser;
    grantex_sse_options options = {max_event_bytes, last_event_id};
    assert_int_equal(grantex_sse_parser_new(&options, &parser), GRANTEX_OK);
    return parser;
}

/* Feeds the stream in pieces of `first` and then `later` bytes to a parser with this limit; the transcript is written
 * into `text`. */
static void run(sse_transcript_feeder feed, gx_span stream, size_t limit, size_t first, size_t later,
                gx_buffer *transcript)
{
    gx_buffer_clear(transcript);
    grantex_sse_parser *parser = parser_with(limit, "seed");
    for (size_t n = first; stream.len > 0; n = later) {
        n = n < stream.len ? n : stream.len;
        feed(transcript, parser, (gx_span){stream.ptr, n});
        stream = (gx_span){stream.ptr + n, stream.len - n};
    }
    sse_transcript_state(transcript, parser);
    grantex_sse_parser_free(parser);
}

/* Whole, split in two at every place, and byte by byte. */
static void check_way(sse_transcript_feeder feed, gx_span stream, size_t limit, const char *expected)
{
    gx_buffer transcript = GX_BUFFER_INIT(ROOM);
    for (size_t split = 1; split <= stream.len; split++) {
        run(feed, stream, limit, split, SIZE_MAX, &transcript);
        assert_string_equal(gx_buffer_text(&transcript), expected);
    }
    run(feed, stream, limit, 1, 1, &transcript);
    assert_string_equal(gx_buffer_text(&transcript), expected);
    gx_buffer_free(&transcript);
}

static void check(gx_span stream, size_t limit, const char *expected)
{
    check_way(sse_transcript_feed, stream, limit, expected);
    check_way(sse_transcript_feed_in_place, stream, limit, expected);
}

static void a_whole_event_that_may_stay_in_place_is_the_same(void **state)
{
    (void)state;
    check(GX_SPAN(": hb\n\nid: 1\ndata: one\n\nid: 22\ndata: two\n\ndata: three\n\nid: \ndata: four\n\n"), 0,
          "7:message|3:one|1:1\n7:message|3:two|2:22\n7:message|5:three|2:22\n7:message|4:four|0:\n0: retry -1\n");
    check(GX_SPAN("\ndata: x\r\n\ndata: \n\ndata: a\xc3\xa4\n\ndata: y\n\n"), 0,
          "7:message|1:x|4:seed\n"
          "7:message|0:|4:seed\n7:message|3:a\xc3\xa4|4:seed\n7:message|1:y|4:seed\n4:seed retry -1\n");
    check(GX_SPAN("\nid: 1\ndata: 12345\n\nid: 2\ndata: x\n\n"), 10, "too large\n7:message|1:x|1:2\n1:2 retry -1\n");
}

static void an_event_that_passes_the_limit_is_left_out_and_its_id_counts(void **state)
{
    (void)state;
    check(GX_SPAN("id: 1\ndata: 1234567\n\ndata: x\n\n"), 13,
          "7:message|7:1234567|1:1\n7:message|1:x|1:1\n1:1 retry -1\n");
    check(GX_SPAN("id: 1\ndata:12345\ndata:67890123\n\ndata: x\n\n"), 13,
          "too large\n7:message|1:x|1:1\n1:1 retry -1\n");
    check(GX_SPAN("data:12345\ndata:67890123\nid: 2\n\ndata: x\n\n"), 13,
          "too large\n7:message|1:x|1:2\n1:2 retry -1\n");
    check(GX_SPAN("data:1234\nevent:1234567\nid:345\n\nid\ndata: x\n\n"), 13,
          "too large\n7:message|1:x|0:\n0: retry -1\n");
    check(GX_SPAN("data:1234\nid:567890123\nid:4\n\n"), 12, "too large\n1:4 retry -1\n");
}

static void lines_of_exactly_the_limit_are_taken_and_longer_ones_not(void **state)
{
    (void)state;
    check(GX_SPAN("data: 12345678\n\n"), 14, "7:message|8:12345678|4:seed\n4:seed retry -1\n");
    check(GX_SPAN("data: 123456789\nid: 7\n\ndata: x\n\n"), 14, "too large\n7:message|1:x|1:7\n1:7 retry -1\n");
    check(GX_SPAN("id: 123456789012345\ndata: y\n\ndata: x\n\n"), 14,
          "too large\n7:message|1:x|4:seed\n4:seed retry -1\n");
    check(GX_SPAN("data: x\nunknown: 123456789\n\n"), 14, "too large\n4:seed retry -1\n");
}

static void a_comment_may_be_as_long_as_it_likes(void **state)
{
    (void)state;
    check(GX_SPAN(":this comment is longer than the limit\rdata: x\n\n"), 9, "7:message|1:x|4:seed\n4:seed retry -1\n");
}

static void repair_counts_in_the_size_of_an_event(void **state)
{
    (void)state;
    check(GX_SPAN("data:\xff\xff\xff\xff\n\n"), 12,
          "7:message|12:\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd|4:seed\n4:seed retry -1\n");
    check(GX_SPAN("data:\xff\xff\xff\xff\n\n"), 11, "too large\n4:seed retry -1\n");
    check(GX_SPAN("id:\xff\xff\xff\xff\n\n"), 11, "too large\n4:seed retry -1\n");
}

static void the_line_ends_between_data_lines_count(void **state)
{
    (void)state;
    check(GX_SPAN("data:12\ndata:34\ndata:56\n\n"), 8, "7:message|8:12\n34\n56|4:seed\n4:seed retry -1\n");
    check(GX_SPAN("data:12\ndata:34\ndata:56\n\n"), 7, "too large\n4:seed retry -1\n");
}

static void a_type_that_is_replaced_frees_its_room(void **state)
{
    (void)state;
    check(GX_SPAN("event:12345678\nevent:abcdefgh\ndata:1234\n\n"), 14, "8:abcdefgh|4:1234|4:seed\n4:seed retry -1\n");
}

static void retry_saturates(void **state)
{
    (void)state;
    check(GX_SPAN("retry: 9223372036854775806\n"), 0, "4:seed retry 9223372036854775806\n");
    check(GX_SPAN("retry: 9223372036854775808\n"), 0, "4:seed retry 9223372036854775807\n");
    check(GX_SPAN("retry: 99999999999999999999990\n"), 0, "4:seed retry 9223372036854775807\n");
    check(GX_SPAN("retry: 5\nretry: -1\nretry\nretry: 1 \nretry:  2\nretry: 3e1\n"), 0, "4:seed retry 5\n");
}

static void a_new_connection_starts_clean_but_keeps_id_and_retry(void **state)
{
    (void)state;
    gx_buffer transcript = GX_BUFFER_INIT(ROOM);
    grantex_sse_parser *parser = parser_with(0, NULL);
    sse_transcript_feed(
        &transcript, parser,
        GX_SPAN("id: 1\nretry: 7\ndata: a\n\nid: 2\nevent: half\ndata: half an event\ndata: half a li"));
    grantex_sse_parser_reset(parser);
    sse_transcript_feed(&transcript, parser,
                        GX_SPAN("\xef\xbb\xbf"
                                "data: b\n\r"));
    grantex_sse_parser_reset(parser);
    /* the LF is a line of its own now, so the mark behind it belongs to an unknown field */
    sse_transcript_feed(&transcript, parser, GX_SPAN("\n\xef\xbb\xbfid: x\ndata: c\n\n"));
    grantex_sse_parser_reset(parser);
    sse_transcript_feed(&transcript, parser, GX_SPAN(": half a comment"));
    grantex_sse_parser_reset(parser);
    sse_transcript_feed(&transcript, parser, GX_SPAN("data: d\n\n"));
    sse_transcript_state(&transcript, parser);
    assert_string_equal(gx_buffer_text(&transcript), "7:message|1:a|1:1\n7:message|1:b|1:1\n7:message|1:c|1:1\n"
                                                     "7:message|1:d|1:1\n1:1 retry 7\n");
    grantex_sse_parser_free(parser);
    gx_buffer_free(&transcript);
}

static const char long_story[] =
    "retry: 10\nid: one\nevent: first\ndata: a line that is longer than the smallest buffer, so that it has to grow "
    "once\n"
    "data: and another one, so that the data has to grow as well, and once more because it is really rather long\n\n"
    "id: two, which has an identifier that does not fit into the smallest buffer that there is, not at all\n"
    "event: a type that does not fit into the smallest buffer that there is either, as nobody would write it\n"
    "data: \xe2\x82 broken\r\n\r\n"
    "data\n\nid:\ndata: end\n\n";

static void fail_each_allocation(sse_transcript_feeder feed)
{
    static const size_t manners[][2] = {{SIZE_MAX, SIZE_MAX}, {1, 1}, {100, 7}, {60, SIZE_MAX}, {300, 2}};
    const gx_span stream = {long_story, sizeof long_story - 1};
    gx_buffer expected = GX_BUFFER_INIT(ROOM), transcript = GX_BUFFER_INIT(ROOM);
    assert_true(gx_buffer_reserve(&transcript, ROOM));
    run(feed, stream, 0, SIZE_MAX, SIZE_MAX, &expected);
    for (size_t m = 0; m < sizeof manners / sizeof *manners; m++) {
        long n = 3; /* the first two make the parser: see the next test */
        bool came_to_it = true;
        for (; came_to_it; n++) {
            gx_fail_allocation(n);
            run(feed, stream, 0, manners[m][0], manners[m][1], &transcript);
            came_to_it = gx_allocation_failed();
            gx_fail_allocation(0);
            assert_string_equal(gx_buffer_text(&transcript), gx_buffer_text(&expected));
        }
        assert_true(n > 6);
    }
    gx_buffer_free(&expected);
    gx_buffer_free(&transcript);
}

static void an_allocation_that_fails_loses_nothing(void **state)
{
    (void)state;
    fail_each_allocation(sse_transcript_feed);
    fail_each_allocation(sse_transcript_feed_in_place);
}

static void without_memory_there_is_no_parser(void **state)
{
    (void)state;
    grantex_sse_options options = {.last_event_id = "seed"};
    for (long n = 1; n <= 2; n++) {
        grantex_sse_parser *parser = NULL;
        gx_fail_allocation(n);
        assert_int_equal(grantex_sse_parser_new(&options, &parser), GRANTEX_E_NO_MEMORY);
        gx_fail_allocation(0);
        assert_null(parser);
    }
    assert_int_equal(grantex_sse_parser_new(NULL, NULL), GRANTEX_E_INVALID);
    grantex_sse_parser_free(NULL);
}

static void events_like_those_before_cost_no_allocation(void **state)
{
    (void)state;
    gx_span events = GX_SPAN("id: 1\nevent: x\ndata: one\ndata: two\n\nid: 2\ndata: three\n\n");
    grantex_sse_parser *parser = parser_with(0, NULL);
    long before = 0;
    for (int round = 0; round < 10; round++) {
        if (round == 2) /* by then every buffer has been in its place */
            before = gx_allocation_count();
        for (size_t split = 0; split < events.len; split++) {
            gx_span halves[] = {{events.ptr, split}, {events.ptr + split, events.len - split}};
            for (int h = 0; h < 2; h++) {
                grantex_sse_frame frame;
                while (grantex_sse_parser_next(parser, &halves[h].ptr, &halves[h].len, &frame) == GRANTEX_OK)
                    assert_true(frame.data.length > 0);
            }
        }
    }
    assert_int_equal(gx_allocation_count(), before);
    grantex_sse_parser_free(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_event_that_may_stay_in_place_is_the_same),
        cmocka_unit_test(an_event_that_passes_the_limit_is_left_out_and_its_id_counts),
        cmocka_unit_test(lines_of_exactly_the_limit_are_taken_and_longer_ones_not),
        cmocka_unit_test(a_comment_may_be_as_long_as_it_likes),
        cmocka_unit_test(repair_counts_in_the_size_of_an_event),
        cmocka_unit_test(the_line_ends_between_data_lines_count),
        cmocka_unit_test(a_type_that_is_replaced_frees_its_room),
        cmocka_unit_test(retry_saturates),
        cmocka_unit_test(a_new_connection_starts_clean_but_keeps_id_and_retry),
        cmocka_unit_test(an_allocation_that_fails_loses_nothing),
        cmocka_unit_test(without_memory_there_is_no_parser),
        cmocka_unit_test(events_like_those_before_cost_no_allocation),
    };
    return cmocka_run_group_tests_name("sse_parser", tests, NULL, NULL);
}
