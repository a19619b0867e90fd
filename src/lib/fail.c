#include "lib/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/json_value.h"
#include "wire/json_scan.h"

grantex_status gx_fail(grantex_error *error, grantex_status status, const char *format, ...)
{
    if (!error)
        return status;
    *error = (grantex_error){.status = status};
    va_list values;
    va_start(values, format);
    vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    return status;
}

grantex_status gx_fail_memory(grantex_error *error)
{
    return gx_fail(error, GRANTEX_E_NO_MEMORY, "Out of memory");
}

grantex_status gx_fail_with(grantex_error *error, const grantex_error *known)
{
    if (error)
        *error = *known;
    return known->status;
}

/* Texts that are no strings or too long for `out` are cut or left out: a bad error answer is still an error answer. */
static void copy_member(gx_span json, const char *key, char *out, size_t size)
{
    gx_span value;
    if (gx_json_scan_find(json, key, &value))
        gx_json_string_copy(value, out, size);
}

static void read_envelope(gx_span json, grantex_error *error)
{
    copy_member(json, "message", error->message, sizeof error->message);
    copy_member(json, "code", error->code, sizeof error->code);
    copy_member(json, "requestId", error->request_id, sizeof error->request_id);
}

grantex_status gx_fail_answer(grantex_error *error, int http_status, gx_span body, const char *request_id)
{
    grantex_status status = http_status == 401 ? GRANTEX_E_AUTH : GRANTEX_E_API;
    if (!error)
        return status;
    *error = (grantex_error){.status = status, .http_status = http_status};
    snprintf(error->request_id, sizeof error->request_id, "%s", request_id);

    gx_span nested;
    if (gx_json_scan_find(body, "error", &nested))
        read_envelope(nested, error);
    read_envelope(body, error);
    if (error->message[0] == '\0')
        snprintf(error->message, sizeof error->message, "The server answered with status %d", http_status);
    return status;
}
