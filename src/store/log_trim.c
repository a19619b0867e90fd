#include "store/log_trim.h"

#include <string.h>

#include "store/driver.h"
#include "store/log_batch.h"
#include "store/log_search.h"

#define PREFIX_LENGTH (sizeof GX_EVENT_ID_PREFIX - 1)

/* A block that holds so many takes no more: what a search reads stays small. */
#define FULL_BLOCK 256

#define TYPE_SIZE 64

typedef struct log_size {
    int64_t head_seq, bytes;
} log_size;

/* The events of one transaction, oldest first. */
typedef struct batch {
    const gx_retention *keep;
    int64_t now_ms;
    log_size size; /* what is kept, without what was taken */
    int64_t bytes; /* of what was taken */
    int64_t last_seq;
    int count;
    bool odd; /* one has an id or a type that cannot be written down */
    char ulids[GX_TRIM_MOST][GX_ULID_LENGTH];
    char types[GX_TRIM_MOST][TYPE_SIZE];
} batch;

/* Whether the oldest event goes, of a log that is still so large. */
static bool is_ripe(const gx_retention *keep, int64_t now_ms, const log_size *size, int64_t seq, int64_t timestamp_ms)
{
    return (keep->age_ms > 0 && timestamp_ms <= now_ms - keep->age_ms) ||
           (keep->events > 0 && seq <= size->head_seq - keep->events) || (keep->bytes > 0 && size->bytes > keep->bytes);
}

static bool take(void *context, const gx_logged_event *event)
{
    batch *all = context;
    if (!is_ripe(all->keep, all->now_ms, &all->size, event->seq, event->timestamp_ms))
        return false;
    all->odd = !gx_event_id_valid(event->id) || event->type_name.len == 0 || event->type_name.len >= TYPE_SIZE;
    if (all->odd)
        return false;
    memcpy(all->ulids[all->count], event->id.ptr + PREFIX_LENGTH, GX_ULID_LENGTH);
    memcpy(all->types[all->count], event->type_name.ptr, event->type_name.len);
    all->last_seq = event->seq;
    all->size.bytes -= gx_log_bytes_of(event->data);
    all->bytes += gx_log_bytes_of(event->data);
    all->count++;
    return true;
}

/* --- writing down what they were --- */

/* Every type that the block before has goes on in the new one. */
static bool open_block(gx_database *database, const char *developer_id, int64_t number)
{
    gx_statement *statement = gx_query(database, "INSERT INTO trimmed_events (developer_id, block, type, ids, total) "
                                                 "SELECT developer_id, block + 1, type, '', total "
                                                 "FROM trimmed_events WHERE developer_id = $1 AND block = $2");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, number - 1);
    return gx_statement_run(statement);
}

/* The block that takes them. */
static bool choose_block(gx_database *database, const char *developer_id, int64_t *number)
{
    int64_t newest, held;
    if (!gx_log_trimmed_newest(database, developer_id, &newest, &held))
        return false;
    bool fresh = newest == 0 || held >= FULL_BLOCK;
    *number = newest + fresh;
    return !fresh || open_block(database, developer_id, *number);
}

static bool write_type(gx_database *database, const char *developer_id, int64_t number, const char *type, gx_span ids)
{
    gx_statement *statement =
        gx_query(database, "INSERT INTO trimmed_events (developer_id, block, type, ids, total) "
                           "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (developer_id, block, type) DO UPDATE SET "
                           "ids = trimmed_events.ids || excluded.ids, total = trimmed_events.total + excluded.total");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, number);
    gx_bind_text(statement, 3, type);
    gx_bind_span(statement, 4, ids);
    gx_bind_int(statement, 5, (int64_t)(ids.len / GX_ULID_LENGTH));
    return gx_statement_run(statement);
}

/* The ids of the type that `first` has, from there on; those are then done. */
static gx_span gather(batch *all, int first, const char *type, char out[static sizeof all->ulids])
{
    size_t length = 0;
    for (int i = first; i < all->count; i++) {
        if (strcmp(all->types[i], type) != 0)
            continue;
        memcpy(out + length, all->ulids[i], GX_ULID_LENGTH);
        length += GX_ULID_LENGTH;
        all->types[i][0] = '\0';
    }
    return (gx_span){out, length};
}

static bool write_down(gx_database *database, const char *developer_id, batch *all)
{
    int64_t number;
    if (!choose_block(database, developer_id, &number))
        return false;
    for (int i = 0; i < all->count; i++) {
        char type[TYPE_SIZE], ids[sizeof all->ulids];
        memcpy(type, all->types[i], sizeof type);
        if (type[0] != '\0' && !write_type(database, developer_id, number, type, gather(all, i, type, ids)))
            return false;
    }
    return true;
}

static bool remove_up_to(gx_database *database, const char *developer_id, int64_t seq)
{
    gx_statement *statement = gx_query(database, "DELETE FROM events WHERE developer_id = $1 AND seq <= $2");
    gx_bind_text(statement, 1, developer_id);
    gx_bind_int(statement, 2, seq);
    return gx_statement_run(statement);
}

static bool read_size(gx_database *database, const char *developer_id, log_size *out)
{
    gx_statement *statement = gx_query(database, "SELECT last_seq, log_bytes FROM developers WHERE id = $1");
    gx_bind_text(statement, 1, developer_id);
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW)
        *out = (log_size){.head_seq = gx_column_int(statement, 0), .bytes = gx_column_int(statement, 1)};
    gx_statement_reset(statement);
    return step == GX_STEP_ROW;
}

/* The size may be behind what this transaction appended: then more is kept, never less. */
static bool choose(gx_txn *txn, const char *developer_id, batch *all)
{
    gx_log_trimmed gone;
    if (!read_size(txn->database, developer_id, &all->size) || !gx_log_trimmed_all(txn->database, developer_id, &gone))
        return false;
    int64_t read = gx_log_read(txn->database, developer_id, gone.last.seq, GX_TRIM_MOST, take, all);
    if (all->odd)
        return gx_database_fail(txn->database, GX_FAULT_OTHER, "an event that cannot be trimmed");
    return read >= 0;
}

bool gx_log_trim(gx_txn *txn, const char *developer_id, const gx_retention *keep, int64_t *trimmed)
{
    batch all = {.keep = keep, .now_ms = txn->now_ms};
    if (!gx_log_hold(txn, developer_id) || !choose(txn, developer_id, &all))
        return false;
    if (all.count > 0 &&
        (!write_down(txn->database, developer_id, &all) || !remove_up_to(txn->database, developer_id, all.last_seq)))
        return false;
    gx_log_batch_head(txn->log, developer_id)->more_bytes -= all.bytes;
    *trimmed = all.count;
    return true;
}

/* --- whose turn it is --- */

static gx_step next_developer(gx_database *database, const char *after, char developer_id[static GX_ID_SIZE],
                              log_size *size)
{
    gx_statement *statement =
        gx_query(database, "SELECT id, last_seq, log_bytes FROM developers WHERE id > $1 ORDER BY id LIMIT 1");
    gx_bind_text(statement, 1, after);
    gx_step step = gx_statement_step(statement);
    if (step == GX_STEP_ROW) {
        gx_span id = gx_column_span(statement, 0);
        *size = (log_size){.head_seq = gx_column_int(statement, 1), .bytes = gx_column_int(statement, 2)};
        if (id.len < GX_ID_SIZE)
            memcpy(developer_id, id.ptr, id.len + 1);
        else
            step = GX_STEP_ERROR;
    }
    gx_statement_reset(statement);
    return step;
}

gx_log_lookup gx_log_trim_next(gx_database *database, const char *after_developer, const gx_retention *keep,
                               int64_t now_ms, char developer_id[static GX_ID_SIZE], bool *ripe)
{
    log_size size;
    gx_step step = next_developer(database, after_developer, developer_id, &size);
    if (step != GX_STEP_ROW)
        return step == GX_STEP_DONE ? GX_LOG_NOT_FOUND : GX_LOG_ERROR;
    gx_log_position oldest;
    gx_log_lookup kept = gx_log_oldest(database, developer_id, &oldest);
    if (kept == GX_LOG_ERROR)
        return GX_LOG_ERROR;
    *ripe = kept == GX_LOG_FOUND && is_ripe(keep, now_ms, &size, oldest.seq, oldest.timestamp_ms);
    return GX_LOG_FOUND;
}
