#include "cli/cursor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/cli.h"

/* An empty file is one that was just made; else the first line is the cursor. */
static bool read_cursor(cli_cursor_file *file)
{
    char text[CLI_CURSOR_SIZE];
    ssize_t length = pread(file->fd, text, sizeof text, 0);
    if (length <= 0)
        return length == 0;
    const char *end = memchr(text, '\n', (size_t)length);
    if (!end || end == text)
        return false;
    for (const char *at = text; at < end; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    memcpy(file->cursor, text, (size_t)(end - text));
    file->cursor[end - text] = '\0';
    return true;
}

bool cli_cursor_file_open(cli_cursor_file *file, const char *path)
{
    *file = (cli_cursor_file){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
    if (file->fd < 0)
        return cli_fail_words("the cursor file %s cannot be opened: %s", path, strerror(errno)), false;
    bool locked = flock(file->fd, LOCK_EX | LOCK_NB) == 0;
    if (locked && read_cursor(file))
        return true;
    if (!locked)
        cli_fail_words("%s is the cursor file of another command that runs; each needs its own", path);
    else
        cli_fail_words("%s is no cursor file: its first line must be an event id. It was left as it is", path);
    close(file->fd);
    file->fd = -1;
    return false;
}

bool cli_cursor_file_save(cli_cursor_file *file, const char *cursor)
{
    char line[CLI_CURSOR_SIZE + 1];
    size_t length = strlen(cursor);
    if (file->fd < 0 || length == 0 || length >= CLI_CURSOR_SIZE || strcmp(cursor, file->cursor) == 0)
        return true;
    memcpy(line, cursor, length);
    line[length] = '\n';
    if (pwrite(file->fd, line, length + 1, 0) != (ssize_t)length + 1)
        return cli_fail_words("the cursor file cannot be written: %s", strerror(errno)), false;
    memcpy(file->cursor, cursor, length + 1);
    return true;
}

void cli_cursor_file_sync(const cli_cursor_file *file)
{
    if (file->fd >= 0)
        fdatasync(file->fd);
}

void cli_cursor_file_close(cli_cursor_file *file)
{
    if (file->fd < 0)
        return;
    cli_cursor_file_sync(file);
    close(file->fd);
    file->fd = -1;
}
