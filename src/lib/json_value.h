/* Single JSON values as C values. The text has been found by gx_json_scan, so it is structurally whole. */
#ifndef GX_LIB_JSON_VALUE_H
#define GX_LIB_JSON_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* Decodes a string (with its quotes) to UTF-8. `out` has room for value.len bytes; a NUL is put behind the text.
 * Half a surrogate pair becomes U+FFFD. False when it is no string or holds an escape that JSON does not know. */
bool gx_json_string_decode(gx_span value, char *out, size_t *length);

/* The same into a buffer of any size: cut, at the border of a character, to what fits and can be read. Leaves `out`
 * alone when it is no string. */
void gx_json_string_copy(gx_span value, char *out, size_t size);

/* A whole number, also written as a string. */
bool gx_json_integer(gx_span value, int64_t *number);

/* An amount in ten-thousandths: a number, or a string as the REST API has it. */
bool gx_json_amount(gx_span value, int64_t *amount);

bool gx_json_is_null(gx_span value);

/* true or false. */
bool gx_json_bool_value(gx_span value, bool *is_true);

typedef struct gx_json_array {
    const char *at, *end;
} gx_json_array;

/* False when `value` is no array. */
bool gx_json_array_open(gx_span value, gx_json_array *array);
bool gx_json_array_next(gx_json_array *array, gx_span *element);

/* How many elements are still to come. */
size_t gx_json_array_count(gx_json_array array);

#endif
