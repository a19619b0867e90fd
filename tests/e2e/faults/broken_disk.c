/* What makes of grantexd a program whose disk can be told to fail while it runs: it stands before the four calls by
 * which SQLite changes files (the dynamic linker finds a program's own functions first), and does them itself, or not,
 * or by halves. What it has done it can write down, so that the test can make of it what a power cut would have left.
 *
 * GRANTEX_BROKEN_DISK names a file of the shape of `control`, which the test has mapped as well; GRANTEX_DISK_JOURNAL,
 * where it is set, the file to write down in. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "control.h"

/* By the same offsets in support/disk.py. */
typedef struct control {
    atomic_long countdown; /* to the call that fails: 1 is the next; 0: none */
    atomic_long happened;  /* so many have failed since */
    atomic_long count;     /* all calls so far */
    atomic_long fault;
    atomic_long lasting; /* not 0: those behind the one that failed fail too */
    atomic_long records; /* in the journal */
} control;

enum fault { NONE, SHORT, NO_ROOM, IO_ERROR, SLOW };
enum call { WRITE = 1, TRUNCATE, SYNC, UNLINK };
enum { SLOW_MS = 50 };

/* Before the bytes of a write; nothing follows the others. */
typedef struct record {
    int32_t call;
    char file[28]; /* "grantex.db-wal"; of the folder: "" */
    int64_t at;    /* offset, or size */
    int64_t length;
} record;

static control *shared;
static int journal = -1;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* --- which file --- */

static const char *name_in(const char *path)
{
    const char *name = strrchr(path, '/');
    return name != NULL ? name + 1 : path;
}

/* The name of a file of the store, or "" for its folder; NULL when it is none of them. */
static const char *store_file(const char *path)
{
    const char *name = name_in(path);
    if (strncmp(name, "grantex.db", strlen("grantex.db")) == 0)
        return name;
    return strcmp(name, "data") == 0 ? "" : NULL;
}

static const char *store_file_at(int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    path[length > 0 ? length : 0] = '\0';
    return store_file(path);
}

/* --- whether it fails --- */

static enum fault fault_now(void)
{
    long left = atomic_load(&shared->countdown);
    atomic_fetch_add(&shared->count, 1);
    if (left == 0)
        return NONE;
    if (left > 1) {
        atomic_store(&shared->countdown, left - 1);
        return NONE;
    }
    atomic_store(&shared->countdown, atomic_load(&shared->lasting) ? 1 : 0);
    atomic_fetch_add(&shared->happened, 1);
    return (enum fault)atomic_load(&shared->fault);
}

/* False, and errno, when the call is not to be made. */
static int goes_well(enum fault fault)
{
    static const struct timespec slow = {.tv_nsec = SLOW_MS * 1000000L};
    if (fault == SLOW)
        nanosleep(&slow, NULL);
    if (fault == NO_ROOM || fault == IO_ERROR)
        errno = fault == NO_ROOM ? ENOSPC : EIO;
    return fault != NO_ROOM && fault != IO_ERROR;
}

/* --- what was done --- */

static void note(enum call call, const char *file, int64_t at, const void *bytes, int64_t length)
{
    record head = {.call = (int32_t)call, .at = at, .length = length};
    if (journal < 0)
        return;
    snprintf(head.file, sizeof head.file, "%s", file);
    if (write(journal, &head, sizeof head) != (ssize_t)sizeof head || write(journal, bytes, (size_t)length) != length)
        abort(); /* the test would take what it reads for all that there is */
    atomic_fetch_add(&shared->records, 1);
}

/* --- the four calls --- */

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at)
{
    char path[4096];
    const char *file = store_file_at(fd, path, sizeof path);
    if (file == NULL)
        return syscall(SYS_pwrite64, fd, bytes, length, at);
    pthread_mutex_lock(&one_at_a_time);
    enum fault fault = fault_now();
    size_t most = fault == SHORT ? (length + 1) / 2 : length;
    ssize_t done = goes_well(fault) ? syscall(SYS_pwrite64, fd, bytes, most, at) : -1;
    if (done > 0)
        note(WRITE, file, at, bytes, done);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

int ftruncate64(int fd, off64_t size)
{
    char path[4096];
    const char *file = store_file_at(fd, path, sizeof path);
    if (file == NULL)
        return (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&one_at_a_time);
    int done = goes_well(fault_now()) ? (int)syscall(SYS_ftruncate, fd, size) : -1;
    if (done == 0)
        note(TRUNCATE, file, size, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

int fdatasync(int fd)
{
    char path[4096];
    const char *file = store_file_at(fd, path, sizeof path);
    if (file == NULL)
        return (int)syscall(SYS_fdatasync, fd);
    pthread_mutex_lock(&one_at_a_time);
    int done = goes_well(fault_now()) ? 0 : -1; /* the test looks at the journal, not at what a real cut would leave */
    if (done == 0)
        note(SYNC, file, 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

int unlink(const char *path)
{
    const char *file = store_file(path);
    if (file == NULL)
        return (int)syscall(SYS_unlink, path);
    pthread_mutex_lock(&one_at_a_time);
    int done = goes_well(fault_now()) ? (int)syscall(SYS_unlink, path) : -1;
    if (done == 0)
        note(UNLINK, file, 0, "", 0);
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

/* --- before main --- */

__attribute__((constructor)) static void stand_before_the_disk(void)
{
    const char *path = getenv("GRANTEX_DISK_JOURNAL");
    shared = control_map("GRANTEX_BROKEN_DISK", sizeof *shared);
    if (path != NULL)
        journal = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (path != NULL && journal < 0) {
        fputs("GRANTEX_DISK_JOURNAL names no file of the test\n", stderr);
        abort();
    }
}
