#include "authority/canonical_json.h"

#include <stdlib.h>

#include "wire/json_number.h"
#include "wire/json_writer.h"

#define MOST_EXACT_INTEGER (INT64_C(1) << 53)

/* UTF-8 sorts like UTF-16 but for this: U+E000 to U+FFFF (0xEE, 0xEF) come behind what takes a surrogate pair (0xF0
 * and up). */
static int weight(unsigned char byte)
{
    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

static int compare_keys(const void *left, const void *right)
{
    const unsigned char *a = *(const unsigned char *const *)left, *b = *(const unsigned char *const *)right;
    while (*a == *b && *a != '\0')
        a++, b++;
    return weight(*a) - weight(*b);
}

static bool write_value(gx_json *json, const char *key, const json_t *value);

/* The keys in their order; the caller frees the array, not the keys. NULL when out of memory. */
static const char **sorted_keys(const json_t *object)
{
    size_t count = json_object_size(object), n = 0;
    const char **keys = calloc(count + 1, sizeof *keys);
    if (keys == NULL)
        return NULL;
    json_t *lent = (json_t *)object; /* jansson has no iterator for const */
    for (void *at = json_object_iter(lent); at != NULL; at = json_object_iter_next(lent, at))
        keys[n++] = json_object_iter_key(at);
    qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

static bool write_object(gx_json *json, const char *key, const json_t *object)
{
    const char **keys = sorted_keys(object);
    if (keys == NULL) {
        json->out->failed = true;
        return true;
    }
    bool exact = true;
    gx_json_open_object(json, key);
    for (const char **each = keys; exact && *each != NULL; each++)
        exact = write_value(json, *each, json_object_get(object, *each));
    gx_json_close_object(json);
    free(keys);
    return exact;
}

static bool write_array(gx_json *json, const char *key, const json_t *array)
{
    bool exact = true;
    gx_json_open_array(json, key);
    for (size_t i = 0; exact && i < json_array_size(array); i++)
        exact = write_value(json, NULL, json_array_get(array, i));
    gx_json_close_array(json);
    return exact;
}

static bool write_number(gx_json *json, const char *key, const json_t *number)
{
    json_int_t whole = json_integer_value(number); /* 0 for a real */
    if (whole < -MOST_EXACT_INTEGER || whole > MOST_EXACT_INTEGER)
        return false;
    char text[GX_JSON_NUMBER_SIZE];
    gx_json_number_write(text, json_number_value(number));
    gx_json_raw(json, key, gx_span_of(text));
    return true;
}

static bool write_value(gx_json *json, const char *key, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_object(json, key, value);
    case JSON_ARRAY:
        return write_array(json, key, value);
    case JSON_INTEGER:
    case JSON_REAL:
        return write_number(json, key, value);
    case JSON_STRING:
        gx_json_span(json, key, (gx_span){json_string_value(value), json_string_length(value)});
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        gx_json_bool(json, key, json_is_true(value));
        return true;
    case JSON_NULL:
        break;
    }
    gx_json_text(json, key, NULL);
    return true;
}

bool gx_canonical_json(const json_t *value, gx_buffer *out)
{
    gx_json json = gx_json_on(out);
    return write_value(&json, NULL, value);
}
