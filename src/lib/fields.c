#include "lib/fields.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "lib/json_value.h"
#include "wire/json_scan.h"

/* --- block --------------------------------------------------------------- */

static bool has_objects(const gx_shape *shape)
{
    for (size_t i = 0; i < shape->field_count; i++)
        if (shape->fields[i].kind == GX_FIELD_OBJECT)
            return true;
    return false;
}

size_t gx_fields_room(gx_span json, const gx_shape *shape)
{
    size_t quotes = 0;
    for (size_t i = 0; i < json.len; i++)
        quotes += json.ptr[i] == '"';
    /* A string takes at most its raw length with both quotes (one becomes the NUL) and, in an array, one grantex_text;
     * what an array adds for its alignment is counted at each string. Objects in it have copies of their own. */
    size_t copies = has_objects(shape) ? 3 : 2;
    return copies * (json.len + 1) + (quotes / 2) * (sizeof(grantex_text) + alignof(max_align_t));
}

void *gx_block_take(gx_block *block, size_t size)
{
    size_t rest = size % alignof(max_align_t);
    void *taken = block->front;
    block->front += rest ? size + alignof(max_align_t) - rest : size;
    return memset(taken, 0, size);
}

grantex_text gx_block_copy(gx_block *block, gx_span text)
{
    block->back -= text.len + 1;
    if (text.len > 0)
        memcpy(block->back, text.ptr, text.len);
    block->back[text.len] = '\0';
    return (grantex_text){block->back, text.len};
}

/* --- kinds --------------------------------------------------------------- */

static bool read_text(gx_span value, gx_block *block, grantex_text *out)
{
    char *to = block->back - value.len;
    if (!gx_json_string_decode(value, to, &out->length))
        return false;
    block->back = to;
    out->text = to;
    return true;
}

static bool read_texts(gx_span value, gx_block *block, const grantex_text **out, size_t *count)
{
    gx_json_array array;
    gx_span element;
    if (!gx_json_array_open(value, &array))
        return false;
    grantex_text *texts = gx_block_take(block, gx_json_array_count(array) * sizeof *texts);
    for (*count = 0; gx_json_array_next(&array, &element); ++*count)
        if (!read_text(element, block, &texts[*count]))
            return false;
    *out = texts;
    return true;
}

static bool read_field(gx_span value, const gx_field *field, gx_block *block, char *out)
{
    switch (field->kind) {
    case GX_FIELD_TEXT:
        return read_text(value, block, (grantex_text *)(void *)(out + field->offset));
    case GX_FIELD_TEXTS:
        return read_texts(value, block, (const grantex_text **)(void *)(out + field->offset),
                          (size_t *)(void *)(out + field->count_offset));
    case GX_FIELD_BOOL:
        return gx_json_bool_value(value, (bool *)(void *)(out + field->offset));
    case GX_FIELD_INT:
    case GX_FIELD_COUNT:
        return gx_json_integer(value, (int64_t *)(void *)(out + field->offset));
    case GX_FIELD_AMOUNT:
        return gx_json_amount(value, (int64_t *)(void *)(out + field->offset));
    case GX_FIELD_OBJECT:
        return gx_fields_read(value, field->inner, block, out + field->offset);
    }
    return false;
}

/* --- objects ------------------------------------------------------------- */

static void set_defaults(const gx_shape *shape, char *out)
{
    memset(out, 0, shape->size);
    for (size_t i = 0; i < shape->field_count; i++) {
        const gx_field *field = &shape->fields[i];
        if (field->kind == GX_FIELD_TEXT)
            *(grantex_text *)(void *)(out + field->offset) = (grantex_text){"", 0};
        else if (field->kind == GX_FIELD_AMOUNT || field->kind == GX_FIELD_COUNT)
            *(int64_t *)(void *)(out + field->offset) = -1;
        else if (field->kind == GX_FIELD_OBJECT)
            set_defaults(field->inner, out + field->offset);
    }
    if (shape->json_offset)
        *(grantex_text *)(void *)(out + shape->json_offset) = (grantex_text){"", 0};
}

static const gx_field *find_field(const gx_shape *shape, gx_span key)
{
    for (size_t i = 0; i < shape->field_count; i++)
        if (gx_span_equal(key, gx_span_of(shape->fields[i].key)))
            return &shape->fields[i];
    return NULL;
}

static bool has_required(const gx_shape *shape, const char *out)
{
    for (size_t i = 0; i < shape->field_count; i++) {
        const gx_field *field = &shape->fields[i];
        if (field->required && ((const grantex_text *)(const void *)(out + field->offset))->length == 0)
            return false;
    }
    return true;
}

bool gx_fields_read(gx_span json, const gx_shape *shape, gx_block *block, void *out)
{
    gx_json_scan scan = gx_json_scan_object(json);
    gx_span key, value;
    set_defaults(shape, out);
    while (gx_json_scan_next(&scan, &key, &value)) {
        const gx_field *field = find_field(shape, key);
        if (field && !gx_json_is_null(value) && !read_field(value, field, block, out))
            return false;
    }
    if (scan.failed || !has_required(shape, out))
        return false;
    if (shape->json_offset)
        *(grantex_text *)(void *)((char *)out + shape->json_offset) = gx_block_copy(block, json);
    return true;
}
