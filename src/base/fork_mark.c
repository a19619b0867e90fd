#include "base/fork_mark.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

/* A page that the kernel empties in a child (madvise(2), MADV_WIPEONFORK: Linux 4.14). Where it would not, the process
 * id decides. */
struct gx_fork_mark {
    pid_t here;
    bool wiped;
};

gx_fork_mark *gx_fork_mark_new(void)
{
    gx_fork_mark *mark = mmap(NULL, sizeof *mark, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mark == MAP_FAILED)
        return NULL;
    mark->wiped = madvise(mark, sizeof *mark, MADV_WIPEONFORK) == 0;
    mark->here = getpid();
    return mark;
}

void gx_fork_mark_free(gx_fork_mark *mark)
{
    if (mark)
        munmap(mark, sizeof *mark);
}

bool gx_fork_mark_crossed(const gx_fork_mark *mark)
{
    return !mark->wiped && mark->here != getpid();
}
