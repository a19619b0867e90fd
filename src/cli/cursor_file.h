/* A file with the cursor of one reader: an event id and a line feed. It is written in place by a single call, so that
 * kill -9 leaves the one or the other cursor, never half of one. */
#ifndef GX_CLI_CURSOR_FILE_H
#define GX_CLI_CURSOR_FILE_H

#include <stdbool.h>

#define CLI_CURSOR_SIZE 512

typedef struct cli_cursor_file {
    int fd;                       /* -1: none */
    char cursor[CLI_CURSOR_SIZE]; /* "" at first */
} cli_cursor_file;

/* Opens and locks it, makes it when there is none. False: said on stderr. */
bool cli_cursor_file_open(cli_cursor_file *file, const char *path);

/* In the system's hands when it returns; on the disk after cli_cursor_file_sync. False: said on stderr. */
bool cli_cursor_file_save(cli_cursor_file *file, const char *cursor);
void cli_cursor_file_sync(const cli_cursor_file *file);
void cli_cursor_file_close(cli_cursor_file *file);

#endif
