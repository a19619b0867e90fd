/* Answers of the API as the public structs: one block each, with the struct at its start and the texts behind it. */
#ifndef GX_LIB_RESULT_H
#define GX_LIB_RESULT_H

#include "grantex/status.h"
#include "lib/fields.h"

/* A new block that starts with a struct of `shape`; gx_free() it. GRANTEX_E_PROTOCOL when the answer does not fit. */
grantex_status gx_result_new(gx_span json, const gx_shape *shape, void **result, grantex_error *error);

typedef struct gx_result_list {
    void *block; /* starts with `head` bytes for the public list struct; gx_free() it */
    const void *items;
    size_t count;
    grantex_text json;
    uint64_t total; /* the member "total"; `count` where a server sends none */
} gx_result_list;

/* A new block with one struct of `shape` for each object in the array `member`. */
grantex_status gx_result_list_new(gx_span json, const char *member, const gx_shape *shape, size_t head,
                                  gx_result_list *list, grantex_error *error);

#endif
