/* A client on a scripted server, and a notebook for the notices. */
#ifndef GX_TESTS_LIB_FIXTURE_H
#define GX_TESTS_LIB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grantex/grantex.h"
#include "lib/scripted_server.h"

#define KEY         "gx_test_unit"
#define PATIENCE_MS 60000 /* for machines that hang, and valgrind among others is slow */

typedef struct notebook {
    size_t count[8]; /* by kind */
    grantex_notice last[8];
    grantex_error error[8];
    char detail[8][128];
} notebook;

void note(const grantex_notice *notice, void *user);

grantex_client *open_client(const scripted_server *server);
grantex_stream *open_stream(grantex_client *client, grantex_stream_options options);

/* The next call, within PATIENCE_MS, gives this event, or this status. */
void expect_event(grantex_stream *stream, const char *id);
void expect_status(grantex_stream *stream, grantex_status status);

/* Has the server send so many bytes of a dripping act, one each `every_ms`. Returns for how long at most nothing came:
 * where the threads stood still, that may be longer than a limit to silence, and the stream is right to call it a
 * fault. */
int64_t drip(scripted_server *server, grantex_stream *stream, int bytes, int every_ms);

#define assert_contains(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part)    assert_null(strstr(text, part))

#endif
