/* The shapes that the calls of the REST API have: get an object, get a list, post an object. */
#ifndef GX_LIB_REQUEST_H
#define GX_LIB_REQUEST_H

#include "grantex/client.h"
#include "lib/result.h"
#include "wire/json_writer.h"

/* Results are new blocks, free() them; outputs are written only on success. */
grantex_status gx_get(grantex_client *client, const char *path, const gx_shape *shape, void **result,
                      grantex_error *error);
grantex_status gx_get_list(grantex_client *client, const char *path, const char *member, const gx_shape *shape,
                           size_t head, gx_result_list *list, grantex_error *error);

typedef struct gx_post_request {
    const char *path;
    const char *idempotency_key;                       /* NULL: a new one */
    void (*write)(gx_json *json, const void *context); /* the members of the body */
    const void *context;
} gx_post_request;

grantex_status gx_post(grantex_client *client, const gx_post_request *request, const gx_shape *shape, void **result,
                       grantex_error *error);

/* Members that are left out when there is no value. `texts` ends with NULL. */
void gx_request_text(gx_json *json, const char *key, const char *text);
void gx_request_texts(gx_json *json, const char *key, const char *const *texts);

#endif
