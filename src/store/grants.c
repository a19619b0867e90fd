#include "store/grants.h"

#define PARTIES "id, developer_id, agent_id, principal_id, "
#define STATE   "status, issued_at, expires_at, revoked_at, revoked_by, parent_id, depth"
#define COLUMNS PARTIES "scopes, audience, " STATE

/* An empty parameter stands for "any"; "expired" is not stored but follows from the time. */
#define FILTER                                                                                                         \
    " FROM grants WHERE developer_id = $1 AND ($2 = '' OR agent_id = $2) AND ($3 = '' OR principal_id = $3)"           \
    " AND ($4 = '' OR $4 = CASE WHEN status = 'active' AND expires_at <= $5 THEN 'expired' ELSE status END)"

/* What a principal has allowed: grants_of_principal finds it. $4 is 0 for what is good now, 1 for what has ended. */
#define HELD                                                                                                           \
    " FROM grants WHERE developer_id = $1 AND principal_id = $2"                                                       \
    " AND $4 = CASE WHEN status = 'active' AND expires_at > $3 THEN 0 ELSE 1 END"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_grant_row *)out = (gx_grant_row){
        .id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 1)),
        .agent_id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .principal_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .scopes = gx_arena_text(arena, gx_column_text(statement, 4)),
        .audience = gx_arena_text(arena, gx_column_text(statement, 5)),
        .status = gx_arena_text(arena, gx_column_text(statement, 6)),
        .issued_at = gx_column_int(statement, 7),
        .expires_at = gx_column_int(statement, 8),
        .revoked_at = gx_column_int(statement, 9),
        .revoked_by = gx_arena_text(arena, gx_column_text(statement, 10)),
        .parent_id = gx_arena_text(arena, gx_column_text(statement, 11)),
        .depth = gx_column_int(statement, 12),
    };
}

static void read_held_row(gx_statement *statement, gx_arena *arena, void *out)
{
    gx_held_grant_row *held = out;
    read_row(statement, arena, &held->grant);
    held->agent_name = gx_arena_text(arena, gx_column_text(statement, 13));
    held->agent_description = gx_arena_text(arena, gx_column_text(statement, 14));
    held->initial = gx_column_int(statement, 15);
    held->remaining = gx_column_int(statement, 16);
    held->currency = gx_arena_text(arena, gx_column_text(statement, 17));
    held->debited_at = gx_column_int(statement, 18);
    held->next = NULL;
}

static const gx_row_shape SHAPE = {sizeof(gx_grant_row), offsetof(gx_grant_row, next), read_row};
static const gx_row_shape HELD_SHAPE = {sizeof(gx_held_grant_row), offsetof(gx_held_grant_row, next), read_held_row};

bool gx_grants_insert(gx_database *database, const gx_grant_row *grant)
{
    static const char SQL[] = "INSERT INTO grants (" COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, $10, $11)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, grant->id);
    gx_bind_text(statement, 2, grant->developer_id);
    gx_bind_text(statement, 3, grant->agent_id);
    gx_bind_text(statement, 4, grant->principal_id);
    gx_bind_text(statement, 5, grant->scopes);
    gx_bind_text(statement, 6, grant->audience);
    gx_bind_text(statement, 7, grant->status);
    gx_bind_int(statement, 8, grant->issued_at);
    gx_bind_int(statement, 9, grant->expires_at);
    gx_bind_text(statement, 10, grant->parent_id);
    gx_bind_int(statement, 11, grant->depth);
    return gx_statement_run(statement);
}

gx_step gx_grants_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *grant_id,
                       gx_grant_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM grants WHERE id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, grant_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

static void bind_filter(gx_statement *statement, const gx_grants_filter *filter)
{
    gx_bind_text(statement, 1, filter->developer_id);
    gx_bind_text(statement, 2, filter->agent_id == NULL ? "" : filter->agent_id);
    gx_bind_text(statement, 3, filter->principal_id == NULL ? "" : filter->principal_id);
    gx_bind_text(statement, 4, filter->status == NULL ? "" : filter->status);
    gx_bind_int(statement, 5, filter->now_ms);
}

bool gx_grants_list(gx_database *database, gx_arena *arena, const gx_grants_filter *filter, gx_paging paging,
                    const gx_grant_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS FILTER " ORDER BY issued_at DESC, id DESC LIMIT $6 OFFSET $7";
    gx_statement *statement = gx_query(database, SQL);
    bind_filter(statement, filter);
    gx_bind_paging(statement, 6, paging);
    return gx_rows_page(statement, arena, &SHAPE, first);
}

bool gx_grants_count(gx_database *database, const gx_grants_filter *filter, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*)" FILTER;
    gx_statement *statement = gx_query(database, SQL);
    bind_filter(statement, filter);
    return gx_rows_count(statement, count);
}

bool gx_grants_count_active(gx_database *database, int64_t now_ms, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*) FROM grants WHERE status = 'active' AND expires_at > $1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    return gx_rows_count(statement, count);
}

bool gx_grants_active_below(gx_database *database, gx_arena *arena, const char *grant_id, const gx_grant_row **first)
{
    static const char SQL[] =
        "WITH RECURSIVE below (descendant) AS ("
        "  SELECT id FROM grants WHERE parent_id = $1"
        "  UNION SELECT grants.id FROM grants JOIN below ON grants.parent_id = below.descendant)"
        " SELECT " PARTIES "NULL, NULL, " STATE " FROM grants JOIN below ON grants.id = below.descendant"
        " WHERE status = 'active' ORDER BY depth, issued_at, id";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, grant_id);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

bool gx_grants_active_of_agent(gx_database *database, gx_arena *arena, const char *developer_id, const char *agent_id,
                               int64_t now_ms, const gx_grant_row **first)
{
    static const char SQL[] = "SELECT " PARTIES "NULL, NULL, " STATE " FROM grants"
                              " WHERE developer_id = $1 AND agent_id = $2 AND status = 'active' AND expires_at > $3"
                              " ORDER BY issued_at, id";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_text(statement, 2, agent_id);
    gx_bind_int(statement, 3, now_ms);
    return gx_rows_all(statement, arena, &SHAPE, first);
}

static void bind_holder(gx_statement *statement, const gx_holder *holder)
{
    gx_bind_text(statement, 1, holder->developer_id);
    gx_bind_text(statement, 2, holder->principal_id);
    gx_bind_int(statement, 3, holder->now_ms);
    gx_bind_int(statement, 4, holder->ended);
}

bool gx_grants_held(gx_database *database, gx_arena *arena, const gx_holder *holder, gx_paging paging,
                    const gx_held_grant_row **first)
{
    static const char SQL[] =
        "WITH held AS (SELECT " COLUMNS HELD " ORDER BY issued_at DESC, id DESC LIMIT $5 OFFSET $6)"
        " SELECT held.*, agents.name, agents.description, initial, remaining, currency,"
        " CASE WHEN debits > 0 THEN budgets.updated_at END"
        " FROM held LEFT JOIN agents ON agents.id = held.agent_id"
        " LEFT JOIN budgets ON budgets.grant_id = held.id"
        " ORDER BY held.issued_at DESC, held.id DESC";
    gx_statement *statement = gx_query(database, SQL);
    bind_holder(statement, holder);
    gx_bind_paging(statement, 5, paging);
    return gx_rows_page(statement, arena, &HELD_SHAPE, first);
}

bool gx_grants_count_held(gx_database *database, const gx_holder *holder, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*)" HELD;
    gx_statement *statement = gx_query(database, SQL);
    bind_holder(statement, holder);
    return gx_rows_count(statement, count);
}

gx_step gx_grants_revoke(gx_database *database, const char *grant_id, int64_t now_ms, const char *revoked_by)
{
    static const char SQL[] = "UPDATE grants SET status = 'revoked', revoked_at = $1, revoked_by = $2"
                              " WHERE id = $3 AND status = 'active'";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_int(statement, 1, now_ms);
    gx_bind_text(statement, 2, revoked_by);
    gx_bind_text(statement, 3, grant_id);
    return gx_rows_changed(statement);
}
