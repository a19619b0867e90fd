/* Looking for a place in the log, whose kept part and whose trimmed part are searched alike. For log_read.c and
 * log_trimmed.c. */
#ifndef GX_STORE_LOG_SEARCH_H
#define GX_STORE_LOG_SEARCH_H

#include "store/log.h"

typedef struct gx_log_search {
    gx_database *database;
    const char *developer_id;
    /* Whether an event comes before what is looked for; true up to some seq, false from there on. */
    bool (*before)(const struct gx_log_search *search, const gx_log_position *event);
    gx_span id;
    int64_t since_ms;
} gx_log_search;

/* Three kinds of `before`. */
bool gx_log_has_lower_id(const gx_log_search *search, const gx_log_position *event);
bool gx_log_has_id_up_to(const gx_log_search *search, const gx_log_position *event);
bool gx_log_is_earlier(const gx_log_search *search, const gx_log_position *event);

/* The trimmed events up to some place. */
typedef struct gx_log_trimmed {
    gx_log_counts counts;
    gx_log_position last; /* of them; seq 0 when there are none */
} gx_log_trimmed;

/* All of them. */
bool gx_log_trimmed_all(gx_database *database, const char *developer_id, gx_log_trimmed *out);

/* Those that come before what is looked for. */
bool gx_log_trimmed_before(const gx_log_search *search, gx_log_trimmed *out);

/* The newest block, and how many events it holds; 0 and 0 when there is none. */
bool gx_log_trimmed_newest(gx_database *database, const char *developer_id, int64_t *block, int64_t *held);

#endif
