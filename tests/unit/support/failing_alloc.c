#include "support/failing_alloc.h"

#include <errno.h>
#include <stddef.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t most);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t most);

static gx_failing_alloc own;
static gx_failing_alloc *state = &own; /* set before the first thread starts, as is: */
static void (*when_failed)(void);

void gx_failing_alloc_keep_in(gx_failing_alloc *elsewhere, void (*told)(void))
{
    state = elsewhere;
    when_failed = told;
}

void gx_fail_allocation(long n)
{
    atomic_store(&state->failed, 0);
    atomic_store(&state->countdown, n);
}

bool gx_allocation_failed(void)
{
    return atomic_load(&state->failed) != 0;
}

long gx_allocation_count(void)
{
    return atomic_load(&state->count);
}

bool gx_allocation_must_fail(void)
{
    atomic_fetch_add(&state->count, 1);
    long left = atomic_load(&state->countdown);
    while (left > 0 && !atomic_compare_exchange_weak(&state->countdown, &left, left - 1))
        ;
    if (left != 1)
        return false;
    atomic_store(&state->failed, 1);
    if (when_failed)
        when_failed();
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return gx_allocation_must_fail() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return gx_allocation_must_fail() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return gx_allocation_must_fail() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return gx_allocation_must_fail() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t most)
{
    return gx_allocation_must_fail() ? NULL : __real_strndup(text, most);
}
