#include "grantex/call.h"

#include <string.h>

#include "base/memory.h"
#include "lib/call.h"
#include "lib/client.h"
#include "lib/fail.h"
#include "lib/url.h"

#define MOST_PATH 8192

static bool is_method(const char *method)
{
    static const char *const known[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
    for (size_t i = 0; method && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(method, known[i]) == 0)
            return true;
    return false;
}

/* One block, the text behind the struct. */
static grantex_answer *new_answer(const gx_reply *reply)
{
    size_t length = reply->body.length;
    grantex_answer *answer = gx_malloc(sizeof *answer + length + 1);
    if (!answer)
        return NULL;
    char *text = (char *)(answer + 1);
    if (length > 0)
        memcpy(text, reply->body.data, length);
    text[length] = '\0';
    *answer = (grantex_answer){reply->http_status, {text, length}};
    return answer;
}

grantex_status grantex_call(grantex_client *client, const char *method, const char *path, const char *body_json,
                            grantex_answer **answer, grantex_error *error)
{
    grantex_status status = gx_client_check(client, error);
    if (status != GRANTEX_OK)
        return status;
    if (!is_method(method) || !answer)
        return gx_fail(error, GRANTEX_E_INVALID, "method must be GET, POST, PATCH, PUT or DELETE, answer not NULL");
    if (!path || path[0] != '/' || !gx_header_value_ok(gx_span_of(path), MOST_PATH))
        return gx_fail(error, GRANTEX_E_INVALID, "path must begin with a slash and be escaped");

    gx_reply reply;
    gx_call call = {.method = method, .path = path, .body = gx_span_of(body_json ? body_json : "")};
    status = gx_call_perform(client, &call, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    grantex_answer *made = new_answer(&reply);
    gx_buffer_free(&reply.body);
    if (!made)
        return gx_fail_memory(error);
    *answer = made;
    return GRANTEX_OK;
}

void grantex_answer_free(grantex_answer *answer)
{
    gx_free(answer);
}
