/* JSON from outside, read by jansson, which does not survive its lexer's running out of memory: a character is left out
 * of the text at hand and nobody is told, so that a field has another value; where the character was the closing quote
 * it writes behind its block (2.14, lex_save in load.c ignores what strbuffer_append_byte returns). So all of jansson's
 * memory comes from here, and nothing else may parse. */
#ifndef GX_JSON_LOAD_H
#define GX_JSON_LOAD_H

#include <jansson.h>
#include <stdbool.h>

#include "base/span.h"

/* As json_loadb(3): the caller gives the value back with json_decref. NULL when it is no JSON, as *error says unless
 * `error` is NULL; and when out of memory: then *no_memory is true, otherwise false. Any thread. */
json_t *gx_json_load(gx_span text, size_t flags, json_error_t *error, bool *no_memory);

#endif
