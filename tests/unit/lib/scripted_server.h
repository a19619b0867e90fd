/* A server inside the test process that answers from a script: the n-th connection gets the n-th act. One thread, plain
 * sockets, no allocation, so that a test can let allocations of the library fail. */
#ifndef GX_TESTS_SCRIPTED_SERVER_H
#define GX_TESTS_SCRIPTED_SERVER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum ending {
    END_CLEANLY, /* the last chunk, then close */
    CUT,         /* close in the middle of the chunked body */
    HOLD,        /* nothing more, until the client closes */
} ending;

typedef struct act {
    const char *raw;    /* the answer as it is, head and all; NULL: */
    const char *events; /* the body of an event stream, sent chunked after the usual head */
    ending ending;
    bool drip; /* one byte of `events` for each scripted_server_tick */
} act;

typedef struct scripted_server scripted_server;

/* After the last act the server closes each connection at once, or begins again when `again`. Asserts that it works. */
scripted_server *scripted_server_start(const act *acts, size_t count, bool again);

/* The same in two steps: a port that refuses connections, and the server on it. The URL has 64 bytes at most. */
int scripted_server_reserve(char *url, size_t size);
scripted_server *scripted_server_start_on(int fd, const char *url, const act *acts, size_t count, bool again);

void scripted_server_stop(scripted_server *server);

const char *scripted_server_url(const scripted_server *server);

/* The text of the n-th request (from 0), head and body; waits for it up to a minute and fails the test then. */
const char *scripted_server_request(scripted_server *server, size_t n);

/* How many requests came until now. */
size_t scripted_server_count(scripted_server *server);

/* Waits until the client has closed the connection that is held. */
void scripted_server_wait_for_close(scripted_server *server);

void scripted_server_tick(scripted_server *server);

#define SCRIPT(acts, again) scripted_server_start(acts, sizeof(acts) / sizeof(acts)[0], again)

/* An event as grantexd sends it; n is one digit. */
#define EVENT_JSON(n)                                                                                                  \
    "{\"id\":\"evt_" #n "\",\"type\":\"grant.created\",\"timestamp\":\"2026-01-01T00:00:0" #n                          \
    ".000Z\",\"createdAt\":\"2026-01-01T00:00:0" #n ".000Z\",\"seq\":" #n ",\"data\":{\"grantId\":\"grnt_" #n "\"}}"
#define EVENT(n)                      "id: evt_" #n "\ndata: " EVENT_JSON(n) "\n\n"
#define NO_ID(n)                      "data: " EVENT_JSON(n) "\n\n" /* as the hosted service does */
#define OPENING                       "retry: 1\n: connected\n\n"
#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body

#endif
