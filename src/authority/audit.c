#include "authority/audit.h"

#include "authority/id.h"
#include "authority/secret.h"
#include "wire/json_writer.h"

static void write_hashed_text(gx_buffer *text, const gx_audit_row *entry)
{
    gx_json json = gx_json_on(text);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "id", entry->id);
    gx_json_text(&json, "agentId", entry->agent_id);
    gx_json_text(&json, "agentDid", entry->agent_did);
    gx_json_text(&json, "grantId", entry->grant_id);
    gx_json_text(&json, "principalId", entry->principal_id);
    gx_json_text(&json, "developerId", entry->developer_id);
    gx_json_text(&json, "action", entry->action);
    gx_json_raw(&json, "metadata", gx_span_of(entry->metadata));
    gx_json_time(&json, "timestamp", entry->timestamp);
    gx_json_text(&json, "prevHash", entry->prev_hash);
    gx_json_text(&json, "status", entry->status);
    gx_json_close_object(&json);
}

bool gx_audit_hash(char out[static GX_AUDIT_HASH_SIZE], const gx_audit_row *entry)
{
    gx_buffer text = GX_BUFFER_INIT(0);
    write_hashed_text(&text, entry);
    bool ok = !text.failed && gx_secret_hash(out, gx_buffer_span(&text));
    gx_buffer_free(&text);
    return ok;
}

/* Where the next entry goes. Who asks holds the developer's row until the commit: of two writers the second sees the
 * first one's entry, so the chain cannot fork. A clock that goes back does not take the chain with it. */
static bool take_place(gx_act *act, gx_audit_row *entry)
{
    gx_audit_row head;
    gx_database *database = act->txn->database;
    entry->number = 1;
    entry->timestamp = act->txn->now_ms;
    switch (gx_audit_head(database, act->arena, act->developer_id, &head)) {
    case GX_STEP_ROW:
        entry->number = head.number + 1;
        entry->prev_hash = head.hash;
        entry->timestamp = head.timestamp > entry->timestamp ? head.timestamp : entry->timestamp;
        return true;
    case GX_STEP_DONE:
        return true;
    default:
        return gx_act_store_failed(act);
    }
}

static bool seal(gx_act *act, gx_audit_row *entry)
{
    char hash[GX_AUDIT_HASH_SIZE];
    entry->hash = gx_audit_hash(hash, entry) ? gx_arena_text(act->arena, hash) : NULL;
    return entry->hash != NULL || gx_act_no_memory(act);
}

bool gx_audit_log(gx_act *act, const gx_audit_log_request *in, gx_audit_row *out)
{
    gx_audit_row entry = {
        .developer_id = act->developer_id,
        .id = gx_id_for(act, "alog_"),
        .agent_id = in->agent_id,
        .agent_did = in->agent_did,
        .grant_id = in->grant_id,
        .principal_id = in->principal_id,
        .action = in->action,
        .metadata = in->metadata,
        .status = in->status,
    };
    if (entry.id == NULL || !take_place(act, &entry) || !seal(act, &entry))
        return false;
    if (!gx_audit_insert(act->txn->database, &entry))
        return gx_act_store_failed(act);
    *out = entry;
    return true;
}

bool gx_audit_get(gx_act *act, const char *entry_id, gx_audit_row *out)
{
    switch (gx_audit_find(act->txn->database, act->arena, act->developer_id, entry_id, out)) {
    case GX_STEP_ROW:
        return true;
    case GX_STEP_DONE:
        return gx_refuse(act->problem, 404, "NOT_FOUND", "Audit entry not found");
    default:
        return gx_act_store_failed(act);
    }
}

bool gx_audit_list_page(gx_act *act, const gx_audit_list_request *in, gx_audit_list_result *out)
{
    const gx_audit_filter filter = {
        .developer_id = act->developer_id,
        .agent_id = in->agent_id,
        .grant_id = in->grant_id,
        .principal_id = in->principal_id,
        .action = in->action,
    };
    gx_database *database = act->txn->database;
    return (gx_audit_count(database, &filter, &out->total) &&
            gx_audit_list(database, act->arena, &filter, in->paging, &out->first)) ||
           gx_act_store_failed(act);
}
