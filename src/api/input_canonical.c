/* A JSON object that will be hashed. */
#include "api/input.h"
#include "api/input_fault.h"
#include "authority/canonical_json.h"

static bool keep_canonical(gx_call *call, const char *field, const json_t *object, gx_buffer *text, const char **out)
{
    bool exact = gx_canonical_json(object, text);
    if (text->failed)
        return gx_input_no_memory(call);
    if (!exact)
        return gx_input_refuse(call, field, "a whole number beyond 2^53 is not read alike by all; send it as a string");
    if (text->length > GX_INPUT_MOST_OBJECT_BYTES)
        return gx_input_refuse(call, field, "must be at most %d bytes of JSON", GX_INPUT_MOST_OBJECT_BYTES);
    const char *copy = gx_arena_copy(&call->arena, gx_buffer_span(text));
    if (copy == NULL)
        return gx_input_no_memory(call);
    *out = copy;
    return true;
}

bool gx_input_canonical_object(gx_call *call, const char *field, const char **out_json)
{
    if (!gx_input_given(call, field)) {
        *out_json = "{}";
        return true;
    }
    const json_t *value = json_object_get(call->body, field);
    if (!json_is_object(value))
        return gx_input_refuse(call, field, "must be a JSON object");
    gx_buffer text = GX_BUFFER_INIT(0);
    bool kept = keep_canonical(call, field, value, &text, out_json);
    gx_buffer_free(&text);
    return kept;
}
