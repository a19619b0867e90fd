#include "feed/catchup.h"

#include <stdlib.h>
#include <string.h>

#include "feed/gap.h"
#include "wire/event.h"

typedef struct page_job {
    gx_job job;
    gx_message message;
    gx_mailbox *mailbox;
    gx_page_query query;
    size_t visited;
    gx_buffer frames; /* of gx_page_frame */
    gx_buffer json;   /* of one event */
    gx_buffer frame;  /* scratch of one event */
    gx_page page;
    char developer_id[];
} page_job;

static page_job *job_of(gx_job *job)
{
    return (page_job *)(void *)((char *)job - offsetof(page_job, job));
}

static page_job *message_of(gx_message *message)
{
    return (page_job *)(void *)((char *)message - offsetof(page_job, message));
}

static void free_page_job(page_job *job)
{
    gx_buffer_free(&job->page.bytes);
    gx_buffer_free(&job->frames);
    gx_buffer_free(&job->json);
    gx_buffer_free(&job->frame);
    free(job);
}

/* What was appended to the bytes since the frame before. */
static void end_frame(page_job *job, bool is_gap)
{
    gx_page_frame frame = {.end = job->page.bytes.length, .position = job->page.scanned, .is_gap = is_gap};
    gx_buffer_append(&job->frames, &frame, sizeof frame);
    job->page.failed = job->json.failed || job->page.bytes.failed || job->frames.failed;
}

static void encode(page_job *job, const gx_logged_event *event)
{
    gx_buffer_clear(&job->json);
    gx_event_write(&job->json, event->id, event->type_name, event->timestamp_ms, event->seq, event->data);
    gx_framing_event_by(&job->frame, &job->page.bytes, job->query.view.framing, event->id, event->type_name,
                        gx_buffer_span(&job->json));
    end_frame(job, false);
}

static void encode_gap(page_job *job, const gx_log_gap *gap)
{
    gx_buffer_clear(&job->json);
    gx_json json = gx_json_on(&job->json);
    gx_gap_write(&json, NULL, gap, job->query.view.filter);
    gx_framing_control(&job->page.bytes, job->query.view.framing, GX_SPAN("stream.gap"), gx_buffer_span(&job->json));
    end_frame(job, true);
}

/* Passes over what was trimmed, and says so unless nothing of it would have been shown. */
static bool pass_gap(page_job *job, gx_database *database)
{
    const gx_view *view = &job->query.view;
    gx_log_gap gap;
    gx_log_lookup found = gx_log_gap_after(database, job->developer_id, &job->query.after, view->not_before_ms, &gap);
    if (found != GX_LOG_FOUND)
        return found == GX_LOG_NOT_FOUND;
    job->page.scanned = gap.to;
    if (gx_log_counts_sum(&gap.missed, view->filter) > 0)
        encode_gap(job, &gap);
    return !job->page.failed;
}

static bool visit(void *context, const gx_logged_event *event)
{
    page_job *job = context;
    job->visited++;
    gx_position_of_event(event, &job->page.scanned);
    if (gx_view_shows(&job->query.view, event->type, event->timestamp_ms))
        encode(job, event);
    return !job->page.failed && job->page.bytes.length < GX_PAGE_BYTES;
}

static void begin(page_job *job)
{
    job->visited = 0;
    gx_buffer_clear(&job->page.bytes);
    gx_buffer_clear(&job->frames);
    job->page.failed = false;
    job->page.scanned = job->query.after;
}

static bool run(gx_job *base, gx_txn *txn)
{
    page_job *job = job_of(base);
    begin(job);
    if (!pass_gap(job, txn->database))
        return false;
    int64_t read = gx_log_read(txn->database, job->developer_id, job->page.scanned.seq, (int64_t)job->query.most_events,
                               visit, job);
    if (read < 0 || job->page.failed)
        return false;
    job->page.at_head = job->visited < job->query.most_events && job->page.bytes.length < GX_PAGE_BYTES;
    job->page.frames = (const gx_page_frame *)(const void *)job->frames.data;
    job->page.frame_count = job->frames.length / sizeof(gx_page_frame);
    return true;
}

static void finish(gx_job *base, gx_job_end end)
{
    page_job *job = job_of(base);
    job->page.failed = end != GX_JOB_KEPT;
    gx_mailbox_post(job->mailbox, &job->message);
}

static void deliver(gx_message *message)
{
    page_job *job = message_of(message);
    job->query.arrived(job->query.owner, &job->page);
    free_page_job(job);
}

bool gx_page_ask(gx_lanes *lanes, gx_mailbox *mailbox, const gx_page_query *query)
{
    size_t id_size = strlen(query->developer_id) + 1;
    page_job *job = calloc(1, sizeof *job + id_size);
    if (!job)
        return false;
    job->job = (gx_job){.run = run, .finish = finish};
    job->message = (gx_message){.deliver = deliver};
    job->mailbox = mailbox;
    job->query = *query;
    memcpy(job->developer_id, query->developer_id, id_size);
    if (!gx_lanes_read(lanes, &job->job)) {
        free_page_job(job);
        return false;
    }
    return true;
}
