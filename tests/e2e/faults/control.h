/* The file through which a test tells a program which allocation fails: GRANTEX_SHORT_OF_MEMORY names it. Its first
 * fields are those of gx_failing_alloc (support/memory.py knows the offsets). */
#ifndef GX_TESTS_FAULTS_CONTROL_H
#define GX_TESTS_FAULTS_CONTROL_H

#include <stddef.h>

/* `size` bytes of it, shared with the test; NULL where there is no such file. */
void *control_map(size_t size);

/* Says on stderr whose allocation it was that failed, for gx_failing_alloc_keep_in(). */
void control_tell(void);

/* The first backtrace loads a library, which allocates: this is it. */
void control_get_ready_to_tell(void);

#endif
