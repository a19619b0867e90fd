/* Tables that say which member of a JSON object goes into which field of a public struct. One reader for the payloads
 * of events and for the answers of the API. */
#ifndef GX_LIB_FIELDS_H
#define GX_LIB_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "grantex/sse.h"

typedef enum gx_field_kind {
    GX_FIELD_TEXT,   /* grantex_text, "" when absent or null */
    GX_FIELD_TEXTS,  /* const grantex_text * and, at `count_offset`, size_t */
    GX_FIELD_BOOL,   /* bool, false when absent or null */
    GX_FIELD_INT,    /* int64_t, 0 when absent or null */
    GX_FIELD_COUNT,  /* int64_t, -1 when absent or null */
    GX_FIELD_AMOUNT, /* int64_t in ten-thousandths, -1 when absent or null */
    GX_FIELD_OBJECT, /* a struct of the shape `inner` */
} gx_field_kind;

typedef struct gx_field {
    const char *key;
    gx_field_kind kind;
    bool required;
    size_t offset, count_offset;
    const struct gx_shape *inner;
} gx_field;

/* What a struct is made of; `json_offset` is where its copy of the whole text goes (0: it has none). */
typedef struct gx_shape {
    size_t size;
    const gx_field *fields;
    size_t field_count;
    size_t json_offset;
} gx_shape;

/* Rows of a table, for a field and a JSON key. */
#define GX_TEXT(type, member, key)                                                                                     \
    {                                                                                                                  \
        key, GX_FIELD_TEXT, false, offsetof(type, member), 0, NULL                                                     \
    }
#define GX_REQUIRED_TEXT(type, member, key)                                                                            \
    {                                                                                                                  \
        key, GX_FIELD_TEXT, true, offsetof(type, member), 0, NULL                                                      \
    }
#define GX_TEXTS(type, member, count, key)                                                                             \
    {                                                                                                                  \
        key, GX_FIELD_TEXTS, false, offsetof(type, member), offsetof(type, count), NULL                                \
    }
#define GX_INT(type, member, key)                                                                                      \
    {                                                                                                                  \
        key, GX_FIELD_INT, false, offsetof(type, member), 0, NULL                                                      \
    }
#define GX_COUNT(type, member, key)                                                                                    \
    {                                                                                                                  \
        key, GX_FIELD_COUNT, false, offsetof(type, member), 0, NULL                                                    \
    }
#define GX_BOOL(type, member, key)                                                                                     \
    {                                                                                                                  \
        key, GX_FIELD_BOOL, false, offsetof(type, member), 0, NULL                                                     \
    }
#define GX_AMOUNT(type, member, key)                                                                                   \
    {                                                                                                                  \
        key, GX_FIELD_AMOUNT, false, offsetof(type, member), 0, NULL                                                   \
    }

#define GX_OBJECT(type, member, key, shape)                                                                            \
    {                                                                                                                  \
        key, GX_FIELD_OBJECT, false, offsetof(type, member), 0, &(shape)                                               \
    }

#define GX_SHAPE(type, table)                                                                                          \
    {                                                                                                                  \
        sizeof(type), table, sizeof(table) / sizeof(table)[0], 0                                                       \
    }
#define GX_SHAPE_WITH_JSON(type, table)                                                                                \
    {                                                                                                                  \
        sizeof(type), table, sizeof(table) / sizeof(table)[0], offsetof(type, json)                                    \
    }

/* Memory of a fixed size, handed out from both ends: aligned things from the front, texts from the back. */
typedef struct gx_block {
    char *front, *back;
} gx_block;

/* Never more than this is taken from a block while `json` is read as `shape`, its copy included, structs not included.
 */
size_t gx_fields_room(gx_span json, const gx_shape *shape);

/* `size` bytes from the front, zeroed, aligned for any type. The caller has seen to it that they fit. */
void *gx_block_take(gx_block *block, size_t size);

/* A copy with a NUL behind it, from the back. */
grantex_text gx_block_copy(gx_block *block, gx_span text);

/* Fills the struct `out` of `shape` from the object. False when the text is no object, a required member is absent or
 * one has the wrong kind; the struct is then not to be used. */
bool gx_fields_read(gx_span json, const gx_shape *shape, gx_block *block, void *out);

#endif
