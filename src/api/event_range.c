/* GET /v1/events/range: from where to where the log goes, and where a reader who starts at `since` or `after` would
 * begin: what a progress bar, an export with an end and a header line need. */
#include "api/input.h"
#include "api/nouns.h"
#include "api/stream_start.h"
#include "wire/json_writer.h"

typedef struct range_args {
    gx_stream_start start;
    gx_log_position oldest, head;
    bool kept; /* at least one event is */
    int64_t as_of;
} range_args;

static bool parse(gx_call *call)
{
    range_args *args = call->args;
    return gx_stream_start_parse_page(call, &args->start);
}

static bool run(gx_call *call, gx_act *act)
{
    range_args *args = call->args;
    gx_database *database = act->txn->database;
    if (!gx_stream_start_find(act, &args->start))
        return false;
    gx_log_lookup oldest = gx_log_oldest(database, act->developer_id, &args->oldest);
    if (oldest == GX_LOG_ERROR || gx_log_head(database, act->developer_id, &args->head) != GX_LOG_FOUND)
        return gx_act_store_failed(act);
    args->kept = oldest == GX_LOG_FOUND;
    args->as_of = act->txn->now_ms;
    return true;
}

/* null: there is none. */
static void write_position(gx_json *json, const char *key, const gx_log_position *position, bool known)
{
    if (!known) {
        gx_json_text(json, key, NULL);
        return;
    }
    gx_json_open_object(json, key);
    gx_json_text(json, "id", position->id);
    gx_json_int(json, "seq", position->seq);
    gx_json_time(json, "timestamp", position->timestamp_ms);
    gx_json_close_object(json);
}

static void render(const gx_call *call, gx_answer *answer)
{
    const range_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_time(&json, "asOf", args->as_of);
    write_position(&json, "oldest", &args->oldest, args->kept);
    write_position(&json, "head", &args->head, args->head.seq > 0);
    gx_json_int(&json, "startSeq", args->start.after.seq);
    gx_json_int(&json, "behind", args->head.seq - args->start.after.seq);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/range",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(range_args),
        .success = 200,
        .parse = parse,
        .run = run,
        .render = render,
    },
};

const gx_endpoints gx_event_range_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
