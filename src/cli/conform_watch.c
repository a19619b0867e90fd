#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/conform.h"
#include "cli/probe.h"
#include "cli/probe_frames.h"

#define OPEN_MS 3000 /* for head and first bytes, while nothing happens */

typedef struct watcher {
    const conform_plan *plan;
    conform_seen *seen;
    cli_probe *probe;
    cli_transfer *live, *filtered, *later; /* `later`: the one that is being waited for */
    conform_stream *into;                  /* what has come of it, until `wanted` events are there */
    size_t wanted;
} watcher;

static cli_transfer *start(const watcher *w, const char *query, const char *header)
{
    char url[2048];
    snprintf(url, sizeof url, "%s/v1/events/stream%s", w->plan->url, query);
    cli_probe_request request = {.url = url,
                                 .api_key = w->plan->key,
                                 .ca_file = w->plan->ca_file,
                                 .http1 = true,
                                 .headers = {"Accept: text/event-stream", header}};
    return cli_probe_start(w->probe, &request);
}

static void wait_for(const watcher *w, int ms, bool (*done)(void *context), void *context)
{
    cli_probe_run(w->probe, cli_now_us() + (int64_t)ms * 1000, done, context);
}

/* --- what of it is ours ------------------------------------------------------------------------------------------- */

static bool is_ours(const conform_acts *acts, const json_t *event)
{
    const char *id = json_string_value(json_object_get(json_object_get(event, "data"), "grantId"));
    return id && id[0] &&
           (strcmp(id, acts->steps.id) == 0 || strcmp(id, acts->jump.id) == 0 || strcmp(id, acts->child.id) == 0);
}

/* False when out of memory. */
static bool read_stream(const watcher *w, const cli_transfer *transfer, conform_stream *stream)
{
    cli_frames frames;
    stream->status = transfer->head_whole ? transfer->status : 0;
    stream->ended = cli_transfer_ended(transfer);
    cli_transfer_header(transfer, "Content-Type", stream->content_type, sizeof stream->content_type);
    json_decref(stream->events);
    stream->events = json_array();
    bool kept = stream->events != NULL;
    if (!cli_frames_read(transfer, &frames))
        return false;
    for (size_t i = 0; i < frames.count; i++) {
        if (!is_ours(&w->seen->acts, frames.items[i].json))
            continue;
        kept = json_array_append(stream->events, frames.items[i].json) == 0 && kept;
        if (json_array_size(stream->events) == 3)
            snprintf(stream->third_id, sizeof stream->third_id, "%s", frames.items[i].id);
    }
    cli_frames_free(&frames);
    return kept;
}

/* --- while it happens --------------------------------------------------------------------------------------------- */

static bool both_begun(void *context)
{
    const watcher *w = context;
    return (w->live->piece_count > 0 || cli_transfer_ended(w->live)) &&
           (w->filtered->piece_count > 0 || cli_transfer_ended(w->filtered));
}

static bool has_last_revocation(void *context)
{
    watcher *w = context;
    const conform_acts *acts = &w->seen->acts;
    const char *last = acts->by_developer ? acts->steps.id : acts->jump.id;
    size_t index;
    json_t *event;
    bool root = false, child = !acts->delegated;
    read_stream(w, w->live, &w->seen->live);
    json_array_foreach(w->seen->live.events, index, event)
    {
        const char *type = json_string_value(json_object_get(event, "type"));
        const char *id = json_string_value(json_object_get(json_object_get(event, "data"), "grantId"));
        bool revoked = type && strcmp(type, "grant.revoked") == 0;
        root = root || (revoked && id && strcmp(id, last) == 0);
        child = child || (revoked && id && strcmp(id, acts->child.id) == 0);
    }
    return (root && child) || cli_transfer_ended(w->live);
}

static bool watch_live(watcher *w, grantex_client *client, grantex_error *error)
{
    w->live = start(w, "", NULL);
    w->filtered = start(w, "?types=budget.threshold", NULL);
    if (!w->live || !w->filtered)
        return false;
    wait_for(w, OPEN_MS, both_begun, w);
    w->seen->live.open_before_events = w->live->head_whole && w->live->piece_count > 0;
    if (!conform_act(client, &w->seen->acts, error))
        return false;
    wait_for(w, w->plan->patience_ms, has_last_revocation, w);
    return read_stream(w, w->live, &w->seen->live) && read_stream(w, w->filtered, &w->seen->filtered);
}

/* --- afterwards --------------------------------------------------------------------------------------------------- */

static bool has_wanted(void *context)
{
    watcher *w = context;
    read_stream(w, w->later, w->into);
    return json_array_size(w->into->events) >= w->wanted || cli_transfer_ended(w->later);
}

static bool watch_later(watcher *w, const char *query, const char *header, size_t wanted, conform_stream *into)
{
    w->later = start(w, query, header);
    w->wanted = wanted;
    w->into = into;
    if (!w->later)
        return false;
    wait_for(w, w->plan->patience_ms, has_wanted, w);
    bool good = read_stream(w, w->later, into);
    cli_probe_stop(w->probe, w->later);
    return good;
}

static bool watch_past(watcher *w, const char *since)
{
    char query[96], header[CONFORM_ID + 32];
    size_t all = json_array_size(w->seen->live.events);
    snprintf(query, sizeof query, "?since=%s", since);
    if (!watch_later(w, query, NULL, all, &w->seen->replayed))
        return false;
    if (!w->seen->live.third_id[0] || all < 4)
        return true;
    snprintf(header, sizeof header, "Last-Event-ID: %s", w->seen->live.third_id);
    return watch_later(w, "", header, all - 3, &w->seen->resumed);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

/* A minute ago: the server's clock may be behind ours. What others did meanwhile is not looked at. */
static void write_since(char *out, size_t size)
{
    time_t then = time(NULL) - 60;
    struct tm utc;
    if (!gmtime_r(&then, &utc) || strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        out[0] = '\0';
}

static bool watch(watcher *w, grantex_client *client, grantex_error *error)
{
    char since[32];
    write_since(since, sizeof since);
    bool good = watch_live(w, client, error) && watch_past(w, since);
    conform_tidy(client, &w->seen->acts);
    return good;
}

bool conform_watch(const conform_plan *plan, conform_seen *seen, grantex_error *error)
{
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT;
    grantex_client *client;
    options.api_key = plan->key;
    options.base_url = plan->url;
    options.ca_file = plan->ca_file;
    *seen = (conform_seen){.acts = {.refreshed = false}};
    *error = (grantex_error){.status = GRANTEX_E_NO_MEMORY, .message = "out of memory"};
    watcher w = {.plan = plan, .seen = seen, .probe = cli_probe_open()};
    if (!w.probe)
        return false;
    bool good = grantex_client_open(&options, &client, error) == GRANTEX_OK;
    if (good) {
        good = watch(&w, client, error);
        grantex_client_close(client);
    }
    if (cli_probe_close(w.probe))
        return good;
    if (good)
        *error = (grantex_error){.status = GRANTEX_E_NO_MEMORY, .message = "out of memory"};
    return false;
}

void conform_forget(conform_seen *seen)
{
    json_decref(seen->live.events);
    json_decref(seen->filtered.events);
    json_decref(seen->replayed.events);
    json_decref(seen->resumed.events);
}
