/* Writes JSON text straight into a buffer: compact, keys in the order of the calls, no tree. Commas are put by itself.
 *
 *   gx_json json = gx_json_on(&buffer);
 *   gx_json_open_object(&json, NULL);
 *   gx_json_text(&json, "grantId", id);
 *   gx_json_close_object(&json);
 *
 * `key` is NULL inside arrays and at the top. Failure shows in buffer.failed. */
#ifndef GX_WIRE_JSON_WRITER_H
#define GX_WIRE_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

typedef struct gx_json {
    gx_buffer *out;
    bool comma; /* the next value needs one before it */
} gx_json;

static inline gx_json gx_json_on(gx_buffer *out)
{
    return (gx_json){.out = out};
}

void gx_json_open_object(gx_json *json, const char *key);
void gx_json_close_object(gx_json *json);
void gx_json_open_array(gx_json *json, const char *key);
void gx_json_close_array(gx_json *json);

void gx_json_text(gx_json *json, const char *key, const char *text); /* NULL text writes null */
void gx_json_span(gx_json *json, const char *key, gx_span text);
void gx_json_int(gx_json *json, const char *key, int64_t value);
void gx_json_bool(gx_json *json, const char *key, bool value);
void gx_json_time(gx_json *json, const char *key, int64_t ms);             /* RFC 3339 string */
void gx_json_money_number(gx_json *json, const char *key, int64_t amount); /* 0.5 */
void gx_json_money_string(gx_json *json, const char *key, int64_t amount); /* "0.5000" */
void gx_json_raw(gx_json *json, const char *key, gx_span value);           /* already JSON */

#endif
