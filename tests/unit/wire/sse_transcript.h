/* What a parser says about some bytes, as text that two runs can be compared by. */
#ifndef GX_TESTS_SSE_TRANSCRIPT_H
#define GX_TESTS_SSE_TRANSCRIPT_H

#include "base/buffer.h"
#include "base/span.h"
#include "grantex/sse.h"

/* "type|data|id" and a line end for a frame, "too large" for one that was left out, with the lengths before each text
 * so that no content can look like another. */
void sse_transcript_frame(gx_buffer *transcript, gx_span type, gx_span data, gx_span id);

/* Feeds the bytes from the very end of a block (so that a sanitizer sees a read beyond), appends what comes out, and
 * checks that all was used up. A call that found no memory is repeated. Allocates nothing itself while the transcript
 * has room. Returns how many frames came out. */
size_t sse_transcript_feed(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes);

/* The same by gx_sse_parser_next_in_place. */
size_t sse_transcript_feed_in_place(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes);

typedef size_t (*sse_transcript_feeder)(gx_buffer *transcript, grantex_sse_parser *parser, gx_span bytes);

/* Appends the last event ID and the retry time: for the end. */
void sse_transcript_state(gx_buffer *transcript, const grantex_sse_parser *parser);

#endif
