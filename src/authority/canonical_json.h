/* One text for one JSON value, so that it can be hashed: compact, the members of every object sorted by their keys'
 * UTF-16 code units, strings and numbers as ECMAScript's JSON.stringify writes them (RFC 8785). Keys that are numbers
 * are sorted as text too, though a JavaScript object puts those first. */
#ifndef GX_AUTHORITY_CANONICAL_JSON_H
#define GX_AUTHORITY_CANONICAL_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"

/* Appends the text. False when the value holds a whole number beyond 2^53, which not every reader of JSON keeps exactly
 * (RFC 7493 section 2.2). Want of memory shows in out->failed. */
bool gx_canonical_json(const json_t *value, gx_buffer *out);

#endif
