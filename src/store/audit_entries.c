#include "store/audit_entries.h"

#define COLUMNS                                                                                                        \
    "developer_id, number, id, agent_id, agent_did, grant_id, principal_id, action, metadata, status, hash,"           \
    " prev_hash, timestamp"

#define FILTER                                                                                                         \
    " FROM audit_entries WHERE developer_id = $1 AND ($2 = '' OR agent_id = $2) AND ($3 = '' OR grant_id = $3)"        \
    " AND ($4 = '' OR principal_id = $4) AND ($5 = '' OR action = $5)"

static void read_row(gx_statement *statement, gx_arena *arena, void *out)
{
    *(gx_audit_row *)out = (gx_audit_row){
        .developer_id = gx_arena_text(arena, gx_column_text(statement, 0)),
        .number = gx_column_int(statement, 1),
        .id = gx_arena_text(arena, gx_column_text(statement, 2)),
        .agent_id = gx_arena_text(arena, gx_column_text(statement, 3)),
        .agent_did = gx_arena_text(arena, gx_column_text(statement, 4)),
        .grant_id = gx_arena_text(arena, gx_column_text(statement, 5)),
        .principal_id = gx_arena_text(arena, gx_column_text(statement, 6)),
        .action = gx_arena_text(arena, gx_column_text(statement, 7)),
        .metadata = gx_arena_text(arena, gx_column_text(statement, 8)),
        .status = gx_arena_text(arena, gx_column_text(statement, 9)),
        .hash = gx_arena_text(arena, gx_column_text(statement, 10)),
        .prev_hash = gx_arena_text(arena, gx_column_text(statement, 11)),
        .timestamp = gx_column_int(statement, 12),
    };
}

static const gx_row_shape SHAPE = {sizeof(gx_audit_row), offsetof(gx_audit_row, next), read_row};

bool gx_audit_insert(gx_database *database, const gx_audit_row *entry)
{
    static const char SQL[] = "INSERT INTO audit_entries (" COLUMNS ")"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, entry->developer_id);
    gx_bind_int(statement, 2, entry->number);
    gx_bind_text(statement, 3, entry->id);
    gx_bind_text(statement, 4, entry->agent_id);
    gx_bind_text(statement, 5, entry->agent_did);
    gx_bind_text(statement, 6, entry->grant_id);
    gx_bind_text(statement, 7, entry->principal_id);
    gx_bind_text(statement, 8, entry->action);
    gx_bind_text(statement, 9, entry->metadata);
    gx_bind_text(statement, 10, entry->status);
    gx_bind_text(statement, 11, entry->hash);
    gx_bind_text(statement, 12, entry->prev_hash);
    gx_bind_int(statement, 13, entry->timestamp);
    return gx_statement_run(statement);
}

gx_step gx_audit_find(gx_database *database, gx_arena *arena, const char *developer_id, const char *entry_id,
                      gx_audit_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM audit_entries WHERE id = $1 AND developer_id = $2";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, entry_id);
    gx_bind_text(statement, 2, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

gx_step gx_audit_head(gx_database *database, gx_arena *arena, const char *developer_id, gx_audit_row *out)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM audit_entries WHERE developer_id = $1"
                              " ORDER BY number DESC LIMIT 1";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    return gx_rows_one(statement, arena, &SHAPE, out);
}

static void bind_filter(gx_statement *statement, const gx_audit_filter *filter)
{
    gx_bind_text(statement, 1, filter->developer_id);
    gx_bind_text(statement, 2, filter->agent_id == NULL ? "" : filter->agent_id);
    gx_bind_text(statement, 3, filter->grant_id == NULL ? "" : filter->grant_id);
    gx_bind_text(statement, 4, filter->principal_id == NULL ? "" : filter->principal_id);
    gx_bind_text(statement, 5, filter->action == NULL ? "" : filter->action);
}

bool gx_audit_list(gx_database *database, gx_arena *arena, const gx_audit_filter *filter, gx_paging paging,
                   const gx_audit_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS FILTER " ORDER BY number LIMIT $6 OFFSET $7";
    gx_statement *statement = gx_query(database, SQL);
    bind_filter(statement, filter);
    gx_bind_paging(statement, 6, paging);
    return gx_rows_page(statement, arena, &SHAPE, first);
}

bool gx_audit_count(gx_database *database, const gx_audit_filter *filter, int64_t *count)
{
    static const char SQL[] = "SELECT COUNT(*)" FILTER;
    gx_statement *statement = gx_query(database, SQL);
    bind_filter(statement, filter);
    return gx_rows_count(statement, count);
}

bool gx_audit_latest_of_principal(gx_database *database, gx_arena *arena, const char *developer_id,
                                  const char *principal_id, int64_t most, const gx_audit_row **first)
{
    static const char SQL[] = "SELECT " COLUMNS " FROM audit_entries WHERE developer_id = $1 AND principal_id = $2"
                              " ORDER BY number DESC LIMIT $3";
    gx_statement *statement = gx_query(database, SQL);
    gx_bind_text(statement, 1, developer_id);
    gx_bind_text(statement, 2, principal_id);
    gx_bind_int(statement, 3, most);
    return gx_rows_all(statement, arena, &SHAPE, first);
}
