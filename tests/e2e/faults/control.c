#include "control.h"

#include <execinfo.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_FRAMES = 24 };

void *control_map(const char *variable, size_t size)
{
    const char *path = getenv(variable);
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = fd >= 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    if (mapped != MAP_FAILED)
        return mapped;
    fprintf(stderr, "%s names no file of the test\n", variable);
    abort();
}

void control_tell(void)
{
    void *frames[MOST_FRAMES];
    backtrace_symbols_fd(frames, backtrace(frames, MOST_FRAMES), STDERR_FILENO);
}

void control_get_ready_to_tell(void)
{
    void *frame;
    backtrace(&frame, 1);
}
