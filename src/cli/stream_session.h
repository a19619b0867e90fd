/* grantex events stream, inside: where its events come from, where they go, when it ends. events_stream.c reads the
 * options, stream_session.c is the loop, stream_notices.c and stream_status.c tell a person how things stand,
 * stream_end.c knows whether --until is reached, stream_resume.c says how to go on. */
#ifndef GX_CLI_STREAM_SESSION_H
#define GX_CLI_STREAM_SESSION_H

#include "cli/cli.h"
#include "cli/cursor_file.h"
#include "cli/forward.h"
#include "cli/jsonl_file.h"
#include "cli/log_range.h"
#include "cli/moment.h"
#include "cli/status_line.h"
#include "cli/wait.h"

typedef enum stream_option {
    STREAM_TYPES,
    STREAM_GRANT,
    STREAM_SINCE,
    STREAM_AFTER,
    STREAM_UNTIL,
    STREAM_OUTPUT,
    STREAM_ROTATE_SIZE,
    STREAM_ROTATE_EVENTS,
    STREAM_FORWARD_TO,
    STREAM_SECRET_FILE,
    STREAM_MAX_ATTEMPTS,
    STREAM_CURSOR,
    STREAM_ON_GAP,
    STREAM_RECONNECT,
    STREAM_OPTION_COUNT
} stream_option;

/* Where it ends. */
typedef struct stream_end {
    bool wanted;
    int64_t until_ms; /* events from then on are not shown */
    bool known;       /* the end of the log when that time came is `id`: "" when the log was empty */
    char id[CLI_ID_SIZE];
    int64_t checked_ms; /* when it was last asked whether nothing is left */
} stream_end;

typedef struct stream_session {
    const cli_arguments *arguments;
    grantex_client *client;
    grantex_stream *stream;
    cli_signals signals;
    cli_status status;
    const char *since, *after;  /* where it began; or NULL */
    char until[CLI_SINCE_SIZE]; /* where it ends, as a time; with end.wanted */

    bool readable, json; /* lines for people, or JSON, on stdout; neither: nothing */
    bool color;
    char day[16];

    cli_jsonl_file file;          /* with --output */
    cli_forward forward;          /* with --forward-to */
    cli_cursor_file saved;        /* with --cursor */
    char cursor[CLI_CURSOR_SIZE]; /* after what was dealt with */

    stream_end end;
    cli_log_range range; /* at the start; head_seq 0: not known */
    bool range_known, live, lost, retrying;
    bool was_open, hinted; /* it was there once; what to do where it never was has been said */
    int64_t retry_at_ms;
    unsigned long long shown;
    int64_t last_seq, last_event_ms, began_ms, synced_ms;
    bool gap_is_end, gap_seen;
    int failed; /* an exit status that a part has said already; 0 */
} stream_session;

/* stream_session.c: until it ends; the exit status. */
int stream_session_run(stream_session *session, const grantex_stream_options *options);

/* stream_notices.c */
void stream_on_notice(const grantex_notice *notice, void *session);
void stream_tell(void *session, const char *line);

/* stream_status.c */
void stream_put_head(stream_session *session);
void stream_put_live_mark(stream_session *session); /* once, when the replay is over */
void stream_draw_status(stream_session *session);

/* stream_end.c */
/* Asks for the range of the log, for the head lines or for an end that lies in the past. */
grantex_status stream_read_range(stream_session *session, grantex_error *error);
bool stream_is_beyond_end(const stream_session *session, const grantex_event *event);
/* GRANTEX_END: everything up to the end was dealt with. `idle`: nothing more is there at the moment. */
grantex_status stream_look_for_end(stream_session *session, bool idle, grantex_error *error);
/* How long may be waited before it is to be looked again; -1: for ever. */
int stream_end_wait_ms(const stream_session *session);

/* stream_resume.c */
void stream_put_resume(const stream_session *session);

#endif
