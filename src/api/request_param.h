/* What stands in a path for ":id". */
#ifndef GX_API_REQUEST_PARAM_H
#define GX_API_REQUEST_PARAM_H

#include <stdbool.h>

#include "api/call.h"

/* Percent-decodes `encoded` into call->param. What cannot be decoded, or would be no text (NUL, no UTF-8), stays as it
 * is: it names nothing, and the store must not see it. False: no memory. */
bool gx_request_param_read(gx_call *call, gx_span encoded);

#endif
