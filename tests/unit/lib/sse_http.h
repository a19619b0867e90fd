/* The behaviours of tests/vectors/sse-http.jsonl, each a test of that name (tests/tools checks that none is missing).
 */
#ifndef GX_TESTS_LIB_SSE_HTTP_H
#define GX_TESTS_LIB_SSE_HTTP_H

#include "lib/fixture.h"

#define BEHAVIOUR(name, test)                                                                                          \
    {                                                                                                                  \
        name, test, NULL, NULL, NULL                                                                                   \
    }
#define BEHAVIOUR_OF(name, test, row)                                                                                  \
    {                                                                                                                  \
        name, test, NULL, NULL, (void *)(row)                                                                          \
    }

#define OPEN_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

/* A stream on a scripted server, with everything that comes with it. */
typedef struct trial {
    scripted_server *server;
    grantex_client *client;
    grantex_stream *stream;
    notebook book;
} trial;

/* `options` gets the notebook, and reconnect = always unless it says otherwise. */
void trial_open(trial *one, const act *acts, size_t count, grantex_stream_options options);
void trial_open_client(trial *one, const act *acts, size_t count, grantex_client_options client,
                       grantex_stream_options options);
void trial_close(trial *one);

#define TRIAL(one, acts, ...)                                                                                          \
    trial_open(one, acts, sizeof(acts) / sizeof(acts)[0], (grantex_stream_options){__VA_ARGS__})

/* Calls next until a notice of that kind has come `count` times; nothing but a timeout may come of it meanwhile. */
void trial_await(trial *one, grantex_notice_kind kind, size_t count);

#endif
