#include "calls.h"

DEFINE_RESULT(principal_session)
DEFINE_LIST(principal_grant_list)
DEFINE_LIST(audit_list)
DEFINE_RESULT(key)
DEFINE_LIST(key_list)
DEFINE_RESULT(key_rotation)
DEFINE_RESULT(webhook)
DEFINE_LIST(webhook_list)
DEFINE_LIST(delivery_list)

/* --- principals --------------------------------------------------------------------------------------------------- */

static grantex_status principal_sessions_create(grantex_client *client, const call_arguments *in, call_result *out,
                                                grantex_error *error)
{
    grantex_principal_session *session = NULL;
    return give_principal_session(grantex_principal_sessions_create(client, in->text[0], in->text[1], &session, error),
                                  out, &session);
}

static grantex_status principal_grants_list(grantex_client *client, const call_arguments *in, call_result *out,
                                            grantex_error *error)
{
    grantex_principal_grant_list *list = NULL;
    return give_principal_grant_list(grantex_principal_grants_list(client, in->text[0], &list, error), out, &list);
}

static grantex_status principal_grants_revoke(grantex_client *client, const call_arguments *in, call_result *out,
                                              grantex_error *error)
{
    (void)out;
    return grantex_principal_grants_revoke(client, in->text[0], in->text[1], error);
}

static grantex_status principal_audit(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_audit_list *list = NULL;
    return give_audit_list(grantex_principal_audit(client, in->text[0], &list, error), out, &list);
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

static grantex_status keys_create(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    grantex_key *key = NULL;
    grantex_key_request request = {.name = in->text[0], .scopes = in->list, .expires_in = in->text[1]};
    return give_key(grantex_keys_create(client, &request, &key, error), out, &key);
}

static grantex_status keys_list(grantex_client *client, const call_arguments *in, call_result *out,
                                grantex_error *error)
{
    (void)in;
    grantex_key_list *list = NULL;
    return give_key_list(grantex_keys_list(client, &list, error), out, &list);
}

static grantex_status keys_revoke(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    (void)out;
    return grantex_keys_revoke(client, in->text[0], error);
}

static grantex_status keys_rotate(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    grantex_key_rotation *rotation = NULL;
    return give_key_rotation(grantex_keys_rotate(client, in->text[0], &rotation, error), out, &rotation);
}

/* --- webhooks ----------------------------------------------------------------------------------------------------- */

static grantex_status webhooks_create(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_webhook *webhook = NULL;
    return give_webhook(grantex_webhooks_create(client, in->text[0], in->list, &webhook, error), out, &webhook);
}

static grantex_status webhooks_get(grantex_client *client, const call_arguments *in, call_result *out,
                                   grantex_error *error)
{
    grantex_webhook *webhook = NULL;
    return give_webhook(grantex_webhooks_get(client, in->text[0], &webhook, error), out, &webhook);
}

static grantex_status webhooks_list(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    (void)in;
    grantex_webhook_list *list = NULL;
    return give_webhook_list(grantex_webhooks_list(client, &list, error), out, &list);
}

static grantex_status webhooks_delete(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    (void)out;
    return grantex_webhooks_delete(client, in->text[0], error);
}

static grantex_status webhooks_deliveries(grantex_client *client, const call_arguments *in, call_result *out,
                                          grantex_error *error)
{
    grantex_delivery_list *list = NULL;
    grantex_delivery_filter filter = {
        .status = in->text[1], .page = (int)in->number[0], .page_size = (int)in->number[1]};
    return give_delivery_list(grantex_webhooks_deliveries(client, in->text[0], &filter, &list, error), out, &list);
}

static grantex_status webhooks_redeliver(grantex_client *client, const call_arguments *in, call_result *out,
                                         grantex_error *error)
{
    (void)out;
    return grantex_webhooks_redeliver(client, in->text[0], error);
}

/* --- any other ---------------------------------------------------------------------------------------------------- */

static void release_answer(void *given)
{
    grantex_answer_free(given);
}

static grantex_status call_raw(grantex_client *client, const call_arguments *in, call_result *out, grantex_error *error)
{
    grantex_answer *answer = NULL;
    grantex_status status = grantex_call(client, in->text[0], in->text[1], in->text[2], &answer, error);
    if (status == GRANTEX_OK)
        *out = (call_result){answer, release_answer, answer->json, 0};
    return status;
}

const call_row other_calls[] = {
    {"principal_sessions.create", "ss", principal_sessions_create},
    {"principal_grants.list", "s", principal_grants_list},
    {"principal_grants.revoke", "ss", principal_grants_revoke},
    {"principal_audit.list", "s", principal_audit},
    {"keys.create", "sls", keys_create},
    {"keys.list", "", keys_list},
    {"keys.revoke", "s", keys_revoke},
    {"keys.rotate", "s", keys_rotate},
    {"webhooks.create", "sl", webhooks_create},
    {"webhooks.get", "s", webhooks_get},
    {"webhooks.list", "", webhooks_list},
    {"webhooks.delete", "s", webhooks_delete},
    {"webhooks.deliveries", "ssii", webhooks_deliveries},
    {"webhooks.redeliver", "s", webhooks_redeliver},
    {"call", "sss", call_raw},
    {NULL, NULL, NULL},
};
