/* Scopes in plain words, for the person who is asked to allow them. */
#ifndef GX_AUTHORITY_SCOPE_H
#define GX_AUTHORITY_SCOPE_H

#include "base/buffer.h"
#include "base/span.h"
#include "wire/json_writer.h"

/* Appends what the scope allows: "Read your calendar". A scope that nobody has described is shown as it is. */
void gx_scope_describe(gx_span scope, gx_buffer *out);

/* The same for a JSON array of scopes: writes a JSON array of sentences, in the same order. */
void gx_scope_write_descriptions(gx_json *json, const char *key, const char *scopes);

/* What to think of before allowing it, a static sentence: it costs money, cannot be undone, or nobody has described it.
 * NULL when there is nothing of the kind. */
const char *gx_scope_warning(gx_span scope);

/* The same for a JSON array of scopes: a JSON array of sentences and nulls, in the same order. */
void gx_scope_write_warnings(gx_json *json, const char *key, const char *scopes);

/* Whether every scope of `part` is one of `whole`; both are JSON arrays. *within is written only on success: false when
 * out of memory. */
bool gx_scope_within(const char *part, const char *whole, bool *within);

#endif
