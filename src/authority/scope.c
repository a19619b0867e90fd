#include "authority/scope.h"

#include <jansson.h>

#include "base/money.h"

typedef struct scope_words {
    gx_span scope;
    const char *words;
} scope_words;

static const scope_words TABLE[] = {
    {GX_SPAN("calendar:read"), "See the events in your calendar"},
    {GX_SPAN("calendar:write"), "Add, change and remove events in your calendar"},
    {GX_SPAN("contacts:read"), "See your contacts"},
    {GX_SPAN("contacts:write"), "Add, change and remove contacts"},
    {GX_SPAN("email:read"), "Read your email"},
    {GX_SPAN("email:send"), "Send email in your name"},
    {GX_SPAN("email:delete"), "Delete your email"},
    {GX_SPAN("files:read"), "See your files and what is in them"},
    {GX_SPAN("files:write"), "Add, change and remove your files"},
    {GX_SPAN("payments:read"), "See your payments"},
    {GX_SPAN("payments:initiate"), "Make payments in your name, of any amount"},
    {GX_SPAN("profile:read"), "See your profile: name, picture and email address"},
};

/* payments:initiate:max_N, N a plain amount. */
static bool describe_capped_payment(gx_span scope, gx_buffer *out)
{
    const gx_span prefix = GX_SPAN("payments:initiate:max_");
    int64_t most;
    if (!gx_span_starts_with(scope, prefix))
        return false;
    gx_span amount = {scope.ptr + prefix.len, scope.len - prefix.len};
    if (gx_money_read(amount, false, &most) != GX_MONEY_OK || most <= 0)
        return false;
    char text[GX_MONEY_SIZE];
    gx_money_write_short(text, most);
    gx_buffer_printf(out, "Make payments in your name, each of at most %s", text);
    return true;
}

void gx_scope_describe(gx_span scope, gx_buffer *out)
{
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        if (gx_span_equal(TABLE[i].scope, scope)) {
            gx_buffer_append_text(out, TABLE[i].words);
            return;
        }
    }
    if (!describe_capped_payment(scope, out))
        gx_buffer_append_span(out, scope);
}

void gx_scope_write_descriptions(gx_json *json, const char *key, const char *scopes)
{
    json_t *array = json_loads(scopes, 0, NULL);
    gx_buffer words = GX_BUFFER_INIT(0);
    gx_json_open_array(json, key);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *scope = json_array_get(array, i);
        gx_buffer_clear(&words);
        gx_scope_describe((gx_span){json_string_value(scope), json_string_length(scope)}, &words);
        gx_json_span(json, NULL, gx_buffer_span(&words));
        json->out->failed |= words.failed;
    }
    gx_json_close_array(json);
    json->out->failed |= array == NULL;
    gx_buffer_free(&words);
    json_decref(array);
}

static bool contains(const json_t *scopes, const json_t *wanted)
{
    for (size_t i = 0; i < json_array_size(scopes); i++) {
        if (json_equal(json_array_get(scopes, i), wanted))
            return true;
    }
    return false;
}

bool gx_scope_within(const char *part, const char *whole, bool *within)
{
    json_t *wanted = json_loads(part, 0, NULL), *allowed = json_loads(whole, 0, NULL);
    bool readable = wanted != NULL && allowed != NULL;
    size_t i = 0;
    while (i < json_array_size(wanted) && contains(allowed, json_array_get(wanted, i)))
        i++;
    if (readable)
        *within = i == json_array_size(wanted);
    json_decref(wanted);
    json_decref(allowed);
    return readable;
}
