#include "lib/result.h"

#include <stdalign.h>

#include "base/memory.h"
#include "lib/fail.h"
#include "lib/json_value.h"
#include "wire/json_scan.h"

static grantex_status fail_shape(grantex_error *error)
{
    return gx_fail(error, GRANTEX_E_PROTOCOL, "The answer of the server is not what was asked for");
}

/* Room for `structs` bytes of structs, taken in `pieces`, and for all that `json` holds. */
static void *new_block(gx_span json, const gx_shape *shape, size_t structs, size_t pieces, gx_block *block)
{
    size_t size = structs + pieces * alignof(max_align_t) + gx_fields_room(json, shape);
    char *memory = gx_malloc(size);
    *block = (gx_block){memory, memory ? memory + size : NULL};
    return memory;
}

grantex_status gx_result_new(gx_span json, const gx_shape *shape, void **result, grantex_error *error)
{
    gx_block block;
    void *memory = new_block(json, shape, shape->size, 1, &block);
    if (!memory)
        return gx_fail_memory(error);
    if (!gx_fields_read(json, shape, &block, gx_block_take(&block, shape->size))) {
        gx_free(memory);
        return fail_shape(error);
    }
    *result = memory;
    return GRANTEX_OK;
}

/* Structs lie side by side: the size of every public struct is a multiple of its own alignment, so plain arithmetic on
 * one piece of the block does. The copy of each object comes out of the room of the whole text, which counts twice. */
static bool read_elements(gx_json_array array, const gx_shape *shape, gx_block *block, char *items)
{
    gx_span element;
    for (size_t i = 0; gx_json_array_next(&array, &element); i++)
        if (!gx_fields_read(element, shape, block, items + i * shape->size))
            return false;
    return true;
}

static uint64_t total_of(gx_span json, size_t count)
{
    gx_span text;
    unsigned long long total;
    return gx_json_scan_find(json, "total", &text) && gx_span_to_uint(text, &total) ? total : count;
}

grantex_status gx_result_list_new(gx_span json, const char *member, const gx_shape *shape, size_t head,
                                  gx_result_list *list, grantex_error *error)
{
    gx_span value;
    gx_json_array array;
    if (!gx_json_scan_find(json, member, &value) || !gx_json_array_open(value, &array))
        return fail_shape(error);

    size_t count = gx_json_array_count(array);
    gx_block block;
    void *memory = new_block(json, shape, head + count * shape->size + json.len + count, 2, &block);
    if (!memory)
        return gx_fail_memory(error);
    gx_block_take(&block, head);
    char *items = gx_block_take(&block, count * shape->size);
    if (!read_elements(array, shape, &block, items)) {
        gx_free(memory);
        return fail_shape(error);
    }
    *list = (gx_result_list){memory, items, count, gx_block_copy(&block, json), total_of(json, count)};
    return GRANTEX_OK;
}
