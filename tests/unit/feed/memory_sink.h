/* A sink in memory, with as much room as the test gives it, and a reader that takes apart what came: it keeps the
 * contract of gx_sink, and fails the test when the subscriber does not. */
#ifndef GX_TESTS_FEED_MEMORY_SINK_H
#define GX_TESTS_FEED_MEMORY_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "feed/feed.h"

typedef struct memory_sink {
    gx_subscriber *subscriber; /* the test sets it */
    gx_buffer got;
    size_t room; /* bytes it takes before it is full; SIZE_MAX: never full */
    bool dead;
    gx_span rest; /* what it has to finish; ptr NULL: nothing */
    void (*release)(void *reference);
    void *reference;
    unsigned writes;
    size_t largest_rest;
    bool ended;
    gx_buffer last;
} memory_sink;

void memory_sink_init(memory_sink *sink, size_t room);
void memory_sink_free(memory_sink *sink);
gx_sink memory_sink_as_sink(memory_sink *sink);

/* Room for `bytes` more: finishes what it has to, and then says so. */
void memory_sink_give(memory_sink *sink, size_t bytes);

/* The connection goes: gives the rest back and closes the subscriber. */
void memory_sink_close(memory_sink *sink);

/* What came, taken apart. */
typedef struct received {
    int64_t seqs[8192];
    size_t count;   /* events */
    size_t id_only; /* blocks with an id and nothing else */
    size_t heartbeats;
    char last_id[64];
    size_t gaps;       /* stream.gap came so often */
    int64_t missed;    /* "total" of all of them */
    int64_t gap_to;    /* "to" of the last one */
    size_t before_gap; /* events that came before it */
    bool closing;      /* stream.closing came */
    bool ended;        /* the last chunk came, or a close frame */
} received;

/* Fails the test when a chunk is not exactly one block, or an event is not as the contract says; a part of a block at
 * the end is left. Says how many bytes whole blocks took. */
size_t memory_sink_read(const memory_sink *sink, gx_framing framing, received *out);

/* Fails the test unless events first … last came, each once and in order. */
void assert_received(const memory_sink *sink, gx_framing framing, int64_t first, int64_t last);

#endif
