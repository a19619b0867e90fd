#include "authority/stream_ticket.h"

#include "authority/api_key.h"
#include "authority/secret.h"
#include "store/stream_tickets.h"

bool gx_stream_ticket_issue(gx_act *act, gx_stream_ticket *out)
{
    char ticket[GX_TICKET_SIZE], hash[GX_SECRET_HASH_SIZE];
    if (!gx_ticket_new(ticket))
        return gx_refuse(act->problem, 503, "SERVICE_UNAVAILABLE", "The system gives no randomness; try again");
    if (!gx_secret_hash(hash, gx_span_of(ticket)))
        return gx_act_no_memory(act);
    gx_stream_ticket_row row = {
        .hash = hash,
        .developer_id = act->developer_id,
        .key_hash = act->key_hash,
        .expires_at = act->txn->now_ms + GX_STREAM_TICKET_LIFE_MS,
    };
    if (!gx_stream_tickets_insert(act->txn->database, &row, act->txn->now_ms))
        return gx_act_store_failed(act);
    *out = (gx_stream_ticket){.text = gx_arena_text(act->arena, ticket), .expires_at = row.expires_at};
    return out->text != NULL || gx_act_no_memory(act);
}

/* Why is nobody's business: who guesses learns nothing. */
static bool refuse(gx_act *act)
{
    return gx_refuse(act->problem, 401, "UNAUTHORIZED",
                     "ticket: it is unknown, was used, or has expired; ask for a new one");
}

bool gx_stream_ticket_authenticate(gx_act *act, gx_span ticket)
{
    char hash[GX_SECRET_HASH_SIZE];
    gx_stream_ticket_row taken;
    if (!gx_secret_hash(hash, ticket))
        return gx_act_no_memory(act);
    gx_step found = gx_stream_tickets_take(act->txn->database, act->arena, hash, &taken);
    if (found == GX_STEP_ERROR)
        return gx_act_store_failed(act);
    if (found == GX_STEP_DONE || taken.expires_at <= act->txn->now_ms)
        return refuse(act);
    return gx_api_key_authenticate_freely(act, taken.key_hash) || (act->problem->status == 401 && refuse(act));
}
