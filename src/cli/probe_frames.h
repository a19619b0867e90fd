/* The SSE frames of a transfer, each with the moment at which it was whole. */
#ifndef GX_CLI_PROBE_FRAMES_H
#define GX_CLI_PROBE_FRAMES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/probe.h"

#define CLI_MOST_FRAMES 2048

typedef struct cli_frame {
    int64_t at_us;
    char type[48]; /* "message" when it named none; cut */
    char id[128];  /* the last event id when it came; cut */
    json_t *json;  /* its data; NULL when that is no JSON object */
} cli_frame;

typedef struct cli_frames {
    cli_frame *items;
    size_t count;
} cli_frames;

/* All that have arrived until now: give it back by cli_frames_free. False when out of memory. */
bool cli_frames_read(const cli_transfer *transfer, cli_frames *frames);
void cli_frames_free(cli_frames *frames);

#endif
