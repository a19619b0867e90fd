#include "wire/json_writer.h"

#include "base/money.h"
#include "base/timestamp.h"
#include "base/utf8.h"

static gx_span escape_of(char c, char unicode[static 7])
{
    static const char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        return GX_SPAN("\\\"");
    case '\\':
        return GX_SPAN("\\\\");
    case '\b':
        return GX_SPAN("\\b");
    case '\f':
        return GX_SPAN("\\f");
    case '\n':
        return GX_SPAN("\\n");
    case '\r':
        return GX_SPAN("\\r");
    case '\t':
        return GX_SPAN("\\t");
    default:
        unicode[4] = hex[c >> 4 & 15];
        unicode[5] = hex[c & 15];
        return (gx_span){unicode, 6};
    }
}

static bool needs_escape(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* Bytes that are no UTF-8 become U+FFFD: what is written is always JSON. */
static void write_string(gx_buffer *out, gx_span text)
{
    char unicode[] = "\\u0000";
    gx_buffer_append_char(out, '"');
    size_t plain = 0; /* where the run without escapes began */
    for (size_t i = 0; i < text.len; i++) {
        if (!needs_escape(text.ptr[i]))
            continue;
        gx_utf8_append_repaired(out, (gx_span){text.ptr + plain, i - plain});
        gx_buffer_append_span(out, escape_of(text.ptr[i], unicode));
        plain = i + 1;
    }
    if (text.len > plain)
        gx_utf8_append_repaired(out, (gx_span){text.ptr + plain, text.len - plain});
    gx_buffer_append_char(out, '"');
}

/* What stands before every value. */
static void begin_value(gx_json *json, const char *key)
{
    if (json->comma)
        gx_buffer_append_char(json->out, ',');
    json->comma = true;
    if (!key)
        return;
    write_string(json->out, gx_span_of(key));
    gx_buffer_append_char(json->out, ':');
}

static void open_container(gx_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    gx_buffer_append_char(json->out, bracket);
    json->comma = false;
}

static void close_container(gx_json *json, char bracket)
{
    gx_buffer_append_char(json->out, bracket);
    json->comma = true;
}

void gx_json_open_object(gx_json *json, const char *key)
{
    open_container(json, key, '{');
}

void gx_json_close_object(gx_json *json)
{
    close_container(json, '}');
}

void gx_json_open_array(gx_json *json, const char *key)
{
    open_container(json, key, '[');
}

void gx_json_close_array(gx_json *json)
{
    close_container(json, ']');
}

void gx_json_raw(gx_json *json, const char *key, gx_span value)
{
    begin_value(json, key);
    gx_buffer_append_span(json->out, value);
}

void gx_json_text(gx_json *json, const char *key, const char *text)
{
    if (text)
        gx_json_span(json, key, gx_span_of(text));
    else
        gx_json_raw(json, key, GX_SPAN("null"));
}

void gx_json_span(gx_json *json, const char *key, gx_span text)
{
    begin_value(json, key);
    write_string(json->out, text);
}

void gx_json_int(gx_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    gx_buffer_append_int(json->out, value);
}

void gx_json_bool(gx_json *json, const char *key, bool value)
{
    gx_json_raw(json, key, value ? GX_SPAN("true") : GX_SPAN("false"));
}

void gx_json_time(gx_json *json, const char *key, int64_t ms)
{
    char text[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(text, ms);
    gx_json_text(json, key, text);
}

void gx_json_money_number(gx_json *json, const char *key, int64_t amount)
{
    char text[GX_MONEY_SIZE];
    gx_money_write_short(text, amount);
    gx_json_raw(json, key, gx_span_of(text));
}

void gx_json_money_string(gx_json *json, const char *key, int64_t amount)
{
    char text[GX_MONEY_SIZE];
    gx_money_write_fixed(text, amount);
    gx_json_text(json, key, text);
}
