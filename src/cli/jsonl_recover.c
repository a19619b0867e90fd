/* What a file of events, and those that were rotated away from it, say about where to go on. */
#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <errno.h>

#include "cli/cli.h"
#include "cli/jsonl_recover.h"
#include "json/load.h"

#define BLOCK     65536
#define MOST_LINE ((off_t)17 * 1024 * 1024) /* of libgrantex: 16 MiB for one event */
#define DIGITS    6
#define NO_MEMORY "cannot be read: out of memory"

/* --- what is there ------------------------------------------------------------------------------------------------ */

bool cli_jsonl_id(const char *line, size_t length, char out[static CLI_EVENT_ID_SIZE], bool *no_memory)
{
    json_t *event = gx_json_load((gx_span){line, length}, JSON_REJECT_DUPLICATES, NULL, no_memory);
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
static bool read_last_id(int fd, off_t end, char out[static CLI_EVENT_ID_SIZE], bool *no_memory)
{
    *no_memory = false;
    off_t start = behind_last_feed(fd, end - 1);
    if (start < 0 || end - start > MOST_LINE)
        return false;
    size_t length = (size_t)(end - 1 - start);
    char *line = malloc(length + 1);
    bool good = line && pread(fd, line, length, start) == (ssize_t)length && cli_jsonl_id(line, length, out, no_memory);
    *no_memory = *no_memory || !line;
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

bool cli_jsonl_recover(cli_jsonl_file *file)
{
    struct stat found;
    bool no_memory;
    if (fstat(file->fd, &found) != 0 || !S_ISREG(found.st_mode))
        return refuse(file, "is no file of its own kind (a pipe or device cannot be resumed: use --json)");
    off_t end = behind_last_feed(file->fd, found.st_size);
    if (end < 0)
        return refuse(file, "cannot be read");
    if (end > 0 && !read_last_id(file->fd, end, file->cursor, &no_memory))
        return refuse(file, no_memory ? NO_MEMORY : "does not end with an event");
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

bool cli_jsonl_find_rotated(cli_jsonl_file *file)
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

void cli_jsonl_name_rotated(const cli_jsonl_file *file, unsigned long long number, char out[static PATH_MAX])
{
    snprintf(out, PATH_MAX, "%s.%0*llu", file->path, DIGITS, number);
}

bool cli_jsonl_take_rotated_cursor(cli_jsonl_file *file)
{
    char name[PATH_MAX];
    struct stat found;
    bool no_memory = false;
    if (file->cursor[0] || file->rotated == 0)
        return true;
    cli_jsonl_name_rotated(file, file->rotated, name);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &found) == 0 && found.st_size > 0 &&
                read_last_id(fd, found.st_size, file->cursor, &no_memory);
    if (fd >= 0)
        close(fd);
    if (!good)
        cli_fail_words("%s %s, so where to go on is not known", name,
                       no_memory ? NO_MEMORY : "does not end with an event");
    return good;
}
