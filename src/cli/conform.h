/* `grantex conform`: what the events page promises, held against any server. Making things happen (conform_act.c) and
 * watching (conform_watch.c) are I/O and judge nothing; judging (conform_judge.c) is a function of what was seen. */
#ifndef GX_CLI_CONFORM_H
#define GX_CLI_CONFORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "grantex/grantex.h"

#define CONFORM_ID 128

/* A grant that was made for this, and what was done to it. */
typedef struct conform_grant {
    char id[CONFORM_ID];
    char refresh_token[600];
    char *token; /* NULL: none */
} conform_grant;

/* What was done. Of the budgets, each 1000: `steps` got debits of 500, 100, 250, 50 and 100, `jump` one of 1000. */
typedef struct conform_acts {
    char agent_id[CONFORM_ID];
    conform_grant steps; /* refreshed once, then revoked by the developer */
    conform_grant jump;  /* revoked by its principal */
    conform_grant child; /* below `steps`: revoked with it */
    bool refreshed, budgeted, delegated, by_developer, by_principal;
    char failed[400]; /* the first call that did not succeed, and why; "" */
} conform_acts;

#define CONFORM_PRINCIPAL "grantex-conform"
#define CONFORM_BUDGET    1000

/* Does it all, as far as the server takes it: what cannot be done leaves its flag false. False: not even a grant could
 * be made; `error` says why. */
bool conform_act(grantex_client *client, conform_acts *acts, grantex_error *error);
/* Deletes the agent, and with it what it holds; frees the tokens. */
void conform_tidy(grantex_client *client, conform_acts *acts);

/* --- what was seen ------------------------------------------------------------------------------------------------ */

typedef struct conform_stream {
    int status; /* 0: no head */
    char content_type[128];
    bool open_before_events; /* head and bytes came before anything happened */
    bool ended;              /* by the server, before we closed it */
    json_t *events;          /* an array of whole events, in the order of their coming; what has no type is left out */
    char third_id[CONFORM_ID]; /* the last event ID (SSE) behind the third of our events; "" when there is none */
} conform_stream;

typedef struct conform_seen {
    conform_acts acts;
    conform_stream live;     /* everything, while it happened */
    conform_stream filtered; /* types=budget.threshold, while it happened */
    conform_stream replayed; /* since= the moment before it all, afterwards */
    conform_stream resumed;  /* Last-Event-ID = live.third_id, afterwards; status 0 when there was none */
} conform_seen;

/* --- judging ------------------------------------------------------------------------------------------------------ */

typedef enum conform_result { CONFORM_NOT_KEPT, CONFORM_KEPT, CONFORM_UNTRIED } conform_result;

typedef struct conform_verdict {
    const char *promise; /* static */
    conform_result result;
    char reason[400]; /* "" when it is kept */
} conform_verdict;

#define CONFORM_PROMISES 18

void conform_judge(const conform_seen *seen, conform_verdict verdicts[static CONFORM_PROMISES]);

/* --- watching ----------------------------------------------------------------------------------------------------- */

typedef struct conform_plan {
    const char *url; /* without a slash at its end */
    const char *key;
    const char *ca_file;
    int patience_ms; /* for what is promised to come */
} conform_plan;

/* False when nothing could be tried; `error` says why. Give `seen` back by conform_forget in any case. */
bool conform_watch(const conform_plan *plan, conform_seen *seen, grantex_error *error);
void conform_forget(conform_seen *seen);

#endif
