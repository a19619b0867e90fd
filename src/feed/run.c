#include "feed/run.h"

/* Longer ones gain nothing by being copied once more. */
#define MOST_JOINED_BYTES ((size_t)128 * 1024)

static bool is_gathered(const gx_run *run, const gx_tail *tail, int64_t after, const gx_view *view)
{
    return run->tail == tail && run->after == after && run->view.filter == view->filter &&
           run->view.not_before_ms == view->not_before_ms && run->view.framing == view->framing;
}

/* Returns how many bytes. */
static size_t gather(gx_run *run)
{
    size_t bytes = 0;
    gx_frame *frame;
    for (int64_t seq = run->after + 1; run->count < GX_SINK_MOST_PIECES && (frame = gx_tail_find(run->tail, seq));
         seq++) {
        if (gx_view_shows(&run->view, gx_frame_type(frame), gx_frame_position(frame)->timestamp_ms)) {
            gx_span piece = gx_frame_bytes(frame, run->view.framing);
            if (piece.len == 0)
                break;
            run->frames[run->count] = frame;
            run->pieces[run->count++] = piece;
            bytes += piece.len;
        }
        run->last = frame;
    }
    return bytes;
}

static void join(gx_run *run)
{
    for (unsigned i = 0; i < run->count; i++)
        gx_buffer_append_span(&run->joined, run->pieces[i]);
    if (run->joined.failed)
        gx_buffer_free(&run->joined);
}

void gx_run_gather(gx_run *run, const gx_tail *tail, int64_t after, const gx_view *view)
{
    if (is_gathered(run, tail, after, view))
        return;
    gx_buffer_clear(&run->joined);
    run->tail = tail;
    run->after = after;
    run->view = *view;
    run->count = 0;
    run->last = NULL;
    run->bytes = gather(run);
    if (run->count > 1 && run->bytes <= MOST_JOINED_BYTES)
        join(run);
}
