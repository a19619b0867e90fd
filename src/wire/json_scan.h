/* Walks JSON text without building a tree: the members of one object, each value as the raw text it stands in. */
#ifndef GX_WIRE_JSON_SCAN_H
#define GX_WIRE_JSON_SCAN_H

#include <stdbool.h>

#include "base/span.h"

#define GX_JSON_MOST_DEPTH 64

typedef struct gx_json_scan {
    const char *at, *end;
    bool started, ended, failed;
} gx_json_scan;

/* Begins on the object in `json` (white space around it is allowed). */
gx_json_scan gx_json_scan_object(gx_span json);

/* The next member: key without its quotes (escapes left as they are), value as raw JSON text. False after the last one,
 * and when the text is not an object, not whole, followed by anything, or nested deeper than GX_JSON_MOST_DEPTH:
 * scan->failed tells. */
bool gx_json_scan_next(gx_json_scan *scan, gx_span *key, gx_span *value);

/* One string, or one member's value: from where it begins to the place behind it, or NULL when it is not whole. */
const char *gx_json_skip_string(const char *at, const char *end);
const char *gx_json_skip_value(const char *at, const char *end);

/* The raw text of member `key` of the object (the last one when repeated). False when absent or the text is not an
 * object. */
bool gx_json_scan_find(gx_span json, const char *key, gx_span *value);

#endif
