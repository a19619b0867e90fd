#include "authority/scope.h"

#include <jansson.h>

#include "base/money.h"
#include "json/load.h"

typedef struct scope_words {
    gx_span scope;
    const char *words;
    const char *warning; /* NULL: nothing goes that could not be got back */
} scope_words;

static const scope_words TABLE[] = {
    {GX_SPAN("calendar:read"), "See the events in your calendar", NULL},
    {GX_SPAN("calendar:write"), "Add, change and remove events in your calendar", NULL},
    {GX_SPAN("contacts:read"), "See your contacts", NULL},
    {GX_SPAN("contacts:write"), "Add, change and remove contacts", NULL},
    {GX_SPAN("email:read"), "Read your email", NULL},
    {GX_SPAN("email:send"), "Send email in your name", "Others will take it as written by you."},
    {GX_SPAN("email:delete"), "Delete your email", "What it deletes may be gone for good."},
    {GX_SPAN("files:read"), "See your files and what is in them", NULL},
    {GX_SPAN("files:write"), "Add, change and remove your files", "What it removes may be gone for good."},
    {GX_SPAN("payments:read"), "See your payments", NULL},
    {GX_SPAN("payments:initiate"), "Make payments in your name, of any amount",
     "This spends your money, without a limit."},
    {GX_SPAN("profile:read"), "See your profile: name, picture and email address", NULL},
};

static const scope_words *find(gx_span scope)
{
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        if (gx_span_equal(TABLE[i].scope, scope))
            return &TABLE[i];
    }
    return NULL;
}

/* payments:initiate:max_N, N a plain amount. */
static bool is_capped_payment(gx_span scope, int64_t *most)
{
    const gx_span prefix = GX_SPAN("payments:initiate:max_");
    if (!gx_span_starts_with(scope, prefix))
        return false;
    gx_span amount = {scope.ptr + prefix.len, scope.len - prefix.len};
    return gx_money_read(amount, false, most) == GX_MONEY_OK && *most > 0;
}

static bool describe_capped_payment(gx_span scope, gx_buffer *out)
{
    int64_t most;
    if (!is_capped_payment(scope, &most))
        return false;
    char text[GX_MONEY_SIZE];
    gx_money_write_short(text, most);
    gx_buffer_printf(out, "Make payments in your name, each of at most %s", text);
    return true;
}

void gx_scope_describe(gx_span scope, gx_buffer *out)
{
    const scope_words *known = find(scope);
    if (known != NULL)
        gx_buffer_append_text(out, known->words);
    else if (!describe_capped_payment(scope, out))
        gx_buffer_append_span(out, scope);
}

const char *gx_scope_warning(gx_span scope)
{
    const scope_words *known = find(scope);
    int64_t most;
    if (known != NULL)
        return known->warning;
    if (is_capped_payment(scope, &most))
        return "This spends your money. The limit is for each payment, not for all of them together.";
    return "Not a standard permission: only the application knows what it allows.";
}

/* What we wrote ourselves: NULL means out of memory. */
static json_t *load(const char *scopes)
{
    bool no_memory;
    return gx_json_load(gx_span_of(scopes), 0, NULL, &no_memory);
}

void gx_scope_write_warnings(gx_json *json, const char *key, const char *scopes)
{
    json_t *array = load(scopes);
    gx_json_open_array(json, key);
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *scope = json_array_get(array, i);
        gx_json_text(json, NULL, gx_scope_warning((gx_span){json_string_value(scope), json_string_length(scope)}));
    }
    gx_json_close_array(json);
    json->out->failed |= array == NULL;
    json_decref(array);
}

void gx_scope_write_descriptions(gx_json *json, const char *key, const char *scopes)
{
    json_t *array = load(scopes);
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
    json_t *wanted = load(part), *allowed = load(whole);
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
