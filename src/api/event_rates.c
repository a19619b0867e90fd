/* GET /v1/events/rates: how many events of each type came in each minute of the last hour. */
#include "api/nouns.h"
#include "store/log_rates.h"
#include "wire/json_writer.h"

enum { MINUTES = 60 };

typedef struct rates_args {
    int64_t as_of;
    gx_log_minute minutes[MINUTES];
} rates_args;

static bool run(gx_call *call, gx_act *act)
{
    rates_args *args = call->args;
    int64_t now = act->txn->now_ms;
    args->as_of = now;
    int64_t from = now - now % GX_LOG_MINUTE_MS - (int64_t)(MINUTES - 1) * GX_LOG_MINUTE_MS;
    return gx_log_rates(act->txn->database, act->developer_id, from, MINUTES, args->minutes) ||
           gx_act_store_failed(act);
}

/* Types of which none came are left out. */
static void write_minute(gx_json *json, const gx_log_minute *minute)
{
    gx_json_open_object(json, NULL);
    gx_json_time(json, "start", minute->start_ms);
    gx_json_int(json, "total", minute->total);
    gx_json_bool(json, "estimated", minute->estimated);
    gx_json_open_object(json, "types");
    for (int type = 0; type <= GX_EVENT_TYPE_COUNT; type++)
        if (minute->counts.of[type] > 0)
            gx_json_int(json, type == GX_EVENT_OTHER ? "other" : gx_event_type_name((gx_event_type)type),
                        minute->counts.of[type]);
    gx_json_close_object(json);
    gx_json_close_object(json);
}

static void render(const gx_call *call, gx_answer *answer)
{
    const rates_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_time(&json, "asOf", args->as_of);
    gx_json_open_array(&json, "minutes");
    for (size_t i = 0; i < MINUTES; i++)
        write_minute(&json, &args->minutes[i]);
    gx_json_close_array(&json);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/rates",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(rates_args),
        .success = 200,
        .run = run,
        .render = render,
    },
};

const gx_endpoints gx_event_rates_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
