/* The payloads of the five events as structs. */
#include "lib/event.h"
#include "lib/fields.h"

#define GRANT_CREATED(member, key)    GX_TEXT(grantex_grant_created, member, key)
#define GRANT_REVOKED(member, key)    GX_TEXT(grantex_grant_revoked, member, key)
#define TOKEN_ISSUED(member, key)     GX_TEXT(grantex_token_issued, member, key)
#define BUDGET_THRESHOLD(member, key) GX_TEXT(grantex_budget_threshold, member, key)
#define BUDGET_EXHAUSTED(member, key) GX_TEXT(grantex_budget_exhausted, member, key)

static const gx_field grant_created[] = {
    GX_REQUIRED_TEXT(grantex_grant_created, grant_id, "grantId"),
    GRANT_CREATED(agent_id, "agentId"),
    GRANT_CREATED(principal_id, "principalId"),
    GRANT_CREATED(expires_at, "expiresAt"),
    GRANT_CREATED(parent_grant_id, "parentGrantId"),
    GX_TEXTS(grantex_grant_created, scopes, scope_count, "scopes"),
    GX_INT(grantex_grant_created, delegation_depth, "delegationDepth"),
};

static const gx_field grant_revoked[] = {
    GX_REQUIRED_TEXT(grantex_grant_revoked, grant_id, "grantId"),
    GRANT_REVOKED(agent_id, "agentId"),
    GRANT_REVOKED(principal_id, "principalId"),
    GRANT_REVOKED(root_grant_id, "rootGrantId"),
    GRANT_REVOKED(revoked_by, "revokedBy"),
};

static const gx_field token_issued[] = {
    GX_REQUIRED_TEXT(grantex_token_issued, grant_id, "grantId"),
    TOKEN_ISSUED(token_id, "tokenId"),
    TOKEN_ISSUED(agent_id, "agentId"),
    TOKEN_ISSUED(principal_id, "principalId"),
    TOKEN_ISSUED(expires_at, "expiresAt"),
    TOKEN_ISSUED(method, "method"),
};

static const gx_field budget_threshold[] = {
    GX_REQUIRED_TEXT(grantex_budget_threshold, grant_id, "grantId"),
    BUDGET_THRESHOLD(agent_id, "agentId"),
    BUDGET_THRESHOLD(principal_id, "principalId"),
    GX_INT(grantex_budget_threshold, percentage, "percentage"),
    GX_INT(grantex_budget_threshold, percentage, "pct"), /* the hosted service */
    GX_AMOUNT(grantex_budget_threshold, remaining, "remaining"),
    GX_AMOUNT(grantex_budget_threshold, initial, "initial"),
};

static const gx_field budget_exhausted[] = {
    GX_REQUIRED_TEXT(grantex_budget_exhausted, grant_id, "grantId"),
    BUDGET_EXHAUSTED(agent_id, "agentId"),
    BUDGET_EXHAUSTED(principal_id, "principalId"),
    GX_AMOUNT(grantex_budget_exhausted, initial, "initial"),
};

/* The struct that is filled lies in front of its texts, so that the caller's is written only on success. */
static const void *read_payload(const grantex_event *event, gx_span type, const gx_shape *shape, grantex_status *status)
{
    *status = GRANTEX_E_INVALID;
    if (!event || !gx_span_equal((gx_span){event->type.text, event->type.length}, type))
        return NULL;
    gx_event_record *record = (gx_event_record *)(void *)event;
    gx_span data = {event->data.text, event->data.length};
    size_t size = shape->size + 2 * sizeof(max_align_t) + gx_fields_room(data, shape);
    gx_buffer_clear(&record->scratch);
    *status = GRANTEX_E_NO_MEMORY;
    if (!gx_buffer_reserve(&record->scratch, size))
        return NULL;
    gx_block block = {record->scratch.data, record->scratch.data + size};
    void *out = gx_block_take(&block, shape->size);
    *status = gx_fields_read(data, shape, &block, out) ? GRANTEX_OK : GRANTEX_E_PROTOCOL;
    return *status == GRANTEX_OK ? out : NULL;
}

#define READER(name, type)                                                                                             \
    grantex_status grantex_event_##name(const grantex_event *event, grantex_##name *payload)                           \
    {                                                                                                                  \
        static const gx_shape shape = GX_SHAPE(grantex_##name, name);                                                  \
        grantex_status status = GRANTEX_E_INVALID;                                                                     \
        const grantex_##name *read = payload ? read_payload(event, GX_SPAN(type), &shape, &status) : NULL;             \
        if (read)                                                                                                      \
            *payload = *read;                                                                                          \
        return status;                                                                                                 \
    }

READER(grant_created, "grant.created")
READER(grant_revoked, "grant.revoked")
READER(token_issued, "token.issued")
READER(budget_threshold, "budget.threshold")
READER(budget_exhausted, "budget.exhausted")
