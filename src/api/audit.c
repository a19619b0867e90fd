/* POST /v1/audit/log, GET /v1/audit/entries, GET /v1/audit/:id */
#include "authority/audit.h"
#include "api/audit.h"
#include "api/input.h"
#include "api/nouns.h"
#include "api/page.h"

enum { MOST_ID = 256, MOST_DID = 512, MOST_ACTION = 256 };

static const char *const STATUSES[] = {"success", "failure", "blocked"};

typedef struct log_args {
    gx_audit_row entry; /* first, for render */
    gx_audit_log_request in;
} log_args;

typedef struct entry_args {
    gx_audit_row entry;
    const char *id;
} entry_args;

typedef struct list_args {
    gx_audit_list_request in;
    gx_audit_list_result out;
} list_args;

static bool parse_log(gx_call *call)
{
    gx_audit_log_request *in = &((log_args *)call->args)->in;
    if (!gx_input_text(call, "agentId", GX_REQUIRED, 1, MOST_ID, &in->agent_id) ||
        !gx_input_text(call, "agentDid", GX_REQUIRED, 1, MOST_DID, &in->agent_did) ||
        !gx_input_text(call, "grantId", GX_REQUIRED, 1, MOST_ID, &in->grant_id) ||
        !gx_input_text(call, "principalId", GX_REQUIRED, 1, MOST_ID, &in->principal_id) ||
        !gx_input_text(call, "action", GX_REQUIRED, 1, MOST_ACTION, &in->action) ||
        !gx_input_canonical_object(call, "metadata", &in->metadata) ||
        !gx_input_word(call, "status", GX_OPTIONAL, STATUSES, sizeof STATUSES / sizeof *STATUSES, &in->status))
        return false;
    if (in->status == NULL)
        in->status = "success";
    return true;
}

static bool run_log(gx_call *call, gx_act *act)
{
    log_args *args = call->args;
    return gx_audit_log(act, &args->in, &args->entry);
}

static bool parse_entry(gx_call *call)
{
    entry_args *args = call->args;
    return gx_input_param(call, &args->id);
}

static bool run_entry(gx_call *call, gx_act *act)
{
    entry_args *args = call->args;
    return gx_audit_get(act, args->id, &args->entry);
}

static bool parse_list(gx_call *call)
{
    gx_audit_list_request *in = &((list_args *)call->args)->in;
    return gx_input_query_text(call, "agentId", MOST_ID, &in->agent_id) &&
           gx_input_query_text(call, "grantId", MOST_ID, &in->grant_id) &&
           gx_input_query_text(call, "principalId", MOST_ID, &in->principal_id) &&
           gx_input_query_text(call, "action", MOST_ACTION, &in->action) &&
           gx_page_parse(call, GX_MOST_ON_PAGE, GX_MOST_ON_PAGE, &in->paging);
}

static bool run_list(gx_call *call, gx_act *act)
{
    list_args *args = call->args;
    return gx_audit_list_page(act, &args->in, &args->out);
}

void gx_audit_entry_write(gx_json *json, const gx_audit_row *entry)
{
    gx_json_open_object(json, NULL);
    gx_json_text(json, "entryId", entry->id);
    gx_json_text(json, "agentId", entry->agent_id);
    gx_json_text(json, "agentDid", entry->agent_did);
    gx_json_text(json, "grantId", entry->grant_id);
    gx_json_text(json, "principalId", entry->principal_id);
    gx_json_text(json, "developerId", entry->developer_id);
    gx_json_text(json, "action", entry->action);
    gx_json_raw(json, "metadata", gx_span_of(entry->metadata));
    gx_json_text(json, "hash", entry->hash);
    gx_json_text(json, "prevHash", entry->prev_hash);
    gx_json_time(json, "timestamp", entry->timestamp);
    gx_json_text(json, "status", entry->status);
    gx_json_close_object(json);
}

static void render_entry(const gx_call *call, gx_answer *answer)
{
    gx_json json = gx_json_on(&answer->body);
    gx_audit_entry_write(&json, call->args);
}

static void render_list(const gx_call *call, gx_answer *answer)
{
    const list_args *args = call->args;
    gx_json json = gx_page_open(answer, "entries");
    for (const gx_audit_row *row = args->out.first; row != NULL; row = row->next)
        gx_audit_entry_write(&json, row);
    gx_page_close(&json, args->in.paging, args->out.total);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/audit/log",
        .access = GX_KEY_GRANTS_WRITE,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_JSON_OBJECT,
        .args_size = sizeof(log_args),
        .rate = GX_RATE_AUDIT_LOG,
        .success = 201,
        .parse = parse_log,
        .run = run_log,
        .render = render_entry,
    },
    {
        .method = "GET",
        .path = "/v1/audit/entries",
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(list_args),
        .success = 200,
        .parse = parse_list,
        .run = run_list,
        .render = render_list,
    },
    {
        .method = "GET",
        .path = "/v1/audit/:id", /* behind the row for `entries`, which it would match too */
        .access = GX_KEY_LOOKS,
        .work = GX_WORK_READ,
        .args_size = sizeof(entry_args),
        .success = 200,
        .parse = parse_entry,
        .run = run_entry,
        .render = render_entry,
    },
};

const gx_endpoints gx_audit_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
