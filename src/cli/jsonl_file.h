/* A file of events, one JSON a line, whose last whole line is the cursor: it is neither lost nor repeated over kill -9,
 * because it is the event. The file rotates to FILE.000001, FILE.000002, …, higher is newer; none is ever removed. */
#ifndef GX_CLI_JSONL_FILE_H
#define GX_CLI_JSONL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_EVENT_ID_SIZE 64

typedef struct cli_jsonl_limits {
    int64_t bytes, lines; /* rotates before it has more than that; 0: no such limit */
} cli_jsonl_limits;

typedef struct cli_jsonl_file {
    const char *path; /* lent */
    int fd;
    cli_jsonl_limits limits;
    int64_t bytes, lines;
    unsigned long long rotated; /* number of the newest FILE.N */
    bool unsynced;
    char cursor[CLI_EVENT_ID_SIZE]; /* the id of the last event, "" when there is none */
} cli_jsonl_file;

/* Opens and locks it, makes it when there is none; cuts off half a line that a kill has left. A file that is something
 * else is left alone. False: said on stderr. */
bool cli_jsonl_open(cli_jsonl_file *file, const char *path, cli_jsonl_limits limits);

/* Appends one event as a line. Whole or not at all, also when the disk is full. False: said on stderr. */
bool cli_jsonl_append(cli_jsonl_file *file, const char *id, const char *json, size_t length);

/* To the disk, if anything is not there yet. */
void cli_jsonl_sync(cli_jsonl_file *file);
void cli_jsonl_close(cli_jsonl_file *file);

/* The id of the event in a line; false when it is none. */
bool cli_jsonl_id(const char *line, size_t length, char out[static CLI_EVENT_ID_SIZE], bool *no_memory);

#endif
