#include "cli/probe_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grantex/sse.h"

static void keep(cli_frames *frames, const grantex_sse_frame *frame, int64_t at_us)
{
    if (frames->count == CLI_MOST_FRAMES)
        return;
    cli_frame *kept = &frames->items[frames->count++];
    kept->at_us = at_us;
    snprintf(kept->type, sizeof kept->type, "%s", frame->type.text);
    snprintf(kept->id, sizeof kept->id, "%s", frame->id.text);
    json_t *json = json_loadb(frame->data.text, frame->data.length, 0, NULL);
    kept->json = json_is_object(json) ? json_incref(json) : NULL;
    json_decref(json);
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
    size_t begin = 0;
    for (size_t i = 0; i < transfer->piece_count; i++) {
        const char *bytes = transfer->body + begin;
        size_t length = transfer->pieces[i].end - begin;
        grantex_sse_frame frame;
        while (grantex_sse_parser_next(parser, &bytes, &length, &frame) == GRANTEX_OK)
            keep(frames, &frame, transfer->pieces[i].at_us);
        begin = transfer->pieces[i].end;
    }
    grantex_sse_parser_free(parser);
    return true;
}

void cli_frames_free(cli_frames *frames)
{
    for (size_t i = 0; i < frames->count; i++)
        json_decref(frames->items[i].json);
    free(frames->items);
    *frames = (cli_frames){NULL, 0};
}
