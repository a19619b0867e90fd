/* grantex/call.h - any call of the server's HTTP API, as raw JSON: also one that this version does not know. What all
 * calls have in common stands in grantex/agents.h. */
#ifndef GRANTEX_CALL_H
#define GRANTEX_CALL_H

#include "grantex/client.h"
#include "grantex/sse.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grantex_answer {
    int http_status;   /* 200 to 299 */
    grantex_text json; /* the body as it came; "" when there was none */
} grantex_answer;

/* Asks for `path` ("/v1/…", with its query, escaped already) by `method` ("GET", "POST", "PATCH", "PUT", "DELETE").
 * `body_json` is sent as it is; NULL: none. A request with a body carries an Idempotency-Key, and is repeated by the
 * library as all others are. *answer is given to the caller: grantex_answer_free. An answer of 400 and more is
 * GRANTEX_E_AUTH or GRANTEX_E_API, and `error` has its code and message. */
GRANTEX_API grantex_status grantex_call(grantex_client *client, const char *method, const char *path,
                                        const char *body_json, grantex_answer **answer, grantex_error *error);

/* Frees what was given; NULL is allowed. */
GRANTEX_API void grantex_answer_free(grantex_answer *answer);

#ifdef __cplusplus
}
#endif
#endif
