/* grantex/sse.h - a parser for Server-Sent Events (WHATWG HTML, section 9.2), without I/O: bytes in, frames out.
 *
 * Thread-safety: a parser belongs to one thread at a time. */
#ifndef GRANTEX_SSE_H
#define GRANTEX_SSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grantex/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes with a length; `text[length]` is NUL as well, but NUL inside is legal. Lent: see each function. */
typedef struct grantex_text {
    const char *text;
    size_t length;
} grantex_text;

typedef struct grantex_sse_frame {
    grantex_text type; /* "message" when the block named none */
    grantex_text data; /* data lines joined by LF, valid UTF-8 (invalid bytes became U+FFFD) */
    grantex_text id;   /* the last event ID at dispatch, not only this block's; "" when none */
} grantex_sse_frame;

typedef struct grantex_sse_options {
    size_t max_event_bytes;    /* data + type + id of one event, and any line but a comment; 0 means 16 MiB */
    const char *last_event_id; /* what the last-event-ID buffer starts with; NULL means "" */
} grantex_sse_options;

typedef struct grantex_sse_parser grantex_sse_parser;

/* *parser is given to the caller: grantex_sse_parser_free. `options` may be NULL.
 * GRANTEX_OK, GRANTEX_E_INVALID (NULL parser), GRANTEX_E_NO_MEMORY. */
GRANTEX_API grantex_status grantex_sse_parser_new(const grantex_sse_options *options, grantex_sse_parser **parser);

/* Frees it; NULL is allowed. */
GRANTEX_API void grantex_sse_parser_free(grantex_sse_parser *parser);

/* Reads bytes until one frame is whole or they are used up. *bytes and *length are moved on past what was read, so a
 * loop calls it until it returns GRANTEX_TIMEOUT ("more bytes are needed").
 *
 *   GRANTEX_OK           *frame is a frame; its texts are lent until the next call on this parser
 *   GRANTEX_TIMEOUT      all bytes are used up, no frame yet
 *   GRANTEX_E_TOO_LARGE  an event passed the limit and was left out; its id still counts; go on calling
 *   GRANTEX_E_NO_MEMORY  nothing was read beyond *bytes; the call can be repeated
 *
 * A CR that ends the bytes ends the line at once; an LF that follows in the next bytes belongs to it. */
GRANTEX_API grantex_status grantex_sse_parser_next(grantex_sse_parser *parser, const char **bytes, size_t *length,
                                                   grantex_sse_frame *frame);

/* A new connection: forgets a half line and a half event and the BOM flag, keeps the last event ID and the retry time.
 */
GRANTEX_API void grantex_sse_parser_reset(grantex_sse_parser *parser);

/* What a reconnect must send as Last-Event-ID; "" means: send no such header. Lent until the next call on the parser.
 */
GRANTEX_API grantex_text grantex_sse_parser_last_event_id(const grantex_sse_parser *parser);

/* The last accepted `retry`, in milliseconds, saturated at INT64_MAX; -1 when none came. */
GRANTEX_API int64_t grantex_sse_parser_retry_ms(const grantex_sse_parser *parser);

#ifdef __cplusplus
}
#endif
#endif
