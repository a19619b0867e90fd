/* The head of an answer, line by line: what the response tells of it, and how its body is framed (RFC 9112 section 6).
 */
#ifndef GX_LIB_ANSWER_HEAD_H
#define GX_LIB_ANSWER_HEAD_H

#include <stdbool.h>

#include "base/span.h"
#include "lib/transport.h"

typedef struct gx_answer_head {
    bool moved;    /* it has a Location */
    bool chunked;  /* it says so */
    bool framed;   /* it has a length, or a coding that is not ours */
    char date[64]; /* "": none */
} gx_answer_head;

/* Of no answer yet. */
gx_response gx_response_none(void);

/* Takes a header line, or the status line that begins a head anew, without its end of line. */
void gx_answer_head_line(gx_answer_head *head, gx_response *response, gx_span line);

#endif
