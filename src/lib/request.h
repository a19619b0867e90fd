/* The shapes that the calls of the REST API have: an object, a list or nothing comes back. */
#ifndef GX_LIB_REQUEST_H
#define GX_LIB_REQUEST_H

#include "grantex/client.h"
#include "lib/call.h"
#include "lib/result.h"
#include "wire/json_writer.h"

typedef struct gx_ask {
    const char *method;
    const char *path;                                  /* escaped already; up to `id` when there is one */
    const char *id;                                    /* put behind the path, escaped */
    const char *id_name;                               /* what messages call it; NULL: the path is whole */
    const char *behind;                                /* the rest of the path, behind the id; NULL: none */
    const char *bearer;                                /* NULL: the client's key */
    const char *idempotency_key;                       /* NULL: a new one */
    void (*write)(gx_json *json, const void *context); /* the members of the body; NULL: none */
    const void *context;
} gx_ask;

/* Results are new blocks, gx_free() them; outputs are written only on success. */
grantex_status gx_ask_object(grantex_client *client, const gx_ask *ask, const gx_shape *shape, void **result,
                             grantex_error *error);
grantex_status gx_ask_list(grantex_client *client, const gx_ask *ask, const char *member, const gx_shape *shape,
                           size_t head, gx_result_list *list, grantex_error *error);

/* How often it was asked for is written always; `attempts` may be NULL. */
grantex_status gx_ask_nothing(grantex_client *client, const gx_ask *ask, int *attempts, grantex_error *error);

/* DELETE: what is not there (404) when an answer got lost has been deleted by the request whose answer that was. */
grantex_status gx_ask_delete(grantex_client *client, const gx_ask *ask, grantex_error *error);

/* Members that are left out when there is no value. `texts` ends with NULL. */
void gx_request_text(gx_json *json, const char *key, const char *text);
void gx_request_texts(gx_json *json, const char *key, const char *const *texts);

/* For a function of the public API whose out-parameter is `out`: performs `call`, which fills `result`. */
#define GX_GIVE(out, call)                                                                                             \
    do {                                                                                                               \
        void *result;                                                                                                  \
        grantex_status given = call;                                                                                   \
        if (given == GRANTEX_OK)                                                                                       \
            *(out) = result;                                                                                           \
        return given;                                                                                                  \
    } while (0)

/* The same for a list of the public type `type`. */
#define GX_GIVE_LIST(out, type, call)                                                                                  \
    do {                                                                                                               \
        gx_result_list result;                                                                                         \
        grantex_status given = call;                                                                                   \
        if (given != GRANTEX_OK)                                                                                       \
            return given;                                                                                              \
        *(out) = result.block;                                                                                         \
        **(out) = (type){result.items, result.count, result.json, result.total};                                       \
        return GRANTEX_OK;                                                                                             \
    } while (0)

#endif
