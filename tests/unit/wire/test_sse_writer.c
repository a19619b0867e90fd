#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/http_chunk.h"
#include "wire/sse_transcript.h"
#include "wire/sse_writer.h"

static void frames_are_the_bytes_of_the_contract(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_sse_write_opening(&out, 2000);
    gx_sse_write_event(&out, GX_SPAN("evt_1"), (gx_span){0}, GX_SPAN("{\"a\":1}"));
    gx_sse_write_event(&out, GX_SPAN("evt_2"), GX_SPAN("grant.created"), GX_SPAN("{}"));
    gx_sse_write_heartbeat(&out);
    gx_sse_write_id_only(&out, GX_SPAN("evt_3"));
    gx_sse_write_control(&out, GX_SPAN("stream.gap"), GX_SPAN("{\"missed\":1}"));
    assert_string_equal(gx_buffer_text(&out), "retry: 2000\n: connected\n\n"
                                              "id: evt_1\ndata: {\"a\":1}\n\n"
                                              "id: evt_2\nevent: grant.created\ndata: {}\n\n"
                                              ": hb\n\n"
                                              "id: evt_3\n\n"
                                              "event: stream.gap\ndata:{\"missed\":1}\n\n");
    gx_buffer_free(&out);
}

static void the_parser_reads_what_the_writer_writes(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0), transcript = GX_BUFFER_INIT(0);
    gx_sse_write_opening(&out, 2000);
    gx_sse_write_event(&out, GX_SPAN("evt_1"), (gx_span){0}, GX_SPAN("{}"));
    gx_sse_write_event(&out, GX_SPAN("evt_2"), GX_SPAN("t"), GX_SPAN("{}"));
    gx_sse_write_id_only(&out, GX_SPAN("evt_3"));
    gx_sse_write_heartbeat(&out);
    gx_sse_write_control(&out, GX_SPAN("stream.gap"), GX_SPAN("{}"));
    grantex_sse_parser *parser;
    assert_int_equal(grantex_sse_parser_new(NULL, &parser), GRANTEX_OK);
    sse_transcript_feed(&transcript, parser, gx_buffer_span(&out));
    sse_transcript_state(&transcript, parser);
    assert_string_equal(gx_buffer_text(&transcript),
                        "7:message|2:{}|5:evt_1\n1:t|2:{}|5:evt_2\n10:stream.gap|2:{}|5:evt_3\n5:evt_3 retry 2000\n");
    grantex_sse_parser_free(parser);
    gx_buffer_free(&out);
    gx_buffer_free(&transcript);
}

static void a_chunk_tells_its_length_in_hex(void **state)
{
    (void)state;
    gx_buffer out = GX_BUFFER_INIT(0);
    gx_chunk_write(&out, GX_SPAN("a chunk of 27 bytes of text"));
    gx_chunk_write(&out, GX_SPAN("\r\n"));
    gx_chunk_write(&out, GX_SPAN("")); /* would end the body */
    gx_buffer_append_text(&out, GX_CHUNK_LAST);
    assert_string_equal(gx_buffer_text(&out), "1b\r\na chunk of 27 bytes of text\r\n2\r\n\r\n\r\n0\r\n\r\n");
    gx_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_the_bytes_of_the_contract),
        cmocka_unit_test(the_parser_reads_what_the_writer_writes),
        cmocka_unit_test(a_chunk_tells_its_length_in_hex),
    };
    return cmocka_run_group_tests_name("sse_writer", tests, NULL, NULL);
}
