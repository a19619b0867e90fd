#include "cli/jsonl_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/jsonl_recover.h"

/* --- opening ------------------------------------------------------------------------------------------------------ */

static bool open_and_lock(cli_jsonl_file *file, int more_flags)
{
    file->fd = open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | more_flags, 0666);
    if (file->fd < 0)
        return cli_fail_words("%s cannot be opened: %s", file->path, strerror(errno)), false;
    if (flock(file->fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    cli_fail_words("another command writes %s at this moment; give --output another name", file->path);
    close(file->fd);
    return false;
}

bool cli_jsonl_open(cli_jsonl_file *file, const char *path, cli_jsonl_limits limits)
{
    *file = (cli_jsonl_file){.path = path, .limits = limits, .fd = -1};
    if (strlen(path) + CLI_JSONL_NUMBER_ROOM > PATH_MAX)
        return cli_fail_words("the name of the file is too long"), false;
    if (!cli_jsonl_find_rotated(file) || !open_and_lock(file, 0))
        return false;
    if (cli_jsonl_recover(file) && cli_jsonl_take_rotated_cursor(file))
        return true;
    close(file->fd);
    file->fd = -1;
    return false;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    int fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* Never over a file that is there. */
static bool rename_to_free(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    return access(to, F_OK) != 0 && rename(from, to) == 0;
}

/* What the old file has is on the disk before it gets its new name: a cursor that is found there counts. */
static bool rotate(cli_jsonl_file *file)
{
    char name[PATH_MAX];
    cli_jsonl_name_rotated(file, file->rotated + 1, name);
    int old = file->fd;
    fdatasync(old);
    if (!rename_to_free(file->path, name))
        return cli_fail_words("%s cannot be renamed to %s: %s", file->path, name, strerror(errno)), false;
    bool opened = open_and_lock(file, O_EXCL);
    close(old);
    if (!opened)
        return file->fd = -1, false;
    sync_folder(file->path);
    file->rotated++;
    file->bytes = file->lines = 0;
    return true;
}

static bool is_full(const cli_jsonl_file *file, size_t more)
{
    const cli_jsonl_limits *limits = &file->limits;
    return file->lines > 0 && ((limits->bytes > 0 && file->bytes + (int64_t)more > limits->bytes) ||
                               (limits->lines > 0 && file->lines >= limits->lines));
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

/* The JSON of a server is one line already; what is not becomes one. */
static char *new_line(const char *json, size_t length)
{
    char *line = malloc(length + 1);
    for (size_t i = 0; line && i < length; i++)
        line[i] = json[i] == '\n' || json[i] == '\r' ? ' ' : json[i];
    if (line)
        line[length] = '\n';
    return line;
}

static bool append_line(cli_jsonl_file *file, const char *line, size_t length)
{
    if (write_all(file->fd, line, length)) {
        file->bytes += (int64_t)length;
        file->lines++;
        file->unsynced = true;
        return true;
    }
    cli_fail_words("%s cannot be written: %s", file->path, strerror(errno));
    if (ftruncate(file->fd, file->bytes) != 0)
        cli_fail_words("half a line stays at its end; the next run cuts it off");
    return false;
}

bool cli_jsonl_append(cli_jsonl_file *file, const char *id, const char *json, size_t length)
{
    if (file->fd < 0 || (is_full(file, length + 1) && !rotate(file)))
        return false;
    char *line = new_line(json, length);
    if (!line)
        return cli_fail_words("out of memory"), false;
    bool appended = append_line(file, line, length + 1);
    free(line);
    if (appended)
        snprintf(file->cursor, sizeof file->cursor, "%s", id);
    return appended;
}

void cli_jsonl_sync(cli_jsonl_file *file)
{
    if (file->fd >= 0 && file->unsynced)
        fdatasync(file->fd);
    file->unsynced = false;
}

void cli_jsonl_close(cli_jsonl_file *file)
{
    if (file->fd < 0)
        return;
    cli_jsonl_sync(file);
    close(file->fd);
    file->fd = -1;
}
