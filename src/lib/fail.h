/* Says in the caller's grantex_error what went wrong. NULL errors are allowed everywhere. */
#ifndef GX_LIB_FAIL_H
#define GX_LIB_FAIL_H

#include "base/span.h"
#include "grantex/status.h"

/* Fills *error and returns `status`, so that `return gx_fail(error, …)` reads well. */
grantex_status gx_fail(grantex_error *error, grantex_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

grantex_status gx_fail_memory(grantex_error *error);

/* The same from an error answer of the server: {"message", "code", "requestId"}, or those inside of "error", or no JSON
 * at all. `request_id` is the x-request-id header, "" when none. GRANTEX_E_AUTH for 401, GRANTEX_E_API otherwise. */
grantex_status gx_fail_answer(grantex_error *error, int http_status, gx_span body, const char *request_id);

/* Hands an error that is known already to the caller. */
grantex_status gx_fail_with(grantex_error *error, const grantex_error *known);

#endif
