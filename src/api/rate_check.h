/* A call meets the limits: three steps in its life. A refused one has its problem (429), and the verdict for the
 * headers of its answer is kept in the call.
 *
 * Nothing that takes authority back is ever refused to who may do it: those endpoints are not counted, whatever else
 * was called before. What is counted there, after the fact, are keys that turn out to be nobody's. */
#ifndef GX_API_RATE_CHECK_H
#define GX_API_RATE_CHECK_H

#include "api/live_call.h"

/* Before anything is read of the request. */
bool gx_rate_check_client(gx_live_call *live);

/* When the bearer is known, before anybody looks whose key it is. */
bool gx_rate_check_key(gx_live_call *live);

/* When the call has its problem: a 401 that was not counted before is now, and becomes a 429 at the limit. */
void gx_rate_check_failure(gx_live_call *live);

#endif
