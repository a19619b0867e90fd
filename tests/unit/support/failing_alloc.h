/* Lets one chosen allocation fail, in every room alike: the linker sends malloc and its kin here (cmake/Rooms.cmake).
 * Allocations of any thread count. */
#ifndef GX_TESTS_FAILING_ALLOC_H
#define GX_TESTS_FAILING_ALLOC_H

#include <stdbool.h>

/* The n-th allocation from now (1 is the very next) fails once, all others work. 0: none fails. */
void gx_fail_allocation(long n);

/* Whether it came to that since the last gx_fail_allocation(). */
bool gx_allocation_failed(void);

/* Allocations asked for since the program began; a difference of 0 shows that a path allocates nothing. */
long gx_allocation_count(void);

#endif
