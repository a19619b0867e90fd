/* Whether this process is a child that was forked after something was made: without a system call, without a handler
 * for the whole process, and also where a child has the process id of a parent that is gone. */
#ifndef GX_BASE_FORK_MARK_H
#define GX_BASE_FORK_MARK_H

#include <stdbool.h>

typedef struct gx_fork_mark gx_fork_mark;

/* NULL when out of memory. */
gx_fork_mark *gx_fork_mark_new(void);
void gx_fork_mark_free(gx_fork_mark *mark); /* NULL is allowed */

/* True in a child that got the mark by fork. Any thread. */
bool gx_fork_mark_crossed(const gx_fork_mark *mark);

#endif
