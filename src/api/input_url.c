/* Addresses that a browser will be sent to, or events posted to. */
#include "api/input.h"
#include "api/input_fault.h"
#include "base/http_url.h"

enum { MOST_URL_LENGTH = 2048 };

bool gx_input_url(gx_call *call, const char *field, const char **out)
{
    const char *url;
    gx_http_url parts;
    if (!gx_input_text(call, field, GX_OPTIONAL, 1, MOST_URL_LENGTH, &url))
        return false;
    if (url != NULL && !gx_http_url_read(gx_span_of(url), &parts))
        return gx_input_refuse(call, field, "must be an absolute http or https URL without user name or password");
    *out = url;
    return true;
}
