#include "calls.h"

DEFINE_RESULT(agent)
DEFINE_LIST(agent_list)
DEFINE_RESULT(grant)
DEFINE_LIST(grant_list)
DEFINE_RESULT(grant_check)

/* --- agents ------------------------------------------------------------------------------------------------------- */

static grantex_status agents_register(grantex_client *client, const call_arguments *in, call_result *out,
                                      grantex_error *error)
{
    grantex_agent *agent = NULL;
    grantex_agent_request request = {.name = in->text[0], .description = in->text[1], .scopes = in->list};
    return give_agent(grantex_agents_register(client, &request, &agent, error), out, &agent);
}

static grantex_status agents_get(grantex_client *client, const call_arguments *in, call_result *out,
                                 grantex_error *error)
{
    grantex_agent *agent = NULL;
    return give_agent(grantex_agents_get(client, in->text[0], &agent, error), out, &agent);
}

static grantex_status agents_update(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    grantex_agent *agent = NULL;
    grantex_agent_request change = {
        .name = in->text[1], .description = in->text[2], .scopes = in->list, .status = in->text[3]};
    return give_agent(grantex_agents_update(client, in->text[0], &change, &agent, error), out, &agent);
}

static grantex_status agents_delete(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    (void)out;
    return grantex_agents_delete(client, in->text[0], error);
}

static grantex_status agents_list(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    (void)in;
    grantex_agent_list *list = NULL;
    return give_agent_list(grantex_agents_list(client, &list, error), out, &list);
}

/* --- grants ------------------------------------------------------------------------------------------------------- */

static grantex_status grants_list(grantex_client *client, const call_arguments *in, call_result *out,
                                  grantex_error *error)
{
    grantex_grant_list *list = NULL;
    grantex_grant_filter filter = {.agent_id = in->text[0], .principal_id = in->text[1], .status = in->text[2]};
    return give_grant_list(grantex_grants_list(client, &filter, &list, error), out, &list);
}

static grantex_status grants_get(grantex_client *client, const call_arguments *in, call_result *out,
                                 grantex_error *error)
{
    grantex_grant *grant = NULL;
    return give_grant(grantex_grants_get(client, in->text[0], &grant, error), out, &grant);
}

static grantex_status grants_revoke(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    (void)out;
    return grantex_grants_revoke(client, in->text[0], error);
}

static grantex_status grants_verify(grantex_client *client, const call_arguments *in, call_result *out,
                                    grantex_error *error)
{
    grantex_grant_check *check = NULL;
    return give_grant_check(grantex_grants_verify(client, in->text[0], &check, error), out, &check);
}

const call_row authority_calls[] = {
    {"agents.register", "ssl", agents_register},
    {"agents.get", "s", agents_get},
    {"agents.update", "ssssl", agents_update},
    {"agents.delete", "s", agents_delete},
    {"agents.list", "", agents_list},
    {"grants.list", "sss", grants_list},
    {"grants.get", "s", grants_get},
    {"grants.revoke", "s", grants_revoke},
    {"grants.verify", "s", grants_verify},
    {NULL, NULL, NULL},
};
