#include "lib/request.h"

#include <string.h>

#include "lib/client.h"
#include "lib/fail.h"
#include "lib/url.h"

#define MOST_BODY ((size_t)1024 * 1024)
#define MOST_ID   1024

/* --- path and body ------------------------------------------------------------------------------------------------ */

static grantex_status write_path(const gx_ask *ask, gx_buffer *path, grantex_error *error)
{
    if (ask->id_name && (!ask->id || !ask->id[0]))
        return gx_fail(error, GRANTEX_E_INVALID, "%s must not be empty", ask->id_name);
    if (ask->id_name && strlen(ask->id) > MOST_ID)
        return gx_fail(error, GRANTEX_E_INVALID, "%s is longer than %d bytes", ask->id_name, MOST_ID);
    gx_buffer_append_text(path, ask->path);
    if (ask->id_name)
        gx_url_escape(path, gx_span_of(ask->id));
    if (ask->behind)
        gx_buffer_append_text(path, ask->behind);
    return gx_buffer_text(path) ? GRANTEX_OK : gx_fail_memory(error);
}

/* A POST has a body always: without members it says that there are none. */
static grantex_status write_body(const gx_ask *ask, gx_buffer *body, grantex_error *error)
{
    if (!ask->write && ask->method[0] != 'P')
        return GRANTEX_OK;
    gx_json json = gx_json_on(body);
    gx_json_open_object(&json, NULL);
    if (ask->write)
        ask->write(&json, ask->context);
    gx_json_close_object(&json);
    return body->failed ? gx_fail(error, GRANTEX_E_NO_MEMORY, "The request does not fit into memory") : GRANTEX_OK;
}

static grantex_status perform(grantex_client *client, const gx_ask *ask, gx_reply *reply, grantex_error *error)
{
    gx_buffer path = {0}, body = GX_BUFFER_INIT(MOST_BODY);
    *reply = (gx_reply){.attempts = 0};
    grantex_status status = gx_client_check(client, error);
    if (status == GRANTEX_OK)
        status = write_path(ask, &path, error);
    if (status == GRANTEX_OK)
        status = write_body(ask, &body, error);
    if (status == GRANTEX_OK) {
        gx_call call = {ask->method, path.data, gx_buffer_span(&body), ask->idempotency_key, ask->bearer};
        status = gx_call_perform(client, &call, reply, error);
    }
    gx_buffer_free(&path);
    gx_buffer_free(&body);
    return status;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

grantex_status gx_ask_object(grantex_client *client, const gx_ask *ask, const gx_shape *shape, void **result,
                             grantex_error *error)
{
    gx_reply reply;
    grantex_status status = perform(client, ask, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    status = gx_result_new(gx_buffer_span(&reply.body), shape, result, error);
    gx_buffer_free(&reply.body);
    return status;
}

grantex_status gx_ask_list(grantex_client *client, const gx_ask *ask, const char *member, const gx_shape *shape,
                           size_t head, gx_result_list *list, grantex_error *error)
{
    gx_reply reply;
    grantex_status status = perform(client, ask, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    status = gx_result_list_new(gx_buffer_span(&reply.body), member, shape, head, list, error);
    gx_buffer_free(&reply.body);
    return status;
}

grantex_status gx_ask_nothing(grantex_client *client, const gx_ask *ask, int *attempts, grantex_error *error)
{
    gx_reply reply;
    grantex_status status = perform(client, ask, &reply, error);
    gx_buffer_free(&reply.body);
    if (attempts)
        *attempts = reply.attempts;
    return status;
}

grantex_status gx_ask_delete(grantex_client *client, const gx_ask *ask, grantex_error *error)
{
    grantex_error why = {.status = GRANTEX_OK};
    int attempts;
    grantex_status status = gx_ask_nothing(client, ask, &attempts, &why);
    bool gone = status != GRANTEX_OK && why.http_status == 404 && attempts > 1;
    return status == GRANTEX_OK || gone ? GRANTEX_OK : gx_fail_with(error, &why);
}

/* --- members ------------------------------------------------------------------------------------------------------ */

void gx_request_text(gx_json *json, const char *key, const char *text)
{
    if (text)
        gx_json_text(json, key, text);
}

void gx_request_texts(gx_json *json, const char *key, const char *const *texts)
{
    if (!texts)
        return;
    gx_json_open_array(json, key);
    for (; *texts; texts++)
        gx_json_text(json, NULL, *texts);
    gx_json_close_array(json);
}
