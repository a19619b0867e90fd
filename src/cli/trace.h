/* The life of one grant as a timeline: what the log tells of it, what its ledger says, and its end. trace_collect.c
 * asks for it, trace_line.c writes it, trace.c is the command. */
#ifndef GX_CLI_TRACE_H
#define GX_CLI_TRACE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/status_line.h"
#include "grantex/grantex.h"

typedef enum trace_kind {
    TRACE_EVENT,      /* of the log */
    TRACE_ALLOCATION, /* of the budget; the source is the budget */
    TRACE_DEBIT,      /* a transaction */
    TRACE_EXPIRY,     /* the source is the grant */
} trace_kind;

typedef struct trace_entry {
    int64_t at_ms;
    int rank;      /* at the same time: the debit before the threshold that it crosses */
    int64_t order; /* and then in their own order */
    trace_kind kind;
    json_t *source; /* owned */
} trace_entry;

typedef struct trace {
    grantex_client *client;
    cli_status *status; /* for progress */
    char id[128];
    json_t *grant, *agent, *budget; /* owned; agent and budget may be NULL */
    trace_entry *entries;
    size_t count, room;
    int64_t most_debits, debits; /* shown at most; there are */
    int64_t forgotten; /* events behind its beginning that the log does not keep any more, of whichever grant */
    char next[64];     /* the cursor behind the last page of the log; "" */
} trace;

/* Fills in everything but `client`, `status` and `most_debits`. On failure too it must be freed. */
grantex_status trace_collect(trace *life, const char *grant_id, grantex_error *error);
void trace_free(trace *life);

/* What an event is to this grant: its own, or that of one which was delegated from it. */
bool trace_concerns(const trace *life, const json_t *event);

void trace_put_head(FILE *out, const trace *life);
void trace_put_entry(FILE *out, bool color, int columns, const trace *life, const trace_entry *entry);

/* All of it as one object; the caller gives it back. NULL when out of memory. */
json_t *trace_json(const trace *life);

#endif
