#include "cli/jsonl_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/cli.h"

#define BLOCK     65536
#define MOST_LINE ((off_t)17 * 1024 * 1024) /* of libgrantex: 16 MiB for one event */
#define DIGITS    6

/* --- what is there ------------------------------------------------------------------------------------------------ */

bool cli_jsonl_id(const char *line, size_t length, char out[static CLI_EVENT_ID_SIZE])
{
    json_t *event = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
    const char *id = json_string_value(json_object_get(event, "id"));
    bool good = id && id[0] && strlen(id) < CLI_EVENT_ID_SIZE;
    if (good)
        memcpy(out, id, strlen(id) + 1);
    json_decref(event);
    return good;
}

/* Behind the last line feed before `end`; 0 when there is none, -1 on a fault. */
static off_t behind_last_feed(int fd, off_t end)
{
    char block[BLOCK];
    while (end > 0) {
        size_t length = end < BLOCK ? (size_t)end : BLOCK;
        if (pread(fd, block, length, end - (off_t)length) != (ssize_t)length)
            return -1;
        const char *feed = memrchr(block, '\n', length);
        if (feed)
            return end - (off_t)length + (feed - block) + 1;
        end -= (off_t)length;
    }
    return 0;
}

/* The id of the last whole line, which ends at `end`. */
static bool read_last_id(int fd, off_t end, char out[static CLI_EVENT_ID_SIZE])
{
    off_t start = behind_last_feed(fd, end - 1);
    if (start < 0 || end - start > MOST_LINE)
        return false;
    size_t length = (size_t)(end - 1 - start);
    char *line = malloc(length + 1);
    bool good = line && pread(fd, line, length, start) == (ssize_t)length && cli_jsonl_id(line, length, out);
    free(line);
    return good;
}

static bool count_lines(int fd, off_t end, int64_t *lines)
{
    char block[BLOCK];
    *lines = 0;
    for (off_t at = 0; at < end;) {
        ssize_t length = pread(fd, block, BLOCK, at);
        if (length <= 0)
            return false;
        for (const char *feed = block; (feed = memchr(feed, '\n', (size_t)(block + length - feed))) != NULL; feed++)
            ++*lines;
        at += length;
    }
    return true;
}

/* Half a line of ours begins as all lines do. */
static bool is_half_a_line(int fd, off_t start, off_t end)
{
    static const char begin[] = "{\"id\":\"";
    char text[sizeof begin - 1];
    size_t length = end - start < (off_t)sizeof text ? (size_t)(end - start) : sizeof text;
    return pread(fd, text, length, start) == (ssize_t)length && memcmp(text, begin, length) == 0;
}

static bool refuse(const cli_jsonl_file *file, const char *why)
{
    cli_fail_words("%s %s. It was left as it is; give --output another name", file->path, why);
    return false;
}

/* The cursor, and the end of what is whole; the rest is cut off. */
static bool recover(cli_jsonl_file *file)
{
    struct stat found;
    if (fstat(file->fd, &found) != 0 || !S_ISREG(found.st_mode))
        return refuse(file, "is no file of its own kind (a pipe or device cannot be resumed: use --json)");
    off_t end = behind_last_feed(file->fd, found.st_size);
    if (end < 0)
        return refuse(file, "cannot be read");
    if (end > 0 && !read_last_id(file->fd, end, file->cursor))
        return refuse(file, "does not end with an event");
    if (end < found.st_size && !is_half_a_line(file->fd, end, found.st_size))
        return refuse(file, "ends with something that is no event");
    if (!count_lines(file->fd, end, &file->lines))
        return refuse(file, "cannot be read");
    if (end < found.st_size && ftruncate(file->fd, end) != 0)
        return refuse(file, "ends with half a line that cannot be cut off");
    file->bytes = end;
    return true;
}

/* --- rotated files ------------------------------------------------------------------------------------------------ */

static unsigned long long number_of(const char *name, const char *base)
{
    size_t length = strlen(base);
    if (strncmp(name, base, length) != 0 || name[length] != '.')
        return 0;
    const char *digits = name + length + 1;
    size_t count = strspn(digits, "0123456789");
    return count >= DIGITS && count < 19 && digits[count] == '\0' ? strtoull(digits, NULL, 10) : 0;
}

static bool find_rotated(cli_jsonl_file *file)
{
    char folder[PATH_MAX], base[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", file->path);
    snprintf(base, sizeof base, "%s", file->path);
    const char *name = basename(base);
    DIR *entries = opendir(dirname(folder));
    if (!entries)
        return cli_fail_words("the folder of %s cannot be read: %s", file->path, strerror(errno)), false;
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        unsigned long long number = number_of(entry->d_name, name);
        file->rotated = number > file->rotated ? number : file->rotated;
    }
    closedir(entries);
    return true;
}

static void name_rotated(const cli_jsonl_file *file, unsigned long long number, char out[static PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s.%0*llu", file->path, DIGITS, number);
}

/* After a kill between the two steps of a rotation, or before the first event behind it. */
static bool take_cursor_of_rotated(cli_jsonl_file *file)
{
    char name[PATH_MAX];
    struct stat found;
    if (file->cursor[0] || file->rotated == 0)
        return true;
    name_rotated(file, file->rotated, name);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &found) == 0 && found.st_size > 0 && read_last_id(fd, found.st_size, file->cursor);
    if (fd >= 0)
        close(fd);
    if (!good)
        cli_fail_words("%s does not end with an event, so where to go on is not known", name);
    return good;
}

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
    if (strlen(path) + DIGITS + 16 > PATH_MAX)
        return cli_fail_words("the name of the file is too long"), false;
    if (!find_rotated(file) || !open_and_lock(file, 0))
        return false;
    if (recover(file) && take_cursor_of_rotated(file))
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
    name_rotated(file, file->rotated + 1, name);
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
