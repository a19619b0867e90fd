/* Lets one chosen allocation fail, in every room alike: the linker sends malloc and its kin here (cmake/Rooms.cmake).
 * Allocations of any thread count. */
#ifndef GX_TESTS_FAILING_ALLOC_H
#define GX_TESTS_FAILING_ALLOC_H

#include <stdatomic.h>
#include <stdbool.h>

typedef struct gx_failing_alloc {
    atomic_long countdown; /* 0: none fails; passing from 1 to 0 is the failure */
    atomic_long failed;    /* 1: it came to that */
    atomic_long count;     /* asked for so far */
} gx_failing_alloc;

/* The n-th allocation from now (1 is the very next) fails once, all others work. 0: none fails. */
void gx_fail_allocation(long n);

/* Whether it came to that since the last gx_fail_allocation(). */
bool gx_allocation_failed(void);

/* Allocations asked for since the program began; a difference of 0 shows that a path allocates nothing. */
long gx_allocation_count(void);

/* Counts one allocation and says whether it is the one, for allocators that the linker does not send here. */
bool gx_allocation_must_fail(void);

/* From now on all this is kept there, for another process to see and to set (tests/e2e/faults/short_of_memory.c), and
 * `told` is called by whoever asked for the allocation that fails. Before the first thread. */
void gx_failing_alloc_keep_in(gx_failing_alloc *elsewhere, void (*told)(void));

#endif
