/* An intrusive doubly linked list. A node that is in no list points at itself. */
#ifndef GX_BASE_LIST_H
#define GX_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gx_list {
    struct gx_list *next, *previous;
} gx_list;

#define GX_LIST_ENTRY(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void gx_list_init(gx_list *list)
{
    list->next = list->previous = list;
}
static inline bool gx_list_empty(const gx_list *list)
{
    return list->next == list;
}
static inline void gx_list_remove(gx_list *node)
{
    node->previous->next = node->next;
    node->next->previous = node->previous;
    gx_list_init(node);
}
static inline void gx_list_push_back(gx_list *list, gx_list *node)
{
    node->previous = list->previous;
    node->next = list;
    list->previous->next = node;
    list->previous = node;
}

#endif
