/* The file through which a test tells a program what shall fail (support/control.py). */
#ifndef GX_TESTS_FAULTS_CONTROL_H
#define GX_TESTS_FAULTS_CONTROL_H

#include <stddef.h>

/* `size` bytes of the file that this variable of the environment names, shared with the test; ends the program where
 * there is none. */
void *control_map(const char *variable, size_t size);

/* Says on stderr whose allocation it was that failed, for gx_failing_alloc_keep_in(). */
void control_tell(void);

/* The first backtrace loads a library, which allocates: this is it. */
void control_get_ready_to_tell(void);

#endif
