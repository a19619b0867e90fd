#include "lib/request.h"

#include "lib/call.h"
#include "lib/client.h"
#include "lib/fail.h"

#define MOST_BODY ((size_t)1024 * 1024)

static grantex_status perform(grantex_client *client, const gx_call *call, gx_reply *reply, grantex_error *error)
{
    grantex_status status = gx_client_check(client, error);
    return status == GRANTEX_OK ? gx_call_perform(client, call, reply, error) : status;
}

grantex_status gx_get(grantex_client *client, const char *path, const gx_shape *shape, void **result,
                      grantex_error *error)
{
    gx_reply reply;
    grantex_status status = perform(client, &(gx_call){.method = "GET", .path = path}, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    status = gx_result_new(gx_buffer_span(&reply.body), shape, result, error);
    gx_buffer_free(&reply.body);
    return status;
}

grantex_status gx_get_list(grantex_client *client, const char *path, const char *member, const gx_shape *shape,
                           size_t head, gx_result_list *list, grantex_error *error)
{
    gx_reply reply;
    grantex_status status = perform(client, &(gx_call){.method = "GET", .path = path}, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    status = gx_result_list_new(gx_buffer_span(&reply.body), member, shape, head, list, error);
    gx_buffer_free(&reply.body);
    return status;
}

static grantex_status post_body(grantex_client *client, const gx_post_request *request, gx_span body,
                                const gx_shape *shape, void **result, grantex_error *error)
{
    gx_reply reply;
    gx_call call = {"POST", request->path, body, request->idempotency_key};
    grantex_status status = perform(client, &call, &reply, error);
    if (status != GRANTEX_OK)
        return status;
    status = gx_result_new(gx_buffer_span(&reply.body), shape, result, error);
    gx_buffer_free(&reply.body);
    return status;
}

grantex_status gx_post(grantex_client *client, const gx_post_request *request, const gx_shape *shape, void **result,
                       grantex_error *error)
{
    gx_buffer body = GX_BUFFER_INIT(MOST_BODY);
    gx_json json = gx_json_on(&body);
    gx_json_open_object(&json, NULL);
    request->write(&json, request->context);
    gx_json_close_object(&json);
    grantex_status status = body.failed ? gx_fail(error, GRANTEX_E_NO_MEMORY, "The request does not fit into memory")
                                        : post_body(client, request, gx_buffer_span(&body), shape, result, error);
    gx_buffer_free(&body);
    return status;
}

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
