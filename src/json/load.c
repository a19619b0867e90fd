#include "json/load.h"

#include <setjmp.h>
#include <stdlib.h>

#include "base/list.h"

/* Stands before each block of jansson's, in a ring with the others that came from the same text: the ring is how those
 * of a text that could not be read to its end are found. */
typedef union block {
    gx_list ring;
    max_align_t aligned;
} block;

typedef struct parse {
    jmp_buf no_memory;
    gx_list blocks;
} parse;

static _Thread_local parse *running; /* NULL: nothing is being parsed by this thread */

/* Does not return to a lexer that would go on without. */
static void *take(size_t size)
{
    block *fresh = size <= SIZE_MAX - sizeof *fresh ? malloc(sizeof *fresh + size) : NULL;
    if (fresh == NULL && running != NULL)
        longjmp(running->no_memory, 1);
    if (fresh == NULL)
        return NULL;
    gx_list_init(&fresh->ring);
    if (running != NULL)
        gx_list_push_back(&running->blocks, &fresh->ring);
    return fresh + 1;
}

static void give_back(void *memory)
{
    if (memory == NULL)
        return;
    block *old = (block *)memory - 1;
    gx_list_remove(&old->ring);
    free(old);
}

/* Before main: a block from another allocator would come to give_back() otherwise. */
__attribute__((constructor)) static void stand_before_jansson(void)
{
    json_set_alloc_funcs(take, give_back);
}

static void give_all_back(const gx_list *blocks)
{
    for (gx_list *node = blocks->next, *next; node != blocks; node = next) {
        next = node->next;
        free(GX_LIST_ENTRY(node, block, ring));
    }
}

json_t *gx_json_load(gx_span text, size_t flags, json_error_t *error, bool *no_memory)
{
    parse here;
    gx_list_init(&here.blocks);
    *no_memory = false;
    if (setjmp(here.no_memory) != 0) { /* NOLINT(cert-err52-cpp): jansson keeps no lock and no file */
        running = NULL;
        give_all_back(&here.blocks);
        *no_memory = true;
        return NULL;
    }
    running = &here;
    json_t *value = json_loadb(text.ptr, text.len, flags, error);
    running = NULL;
    gx_list_remove(&here.blocks); /* the ring of the value's blocks closes behind it */
    return value;
}
