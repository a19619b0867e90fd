/* Idempotency-Key: the same key with the same request gives the first answer again, so that a client may repeat a POST
 * whose answer was lost. The answer is kept for 24 hours, encrypted under the key itself: a copy of the store reveals
 * neither the key nor the tokens in the answer. */
#ifndef GX_API_IDEMPOTENCY_H
#define GX_API_IDEMPOTENCY_H

#include <stdbool.h>

#include "api/live_call.h"

#define GX_IDEMPOTENCY_HEADER "Idempotency-Key"

/* Loop thread: reads the header of a request to an endpoint that writes. False (a 400 in call->problem) when it is not
 * 1 to 255 visible characters; on a public endpoint, where strangers share one space of keys, at least 32. */
bool gx_idempotency_read(gx_live_call *live);

/* Lane: the answer of an earlier request with that key, into live->answer (then answer_ready is set). False with a
 * problem: the key was used with another request (422), or the store failed. */
bool gx_idempotency_recall(gx_live_call *live, gx_act *act);

/* Write lane, in the transaction of the change: renders the answer and keeps it. */
bool gx_idempotency_keep(gx_live_call *live, gx_act *act);

#endif
