/* The body of a request, before its fields are looked at. */
#ifndef GX_API_REQUEST_BODY_H
#define GX_API_REQUEST_BODY_H

#include <stdbool.h>

#include "api/call.h"

/* Reads the body as one JSON object into call->body. 415 when the content type is not JSON, 400 when it is no JSON
 * object. Of the body the message quotes a key that stands there twice, and never a value: it may hold a secret. */
bool gx_request_body_read(gx_call *call);

#endif
