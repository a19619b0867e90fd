#include "lib/answer_head.h"

#include <stdio.h>

/* The value when the header line has that name. */
static bool is_header(gx_span line, gx_span name, gx_span *value)
{
    if (line.len <= name.len || line.ptr[name.len] != ':' || !gx_span_equal_nocase((gx_span){line.ptr, name.len}, name))
        return false;
    *value = gx_span_trim((gx_span){line.ptr + name.len + 1, line.len - name.len - 1});
    return true;
}

static void copy_text(char *out, size_t size, gx_span text)
{
    snprintf(out, size, "%.*s", (int)(text.len < size ? text.len : size - 1), text.ptr);
}

gx_response gx_response_none(void)
{
    return (gx_response){.retry_after_ms = -1, .date_s = -1};
}

void gx_answer_head_line(gx_answer_head *head, gx_response *response, gx_span line)
{
    gx_span value;
    if (gx_span_starts_with(line, GX_SPAN("HTTP/"))) {
        *response = gx_response_none();
        *head = (gx_answer_head){0};
    } else if (is_header(line, GX_SPAN("content-type"), &value)) {
        copy_text(response->content_type, sizeof response->content_type, value);
    } else if (is_header(line, GX_SPAN("content-encoding"), &value)) {
        copy_text(response->content_encoding, sizeof response->content_encoding, value);
    } else if (is_header(line, GX_SPAN("transfer-encoding"), &value)) {
        head->chunked = gx_span_equal_nocase(value, GX_SPAN("chunked")) && !head->chunked;
        head->framed |= !head->chunked;
    } else if (is_header(line, GX_SPAN("content-length"), &value)) {
        head->framed = true;
    } else if (is_header(line, GX_SPAN("x-request-id"), &value)) {
        copy_text(response->request_id, sizeof response->request_id, value);
    } else if (is_header(line, GX_SPAN("location"), &value)) {
        head->moved = value.len > 0;
    } else if (is_header(line, GX_SPAN("date"), &value)) {
        copy_text(head->date, sizeof head->date, value);
    }
}
