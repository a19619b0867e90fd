/* GET /v1/events, GET /v1/events/:id: the log as pages, for who does not want a stream. */
#include <string.h>

#include "api/input.h"
#include "api/nouns.h"
#include "api/stream_start.h"
#include "feed/feed.h"
#include "feed/gap.h"
#include "wire/event.h"

enum {
    USUAL_LIMIT = 100,
    MOST_LIMIT = 1000,
    READ_AT_ONCE = 256,
    MOST_READ = 16384,        /* events that one page looks at, shown or not */
    MOST_BYTES = 1024 * 1024, /* a page ends with the event that passes this */
};

typedef struct listed listed;
struct listed {
    listed *next;
    gx_span json;
};

typedef struct page_args {
    gx_stream_start start;
    int64_t limit;
    gx_log_gap gap;
    bool has_gap, has_more;
    gx_log_position scanned; /* where the next page begins; id "" when the answer can say no place */
    listed *first;
} page_args;

typedef struct event_args {
    const char *id; /* first, for gx_parse_param */
    gx_span json;
} event_args;

/* --- an event as text in the arena --- */

static bool keep_json(gx_arena *arena, const gx_logged_event *event, gx_span *out)
{
    gx_buffer json = GX_BUFFER_INIT(0);
    gx_event_write(&json, event->id, event->type_name, event->timestamp_ms, event->seq, event->data);
    const char *copy = json.failed ? NULL : gx_arena_copy(arena, gx_buffer_span(&json));
    arena->failed = arena->failed || json.failed;
    *out = (gx_span){copy, json.length};
    gx_buffer_free(&json);
    return copy != NULL;
}

/* --- a page --- */

typedef struct reading {
    page_args *args;
    gx_arena *arena;
    listed **end;
    gx_view view;
    int64_t shown, looked_at;
    size_t bytes;
} reading;

static bool is_full(const reading *page)
{
    return page->shown >= page->args->limit || page->bytes >= MOST_BYTES || page->looked_at >= MOST_READ;
}

static bool add(reading *page, const gx_logged_event *event)
{
    listed *one = gx_arena_alloc(page->arena, sizeof *one);
    if (one == NULL || !keep_json(page->arena, event, &one->json))
        return false;
    *page->end = one;
    page->end = &one->next;
    page->shown++;
    page->bytes += one->json.len;
    return true;
}

static bool visit(void *context, const gx_logged_event *event)
{
    reading *page = context;
    if (gx_view_shows(&page->view, event->type, event->timestamp_ms) && !add(page, event))
        return false;
    gx_position_of_event(event, &page->args->scanned);
    page->looked_at++;
    return !is_full(page);
}

/* Without a start: everything that is kept, and nobody has missed anything. */
static bool begin_at_oldest(gx_act *act, page_args *args)
{
    gx_log_position oldest;
    gx_log_lookup found = gx_log_oldest(act->txn->database, act->developer_id, &oldest);
    if (found == GX_LOG_FOUND)
        args->scanned = (gx_log_position){.seq = oldest.seq - 1};
    return found != GX_LOG_ERROR; /* none kept: start.after is the head */
}

static bool pass_gap(gx_act *act, page_args *args)
{
    const gx_stream_start *start = &args->start;
    gx_log_lookup found =
        gx_log_gap_after(act->txn->database, act->developer_id, &args->scanned, start->not_before_ms, &args->gap);
    if (found != GX_LOG_FOUND)
        return found == GX_LOG_NOT_FOUND;
    args->has_gap = gx_log_counts_sum(&args->gap.missed, start->filter) > 0;
    args->scanned = args->gap.to;
    return true;
}

static bool read_page(gx_act *act, page_args *args)
{
    reading page = {.args = args,
                    .arena = act->arena,
                    .end = &args->first,
                    .view = {.filter = args->start.filter, .not_before_ms = args->start.not_before_ms}};
    int64_t read;
    do
        read = gx_log_read(act->txn->database, act->developer_id, args->scanned.seq, READ_AT_ONCE, visit, &page);
    while (read == READ_AT_ONCE && !is_full(&page));
    return read >= 0 && !act->arena->failed;
}

static bool look_whether_there_is_more(gx_act *act, page_args *args)
{
    gx_log_position head;
    if (gx_log_head(act->txn->database, act->developer_id, &head) != GX_LOG_FOUND)
        return false;
    args->has_more = head.seq > args->scanned.seq;
    return true;
}

/* Before a `since` that lies in the future a cursor would show what is older than asked for. */
static void hide_early_cursor(page_args *args)
{
    if (args->scanned.timestamp_ms < args->start.not_before_ms)
        args->scanned.id[0] = '\0';
}

static bool run_page(gx_call *call, gx_act *act)
{
    page_args *args = call->args;
    args->first = NULL;
    args->has_gap = false;
    if (!gx_stream_start_find(act, &args->start))
        return false;
    args->scanned = args->start.after;
    bool begun = args->start.from != GX_FROM_NOW || begin_at_oldest(act, args);
    if (!begun || !pass_gap(act, args) || !read_page(act, args) || !look_whether_there_is_more(act, args))
        return gx_act_store_failed(act);
    hide_early_cursor(args);
    return true;
}

static bool parse_page(gx_call *call)
{
    page_args *args = call->args;
    return gx_stream_start_parse_page(call, &args->start) &&
           gx_input_query_int(call, "limit", 1, MOST_LIMIT, USUAL_LIMIT, &args->limit);
}

static void render_page(const gx_call *call, gx_answer *answer)
{
    const page_args *args = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    if (args->has_gap)
        gx_gap_write(&json, "gap", &args->gap, args->start.filter);
    gx_json_open_array(&json, "events");
    for (const listed *one = args->first; one != NULL; one = one->next)
        gx_json_raw(&json, NULL, one->json);
    gx_json_close_array(&json);
    gx_json_text(&json, "next", args->scanned.id[0] != '\0' ? args->scanned.id : NULL);
    gx_json_bool(&json, "hasMore", args->has_more);
    gx_json_close_object(&json);
}

/* --- one event --- */

typedef struct keeping {
    gx_arena *arena;
    event_args *args;
} keeping;

static bool keep(void *context, const gx_logged_event *event)
{
    const keeping *one = context;
    keep_json(one->arena, event, &one->args->json);
    return false;
}

static bool run_event(gx_call *call, gx_act *act)
{
    event_args *args = call->args;
    keeping one = {.arena = act->arena, .args = args};
    gx_database *database = act->txn->database;
    gx_log_position at;
    switch (gx_log_find_id(database, act->developer_id, gx_span_of(args->id), &at)) {
    case GX_LOG_FOUND:
        return (gx_log_read(database, act->developer_id, at.seq - 1, 1, keep, &one) == 1 && !act->arena->failed) ||
               gx_act_store_failed(act);
    case GX_LOG_TRIMMED:
        return gx_refuse(act->problem, 410, "GONE", "This event is not kept any more");
    case GX_LOG_NOT_FOUND:
        return gx_refuse(act->problem, 404, "NOT_FOUND", "Event not found");
    default:
        return gx_act_store_failed(act);
    }
}

static void render_event(const gx_call *call, gx_answer *answer)
{
    const event_args *args = call->args;
    gx_buffer_append_span(&answer->body, args->json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "GET",
        .path = "/v1/events",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(page_args),
        .success = 200,
        .parse = parse_page,
        .run = run_page,
        .render = render_page,
    },
    {
        .method = "GET",
        .path = "/v1/events/:id",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_READ,
        .args_size = sizeof(event_args),
        .success = 200,
        .parse = gx_parse_param,
        .run = run_event,
        .render = render_event,
    },
};

const gx_endpoints gx_event_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
