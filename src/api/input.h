/* The fields of a request, each with its rule. Every function returns false after filling call->problem with a 400 that
 * names the field and the rule. Texts are copied into the call's arena (NUL-terminated, valid UTF-8, no NUL inside).
 * Lengths count code points. */
#ifndef GX_API_INPUT_H
#define GX_API_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "api/call.h"

/* Characters of a token that is shown: more than the largest that this server makes. */
enum { GX_MOST_TOKEN = 512 * 1024 };

typedef enum gx_need { GX_REQUIRED, GX_OPTIONAL } gx_need;

/* A string of `least` to `most` characters. Absent or null and optional: *out = NULL. */
bool gx_input_text(gx_call *call, const char *field, gx_need need, size_t least, size_t most, const char **out);

/* The same, with white space trimmed off both ends first; blank counts as empty. */
bool gx_input_trimmed(gx_call *call, const char *field, gx_need need, size_t least, size_t most, const char **out);

/* One of the `count` words. Absent and optional: *out = NULL. */
bool gx_input_word(gx_call *call, const char *field, gx_need need, const char *const *words, size_t count,
                   const char **out);

/* true or false. Absent: *out stays as it is. */
bool gx_input_bool(gx_call *call, const char *field, bool *out);

/* A positive amount: JSON number or decimal string, at most four decimals; ten-thousandths. */
bool gx_input_amount(gx_call *call, const char *field, int64_t *out);

/* "24h", "30m": digits and one of s m h d, greater than 0, at most ten years. Absent: `fallback_ms`. */
bool gx_input_duration(gx_call *call, const char *field, int64_t fallback_ms, int64_t *out_ms);

/* Whether the field is there, and not null. */
bool gx_input_given(const gx_call *call, const char *field);

/* An array of `least` to 100 strings of 1 to 256 characters, none blank, as compact JSON text `["a","b"]`. Absent and
 * optional: "[]". */
bool gx_input_scopes(gx_call *call, const char *field, gx_need need, size_t least, const char **out_json);

/* A JSON object as compact text, at most 16 KiB. Absent: "{}". */
#define GX_INPUT_MOST_OBJECT_BYTES (16 * 1024)
bool gx_input_object(gx_call *call, const char *field, const char **out_json);

/* The same in canonical form (authority/canonical_json.h), for what will be hashed. */
bool gx_input_canonical_object(gx_call *call, const char *field, const char **out_json);

/* A header, without the white space around it; ptr NULL when absent. False (400) when it is repeated: which one was
 * meant cannot be said. */
bool gx_input_header(gx_call *call, const char *name, gx_span *out);

/* What stands for ":id" in the path. */
bool gx_input_param(gx_call *call, const char **out);

/* A whole `parse`: the same, into args whose first member is the `const char *` for it. */
bool gx_parse_param(gx_call *call);

/* Whether every % in the query has two hex digits behind it, also in parameters that nobody reads. */
bool gx_input_query_check(gx_call *call);

/* A query parameter, percent-decoded; NULL when absent. False (400) on a bad escape, bad UTF-8, and when it is
 * repeated.
 */
bool gx_input_query(gx_call *call, const char *name, const char **out);

/* The same of one that may be repeated: the values are joined by commas. */
bool gx_input_query_list(gx_call *call, const char *name, const char **out);

/* The same of 1 to `most` characters, and of one of `count` words (*out is then the table's). */
bool gx_input_query_text(gx_call *call, const char *name, size_t most, const char **out);
bool gx_input_query_word(gx_call *call, const char *name, const char *const *words, size_t count, const char **out);

/* A whole number in the query between least and most. Absent: `fallback`. */
bool gx_input_query_int(gx_call *call, const char *name, int64_t least, int64_t most, int64_t fallback, int64_t *out);

/* An absolute http(s) URL without user information, at most 2048 characters. Absent: NULL. */
bool gx_input_url(gx_call *call, const char *field, const char **out);

#endif
