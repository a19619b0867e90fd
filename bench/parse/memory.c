/* How fast the bytes of a stream become frames and events in memory, beside what the machine does with the same bytes
 * at all: one copy, and one search for the ends of the lines. Prints a JSON object. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grantex/sse.h"
#include "parse/events.h"
#include "wire/event.h"

enum { EVENTS = 200000, CHUNK = 16384, ROUNDS = 15 };

typedef struct input {
    const char *bytes;
    size_t length;
    char *room; /* as large as a chunk: where a copy goes */
} input;

/* Reads all of it once; gives what it counted, so that no compiler leaves it out. */
typedef size_t (*reader)(const input *all);

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-parse-memory: %s\n", what);
    exit(1);
}

/* --- floors ------------------------------------------------------------------------------------------------------- */

static size_t copy(const input *all)
{
    size_t sum = 0;
    for (size_t at = 0; at < all->length; at += CHUNK) {
        size_t length = all->length - at < CHUNK ? all->length - at : CHUNK;
        memcpy(all->room, all->bytes + at, length);
        sum += (unsigned char)all->room[length / 2];
    }
    return sum;
}

static size_t find_lines(const input *all)
{
    size_t lines = 0;
    const char *end = all->bytes + all->length;
    for (const char *at = all->bytes; at < end; at++, lines++)
        if (!(at = memchr(at, '\n', (size_t)(end - at))))
            break;
    return lines;
}

/* --- ours --------------------------------------------------------------------------------------------------------- */

static bool count_frame(const grantex_sse_frame *frame)
{
    return frame->data.length > 0;
}

static bool scan_event(const grantex_sse_frame *frame)
{
    gx_event event;
    return gx_event_scan((gx_span){frame->data.text, frame->data.length}, &event) && event.seq > 0;
}

static size_t parse(const input *all, bool (*take)(const grantex_sse_frame *frame))
{
    grantex_sse_parser *parser;
    grantex_sse_frame frame;
    size_t taken = 0;
    must(grantex_sse_parser_new(NULL, &parser) == GRANTEX_OK, "memory");
    for (size_t at = 0; at < all->length; at += CHUNK) {
        const char *bytes = all->bytes + at;
        size_t length = all->length - at < CHUNK ? all->length - at : CHUNK;
        while (grantex_sse_parser_next(parser, &bytes, &length, &frame) == GRANTEX_OK)
            taken += take(&frame);
    }
    grantex_sse_parser_free(parser);
    must(taken == EVENTS, "an event was missed");
    return taken;
}

static size_t parse_frames(const input *all)
{
    return parse(all, count_frame);
}

static size_t parse_events(const input *all)
{
    return parse(all, scan_event);
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

static volatile size_t sink;

static void print_rounds(const char *name, reader read, const input *all, const char *behind)
{
    printf("\"%s\": [", name);
    sink = read(all); /* warm */
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_s();
        sink = read(all);
        printf("%s%.4f", i > 0 ? ", " : "", (double)all->length / (now_s() - start) / 1e9);
    }
    printf("]%s", behind);
}

int main(void)
{
    static const struct {
        const char *name, *eol;
    } ends[] = {{"lf", "\n"}, {"crlf", "\r\n"}, {"cr", "\r"}};
    static char room[CHUNK];
    input all = {.room = room};

    printf("{\"events\": %d, ", EVENTS);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char name[32], *bytes = bench_events_write(EVENTS, ends[i].eol, &all.length);
        all.bytes = bytes;
        if (i == 0) {
            printf("\"bytes\": %zu, ", all.length);
            print_rounds("copy", copy, &all, ", ");
            print_rounds("find_lines", find_lines, &all, ", ");
        }
        snprintf(name, sizeof name, "parser_%s", ends[i].name);
        print_rounds(name, parse_frames, &all, ", ");
        snprintf(name, sizeof name, "events_%s", ends[i].name);
        print_rounds(name, parse_events, &all, i + 1 < sizeof ends / sizeof ends[0] ? ", " : "}\n");
        free(bytes);
    }
    return 0;
}
