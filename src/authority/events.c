#include "authority/events.h"

#include "authority/limits.h"
#include "base/buffer.h"
#include "store/log.h"
#include "wire/json_writer.h"

/* A payload on its way into the log. */
typedef struct payload {
    gx_buffer text;
    gx_json json;
} payload;

static void payload_open(payload *p, const gx_grant_row *grant)
{
    p->text = GX_BUFFER_INIT(GX_MOST_GRANT_JSON_BYTES);
    p->json = gx_json_on(&p->text);
    gx_json_open_object(&p->json, NULL);
    gx_json_text(&p->json, "grantId", grant->id);
}

static void write_parties(payload *p, const gx_grant_row *grant)
{
    gx_json_text(&p->json, "agentId", grant->agent_id);
    gx_json_text(&p->json, "principalId", grant->principal_id);
}

static void write_delegation(payload *p, const gx_grant_row *grant)
{
    if (grant->parent_id == NULL)
        return;
    gx_json_text(&p->json, "parentGrantId", grant->parent_id);
    gx_json_int(&p->json, "delegationDepth", grant->depth);
}

static bool payload_append(payload *p, gx_act *act, const gx_grant_row *grant, gx_event_type type)
{
    gx_json_close_object(&p->json);
    bool kept = !p->text.failed && gx_log_append(act->txn, grant->developer_id, type, gx_buffer_span(&p->text));
    gx_buffer_free(&p->text);
    return kept || gx_act_store_failed(act);
}

bool gx_append_grant_created(gx_act *act, const gx_grant_row *grant)
{
    payload p;
    payload_open(&p, grant);
    write_parties(&p, grant);
    gx_json_raw(&p.json, "scopes", gx_span_of(grant->scopes));
    gx_json_time(&p.json, "expiresAt", grant->expires_at);
    write_delegation(&p, grant);
    return payload_append(&p, act, grant, GX_EVENT_GRANT_CREATED);
}

bool gx_append_grant_revoked(gx_act *act, const gx_grant_row *grant, const char *revoked_by, const gx_grant_row *root)
{
    payload p;
    payload_open(&p, grant);
    gx_json_text(&p.json, "revokedBy", revoked_by);
    write_parties(&p, grant);
    gx_json_bool(&p.json, "cascade", grant != root);
    gx_json_text(&p.json, "rootGrantId", root->id);
    write_delegation(&p, grant);
    return payload_append(&p, act, grant, GX_EVENT_GRANT_REVOKED);
}

bool gx_append_token_issued(gx_act *act, const gx_grant_row *grant, const char *token_id, const char *method)
{
    payload p;
    payload_open(&p, grant);
    gx_json_text(&p.json, "tokenId", token_id);
    gx_json_text(&p.json, "method", method);
    write_parties(&p, grant);
    gx_json_raw(&p.json, "scopes", gx_span_of(grant->scopes));
    gx_json_time(&p.json, "expiresAt", grant->expires_at);
    return payload_append(&p, act, grant, GX_EVENT_TOKEN_ISSUED);
}

bool gx_append_budget_threshold(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget, int64_t percentage)
{
    payload p;
    payload_open(&p, grant);
    gx_json_int(&p.json, "percentage", percentage);
    gx_json_money_number(&p.json, "remaining", budget->remaining);
    gx_json_money_number(&p.json, "initial", budget->initial);
    write_parties(&p, grant);
    return payload_append(&p, act, grant, GX_EVENT_BUDGET_THRESHOLD);
}

bool gx_append_budget_exhausted(gx_act *act, const gx_grant_row *grant, const gx_budget_row *budget)
{
    payload p;
    payload_open(&p, grant);
    gx_json_money_number(&p.json, "initial", budget->initial);
    write_parties(&p, grant);
    return payload_append(&p, act, grant, GX_EVENT_BUDGET_EXHAUSTED);
}
