#include "cli/probe_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/json_get.h"
#include "grantex/sse.h"

/* False when out of memory. */
static bool keep(cli_frames *frames, const grantex_sse_frame *frame, int64_t at_us)
{
    if (frames->count == CLI_MOST_FRAMES)
        return true;
    cli_frame *kept = &frames->items[frames->count++];
    kept->at_us = at_us;
    snprintf(kept->type, sizeof kept->type, "%s", frame->type.text);
    snprintf(kept->id, sizeof kept->id, "%s", frame->id.text);
    bool no_memory;
    json_t *json = cli_json_read(frame->data.text, frame->data.length, &no_memory);
    kept->json = json_is_object(json) ? json_incref(json) : NULL;
    json_decref(json);
    return !no_memory;
}

static bool keep_all(const cli_transfer *transfer, grantex_sse_parser *parser, cli_frames *frames)
{
    size_t begin = 0;
    for (size_t i = 0; i < transfer->piece_count; i++) {
        const char *bytes = transfer->body + begin;
        size_t length = transfer->pieces[i].end - begin;
        grantex_sse_frame frame;
        grantex_status status;
        while ((status = grantex_sse_parser_next(parser, &bytes, &length, &frame)) == GRANTEX_OK)
            if (!keep(frames, &frame, transfer->pieces[i].at_us))
                return false;
        if (status == GRANTEX_E_NO_MEMORY)
            return false;
        begin = transfer->pieces[i].end;
    }
    return true;
}

bool cli_frames_read(const cli_transfer *transfer, cli_frames *frames)
{
    grantex_sse_parser *parser;
    *frames = (cli_frames){.items = calloc(CLI_MOST_FRAMES, sizeof *frames->items)};
    if (!frames->items)
        return false;
    if (grantex_sse_parser_new(NULL, &parser) != GRANTEX_OK) {
        free(frames->items);
        return false;
    }
    bool kept = keep_all(transfer, parser, frames);
    grantex_sse_parser_free(parser);
    if (!kept)
        cli_frames_free(frames);
    return kept;
}

void cli_frames_free(cli_frames *frames)
{
    for (size_t i = 0; i < frames->count; i++)
        json_decref(frames->items[i].json);
    free(frames->items);
    *frames = (cli_frames){NULL, 0};
}
