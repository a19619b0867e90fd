#include "api/request_body.h"

#include <string.h>
#include <strings.h>

#include "api/input_fault.h"
#include "base/utf8.h"
#include "json/load.h"

enum { MOST_NAMED_KEY = 64 }; /* bytes; a field of ours is shorter */

/* "application/json" or "application/<anything>+json", with or without parameters (RFC 6839). */
static bool is_json_type(gx_span value)
{
    gx_span type;
    if (!gx_span_split(&value, ';', &type))
        return false;
    type = gx_span_trim(type);
    if (gx_span_equal_nocase(type, GX_SPAN("application/json")))
        return true;
    gx_span suffix = GX_SPAN("+json");
    return type.len > suffix.len &&
           gx_span_equal_nocase((gx_span){type.ptr + type.len - suffix.len, suffix.len}, suffix) &&
           strncasecmp(type.ptr, "application/", strlen("application/")) == 0;
}

/* The key that ends at this byte, without its quotes and as it stands there; empty when there is none, or a long one.
 */
static gx_span key_before(gx_span body, int position)
{
    size_t end =
        position > 1 && (size_t)position <= body.len && body.ptr[position - 1] == '"' ? (size_t)position - 1 : 0;
    size_t start = end;
    while (start > 0 && end - start <= MOST_NAMED_KEY && body.ptr[start - 1] != '"')
        start--;
    bool whole = start > 0 && end - start <= MOST_NAMED_KEY && body.ptr[start - 1] == '"';
    return whole ? (gx_span){body.ptr + start, end - start} : (gx_span){0};
}

/* The message begins with the key, as that of any other field does. */
static bool refuse_duplicate(gx_call *call, const json_error_t *error)
{
    gx_span key = key_before(call->request->body, error->position);
    return gx_refuse(&call->problem, 400, "BAD_REQUEST", "%.*s%sThe body has a key twice (line %d, column %d)",
                     (int)key.len, key.len > 0 ? key.ptr : "", key.len > 0 ? ": " : "", error->line, error->column);
}

/* Some of what it refuses is JSON all the same: then it is said which limit that met. */
static bool refuse_json(gx_call *call, const json_error_t *error)
{
    static const struct {
        enum json_error_code code;
        const char *what;
    } LIMITS[] = {
        {json_error_numeric_overflow, "has a number beyond all range"},
        {json_error_stack_overflow, "is nested too deeply, more than 2048 levels"},
        {json_error_null_character, "has the character U+0000 in a text"},
        {json_error_null_byte_in_key, "has the character U+0000 in a key"},
    };
    if (json_error_code(error) == json_error_duplicate_key)
        return refuse_duplicate(call, error);
    const char *what = "is not valid JSON";
    for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++)
        if (LIMITS[i].code == json_error_code(error))
            what = LIMITS[i].what;
    return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body %s (line %d, column %d)", what, error->line,
                     error->column);
}

bool gx_request_body_read(gx_call *call)
{
    gx_span body = call->request->body;
    if (body.len == 0)
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body must be a JSON object; it is empty");
    if (!is_json_type(gx_http_header_find(call->request, "content-type")))
        return gx_refuse(&call->problem, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Type: must be application/json");
    if (gx_http_header_find(call->request, "content-encoding").ptr != NULL)
        return gx_refuse(&call->problem, 415, "UNSUPPORTED_MEDIA_TYPE", "Content-Encoding: no coding is understood");
    if (!gx_utf8_valid(body))
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body is not valid UTF-8");
    json_error_t error;
    bool no_memory;
    call->body = gx_json_load(body, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error, &no_memory);
    if (no_memory)
        return gx_input_no_memory(call);
    if (call->body == NULL)
        return refuse_json(call, &error);
    if (!json_is_object(call->body))
        return gx_refuse(&call->problem, 400, "BAD_REQUEST", "The body must be a JSON object");
    return true;
}
