/* Retention: taking old events off the front of the log. Of a trimmed event its type and id stay (log_search.h), so
 * that whoever missed it is told exactly what. */
#ifndef GX_STORE_LOG_TRIM_H
#define GX_STORE_LOG_TRIM_H

#include "base/ulid.h"
#include "store/log.h"

/* What is kept; an event goes as soon as one of them lets it go. */
typedef struct gx_retention {
    int64_t age_ms; /* what is younger than this; 0: of any age */
    int64_t events; /* a developer's newest so many; 0: any number */
    int64_t bytes;  /* of a developer's newest (gx_log_bytes_of each); 0: any size */
} gx_retention;

static inline bool gx_retains_all(const gx_retention *keep)
{
    return keep->age_ms == 0 && keep->events == 0 && keep->bytes == 0;
}

/* Most events that one transaction trims: it shares the lane with debits. */
#define GX_TRIM_MOST 128

/* Trims up to GX_TRIM_MOST events of the developer, in a job that writes; *trimmed tells how many. False on a fault. */
bool gx_log_trim(gx_txn *txn, const char *developer_id, const gx_retention *keep, int64_t *trimmed);

/* The next developer, in the order of ids, after `after_developer` ("" for the first): NOT_FOUND when that was the
 * last. `ripe` says whether gx_log_trim would find something. */
gx_log_lookup gx_log_trim_next(gx_database *database, const char *after_developer, const gx_retention *keep,
                               int64_t now_ms, char developer_id[static GX_ID_SIZE], bool *ripe);

#endif
