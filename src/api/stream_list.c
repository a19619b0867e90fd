/* GET /v1/events/streams: who follows the log here, and how far behind. A letter goes round the network threads, each
 * writes down its own; no stream waits for it. */
#include "api/client_address.h"
#include "api/nouns.h"
#include "api/stream_socket.h"
#include "base/clock.h"
#include "wire/json_writer.h"

enum { MOST_LISTED = 1000 };

typedef struct listed_stream listed_stream;
struct listed_stream {
    listed_stream *next;
    gx_log_position position;
    gx_event_filter filter;
    gx_transport transport;
    bool live;
    int64_t opened_at_ms;
    const char *client, *user_agent;
};

typedef struct list_args {
    gx_log_position head;
    int64_t as_of;
    listed_stream *first;
    int64_t listed, total;
} list_args;

static bool run(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    args->as_of = act->txn->now_ms;
    return gx_log_head(act->txn->database, act->developer_id, &args->head) == GX_LOG_FOUND || gx_act_store_failed(act);
}

/* --- going round --- */

static void add(void *context, const gx_subscriber *subscriber, void *sink_context)
{
    gx_call *call = context;
    list_args *args = call->args;
    const gx_stream_socket *socket = sink_context;
    const gx_view *view = gx_subscriber_view(subscriber);
    args->total++;
    listed_stream *one = args->listed < MOST_LISTED ? gx_arena_alloc(&call->arena, sizeof *one) : NULL;
    if (one == NULL)
        return;
    *one = (listed_stream){
        .next = args->first,
        .position = *gx_subscriber_position(subscriber),
        .filter = view->filter,
        .transport = gx_framing_transport(view->framing),
        .live = gx_subscriber_is_live(subscriber),
        .opened_at_ms = socket->opened_at_ms,
        .client = gx_client_address_class(&socket->client),
        .user_agent = socket->user_agent != NULL ? gx_arena_text(&call->arena, socket->user_agent) : NULL,
    };
    args->first = one;
    args->listed++;
}

static void visit(void *context, gx_feed *feed)
{
    const gx_call *call = context;
    gx_feed_each_subscriber(feed, gx_call_developer(call), add, context);
}

static void done(void *context)
{
    gx_call_answer(context);
}

static void complete(gx_call *call)
{
    if (gx_bus_go_round(gx_feed_bus(gx_api_feed(call->api)), gx_api_mailbox(call->api), visit, done, call))
        return;
    gx_refuse(&call->problem, 503, "SERVICE_UNAVAILABLE", "The server is out of memory; try again");
    gx_call_answer_problem(call);
}

/* --- the answer --- */

static void write_types(gx_json *json, gx_event_filter filter)
{
    gx_json_open_array(json, "types");
    for (int type = 0; type < GX_EVENT_TYPE_COUNT; type++)
        if (gx_event_filter_has(filter, (gx_event_type)type))
            gx_json_text(json, NULL, gx_event_type_name((gx_event_type)type));
    gx_json_close_array(json);
}

/* A stream may have been given meanwhile what came after the head was looked up. */
static int64_t lag_of(const listed_stream *one, const gx_log_position *head)
{
    return one->position.seq < head->seq ? head->seq - one->position.seq : 0;
}

static void write_stream(gx_json *json, const listed_stream *one, const gx_log_position *head)
{
    static const char *const TRANSPORTS[] = {[GX_TRANSPORT_SSE] = "sse", [GX_TRANSPORT_WEBSOCKET] = "websocket"};
    gx_json_open_object(json, NULL);
    gx_json_text(json, "transport", TRANSPORTS[one->transport]);
    gx_json_time(json, "openedAt", one->opened_at_ms);
    gx_json_text(json, "state", one->live ? "live" : "catching_up");
    gx_json_int(json, "seq", one->position.seq);
    gx_json_int(json, "lag", lag_of(one, head));
    write_types(json, one->filter);
    gx_json_text(json, "client", one->client);
    gx_json_text(json, "userAgent", one->user_agent);
    gx_json_close_object(json);
}

static void render(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_time(&json, "asOf", args->as_of);
    gx_json_int(&json, "head", args->head.seq);
    gx_json_open_array(&json, "streams");
    for (const listed_stream *one = args->first; one != NULL; one = one->next)
        write_stream(&json, one, &args->head);
    gx_json_close_array(&json);
    gx_json_int(&json, "total", args->total);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events/streams",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .run = run,
        .complete = complete,
        .render = render,
    },
};

const gx_endpoints gx_stream_list_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
