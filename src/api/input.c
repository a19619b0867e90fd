#include "api/input.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/input_fault.h"
#include "authority/limits.h"
#include "base/money.h"
#include "base/utf8.h"
#include "wire/json_scan.h"
#include "wire/json_writer.h"

#define MOST_DURATION_MS (INT64_C(10) * 365 * 24 * 3600 * 1000)

bool gx_input_refuse(gx_call *call, const char *field, const char *rule, ...)
{
    char text[GX_PROBLEM_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, rule);
    vsnprintf(text, sizeof text, rule, arguments);
    va_end(arguments);
    return gx_refuse(&call->problem, 400, "BAD_REQUEST", "%s: %s", field, text);
}

/* The field's value; NULL when it is absent or null. */
static const json_t *member(const gx_call *call, const char *field)
{
    const json_t *value = json_object_get(call->body, field);
    return json_is_null(value) ? NULL : value;
}

bool gx_input_given(const gx_call *call, const char *field)
{
    return member(call, field) != NULL;
}

static bool refuse_absent(gx_call *call, const char *field)
{
    return gx_input_refuse(call, field, "is required");
}

static gx_span string_of(const json_t *value)
{
    return (gx_span){json_string_value(value), json_string_length(value)};
}

static bool keep(gx_call *call, gx_span text, const char **out)
{
    const char *copy = gx_arena_copy(&call->arena, text);
    if (copy == NULL)
        return gx_input_no_memory(call);
    *out = copy;
    return true;
}

bool gx_input_param(gx_call *call, const char **out)
{
    return keep(call, call->param, out);
}

bool gx_parse_param(gx_call *call)
{
    return gx_input_param(call, call->args);
}

/* --- texts --- */

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static gx_span trim_white(gx_span text)
{
    while (text.len > 0 && is_white(text.ptr[0]))
        text = (gx_span){text.ptr + 1, text.len - 1};
    while (text.len > 0 && is_white(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* The string as it came; a NULL pointer stands for "absent, and may be". */
static bool read_string(gx_call *call, const char *field, gx_need need, gx_span *out)
{
    const json_t *value = member(call, field);
    if (value == NULL) {
        if (need == GX_REQUIRED)
            return refuse_absent(call, field);
        *out = (gx_span){0};
        return true;
    }
    if (!json_is_string(value))
        return gx_input_refuse(call, field, "must be a string");
    gx_span text = string_of(value);
    if (memchr(text.ptr, '\0', text.len) != NULL)
        return gx_input_refuse(call, field, "must not contain the character U+0000");
    *out = text;
    return true;
}

static bool take_text(gx_call *call, const char *field, gx_span text, size_t least, size_t most, const char **out)
{
    if (text.ptr == NULL) {
        *out = NULL;
        return true;
    }
    size_t length = gx_utf8_length(text);
    if (length < least || length > most)
        return gx_input_refuse(call, field, "must have %zu to %zu characters", least, most);
    return keep(call, text, out);
}

bool gx_input_text(gx_call *call, const char *field, gx_need need, size_t least, size_t most, const char **out)
{
    gx_span text = {0};
    return read_string(call, field, need, &text) && take_text(call, field, text, least, most, out);
}

bool gx_input_trimmed(gx_call *call, const char *field, gx_need need, size_t least, size_t most, const char **out)
{
    gx_span text = {0};
    return read_string(call, field, need, &text) && take_text(call, field, trim_white(text), least, most, out);
}

static bool refuse_word(gx_call *call, const char *field, const char *const *words, size_t count)
{
    gx_buffer list = GX_BUFFER_INIT(GX_PROBLEM_MESSAGE_SIZE);
    for (size_t i = 0; i < count; i++)
        gx_buffer_printf(&list, i == 0 ? "\"%s\"" : i + 1 < count ? ", \"%s\"" : " or \"%s\"", words[i]);
    const char *text = gx_buffer_text(&list);
    gx_input_refuse(call, field, "must be %s", text == NULL ? "another word" : text);
    gx_buffer_free(&list);
    return false;
}

bool gx_input_pick_word(gx_call *call, const char *field, gx_span text, const char *const *words, size_t count,
                        const char **out)
{
    for (size_t i = 0; i < count; i++) {
        if (gx_span_equal(text, gx_span_of(words[i]))) {
            *out = words[i];
            return true;
        }
    }
    return refuse_word(call, field, words, count);
}

bool gx_input_word(gx_call *call, const char *field, gx_need need, const char *const *words, size_t count,
                   const char **out)
{
    gx_span text;
    if (!read_string(call, field, need, &text))
        return false;
    if (text.ptr == NULL) {
        *out = NULL;
        return true;
    }
    return gx_input_pick_word(call, field, text, words, count, out);
}

bool gx_input_bool(gx_call *call, const char *field, bool *out)
{
    const json_t *value = member(call, field);
    if (value != NULL && !json_is_boolean(value))
        return gx_input_refuse(call, field, "must be true or false");
    if (value != NULL)
        *out = json_is_true(value);
    return true;
}

/* --- amounts and durations --- */

/* The value as it stands in the request, so that no double ever holds money. */
static bool raw_member(const gx_call *call, const char *field, gx_span *out)
{
    return gx_json_scan_find(call->request->body, field, out) && out->len > 0;
}

static bool refuse_amount(gx_call *call, const char *field)
{
    return gx_input_refuse(call, field, "must be a number or a decimal string");
}

bool gx_input_amount(gx_call *call, const char *field, int64_t *out)
{
    gx_span raw;
    if (member(call, field) == NULL)
        return refuse_absent(call, field);
    if (!raw_member(call, field, &raw))
        return refuse_amount(call, field);
    bool quoted = raw.ptr[0] == '"';
    if (quoted)
        raw = (gx_span){raw.ptr + 1, raw.len - 2};
    int64_t amount;
    switch (gx_money_read(raw, !quoted, &amount)) {
    case GX_MONEY_TOO_PRECISE:
        return gx_input_refuse(call, field, "must have at most four decimals");
    case GX_MONEY_OUT_OF_RANGE: {
        char most[GX_MONEY_SIZE];
        gx_money_write_fixed(most, GX_MONEY_MAX);
        return gx_input_refuse(call, field, "is out of range, at most %s is possible", most);
    }
    case GX_MONEY_INVALID:
        return refuse_amount(call, field);
    case GX_MONEY_OK:
        break;
    }
    if (amount <= 0)
        return gx_input_refuse(call, field, "must be greater than 0");
    *out = amount;
    return true;
}

static int64_t unit_ms(char unit)
{
    switch (unit) {
    case 's':
        return 1000;
    case 'm':
        return 60 * 1000;
    case 'h':
        return 3600 * 1000;
    case 'd':
        return 24 * 3600 * 1000;
    default:
        return 0;
    }
}

bool gx_input_duration(gx_call *call, const char *field, int64_t fallback_ms, int64_t *out_ms)
{
    gx_span text = {0};
    if (!read_string(call, field, GX_OPTIONAL, &text))
        return false;
    if (text.ptr == NULL) {
        *out_ms = fallback_ms;
        return true;
    }
    unsigned long long count = 0;
    int64_t unit = text.len > 0 ? unit_ms(text.ptr[text.len - 1]) : 0;
    if (unit == 0 || !gx_span_to_uint((gx_span){text.ptr, text.len - 1}, &count) || count == 0)
        return gx_input_refuse(call, field, "must be a whole number above 0 with s, m, h or d behind it, as in 24h");
    if (count > (unsigned long long)(MOST_DURATION_MS / unit))
        return gx_input_refuse(call, field, "must be at most ten years");
    *out_ms = (int64_t)count * unit;
    return true;
}

/* --- arrays and objects --- */

static bool scope_is_good(const json_t *scope)
{
    if (!json_is_string(scope))
        return false;
    gx_span text = string_of(scope);
    return memchr(text.ptr, '\0', text.len) == NULL && trim_white(text).len > 0 &&
           gx_utf8_length(text) <= GX_MOST_SCOPE_LENGTH;
}

static bool write_scopes(gx_call *call, const json_t *scopes, const char **out)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    gx_json json = gx_json_on(&text);
    gx_json_open_array(&json, NULL);
    for (size_t i = 0; i < json_array_size(scopes); i++)
        gx_json_span(&json, NULL, string_of(json_array_get(scopes, i)));
    gx_json_close_array(&json);
    bool kept = text.failed ? gx_input_no_memory(call) : keep(call, gx_buffer_span(&text), out);
    gx_buffer_free(&text);
    return kept;
}

bool gx_input_scopes(gx_call *call, const char *field, gx_need need, size_t least, const char **out_json)
{
    const json_t *scopes = member(call, field);
    if (scopes == NULL) {
        if (need == GX_REQUIRED)
            return refuse_absent(call, field);
        *out_json = "[]";
        return true;
    }
    size_t count = json_array_size(scopes);
    if (!json_is_array(scopes) || count < least || count > GX_MOST_SCOPES)
        return gx_input_refuse(call, field, "must be an array of %zu to %d strings", least, GX_MOST_SCOPES);
    for (size_t i = 0; i < count; i++) {
        if (!scope_is_good(json_array_get(scopes, i)))
            return gx_input_refuse(call, field, "element %zu must be a string of 1 to %d characters, not blank", i + 1,
                                   GX_MOST_SCOPE_LENGTH);
    }
    return write_scopes(call, scopes, out_json);
}

/* Takes the white space out from between the tokens; numbers and strings stay digit for digit what they were. */
static size_t compact(char *text)
{
    size_t length = 0;
    bool in_string = false, escaped = false;
    for (const char *c = text; *c != '\0'; c++) {
        if (!in_string && is_white(*c))
            continue;
        if (*c == '"' && !escaped)
            in_string = !in_string;
        escaped = in_string && *c == '\\' && !escaped;
        text[length++] = *c;
    }
    text[length] = '\0';
    return length;
}

bool gx_input_object(gx_call *call, const char *field, const char **out_json)
{
    const json_t *value = member(call, field);
    if (value == NULL) {
        *out_json = "{}";
        return true;
    }
    gx_span raw;
    if (!json_is_object(value) || !raw_member(call, field, &raw))
        return gx_input_refuse(call, field, "must be a JSON object");
    char *text = gx_arena_copy(&call->arena, raw);
    if (text == NULL)
        return gx_input_no_memory(call);
    if (compact(text) > GX_INPUT_MOST_OBJECT_BYTES)
        return gx_input_refuse(call, field, "must be at most %d bytes of JSON", GX_INPUT_MOST_OBJECT_BYTES);
    *out_json = text;
    return true;
}
