#include "wire/sse_transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/sse_parser.h"

#define MOST_BYTES (1 << 17) /* of one feed */

static void append(gx_buffer *transcript, gx_span text)
{
    gx_buffer_printf(transcript, "%zu:", text.len);
    gx_buffer_append_span(transcript, text);
}

void sse_transcript_frame(gx_buffer *transcript, gx_span type, gx_span data, gx_span id)
{
    append(transcript, type);
    gx_buffer_append_char(transcript, '|');
    append(transcript, data);
    gx_buffer_append_char(transcript, '|');
    append(transcript, id);
    gx_buffer_append_char(transcript, '\n');
}

static gx_span checked(grantex_text text)
{
    assert_non_null(text.text);
    assert_int_equal(text.text[text.length], '\0');
    return (gx_span){text.text, text.length};
}

static grantex_status next_copied(grantex_sse_parser *parser, char **bytes, size_t *length, grantex_sse_frame *frame)
{
    const char *at = *bytes;
    grantex_status status = grantex_sse_parser_next(parser, &at, length, frame);
    *bytes += at - *bytes;
    return status;
}

static size_t feed(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes,
                   grantex_status (*next)(grantex_sse_parser *, char **, size_t *, grantex_sse_frame *))
{
    size_t length = bytes.len, frames = 0;
    char block[MOST_BYTES];
    assert_in_range(length, 0, sizeof block);
    char *at = block + sizeof block - length;
    memcpy(block + sizeof block - length, bytes.ptr, length);
    for (;;) {
        grantex_sse_frame frame;
        grantex_status status = next(parser, &at, &length, &frame);
        if (status == GRANTEX_TIMEOUT)
            break;
        if (status == GRANTEX_E_NO_MEMORY)
            continue;
        if (status == GRANTEX_OK)
            sse_transcript_frame(transcript, checked(frame.type), checked(frame.data), checked(frame.id));
        else
            gx_buffer_append_text(transcript, "too large\n");
        assert_true(status == GRANTEX_OK || status == GRANTEX_E_TOO_LARGE);
        frames++;
    }
    assert_int_equal(length, 0);
    assert_ptr_equal(at, block + sizeof block);
    return frames;
}

size_t sse_transcript_feed(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes)
{
    return feed(transcript, parser, bytes, next_copied);
}

size_t sse_transcript_feed_in_place(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes)
{
    return feed(transcript, parser, bytes, gx_sse_parser_next_in_place);
}

void sse_transcript_state(gx_buffer *transcript, const grantex_sse_parser *parser)
{
    append(transcript, checked(grantex_sse_parser_last_event_id(parser)));
    gx_buffer_printf(transcript, " retry %lld\n", (long long)grantex_sse_parser_retry_ms(parser));
}
