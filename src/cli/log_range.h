/* From where to where the log goes (GET /v1/events/range), and whether anything is left before an end. */
#ifndef GX_CLI_LOG_RANGE_H
#define GX_CLI_LOG_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "grantex/client.h"

#define CLI_ID_SIZE 64

typedef struct cli_log_range {
    int64_t start_seq, behind;    /* of a start at `since` or `after` */
    int64_t oldest_seq, head_seq; /* 0: there is none */
    char head_id[CLI_ID_SIZE];    /* "" : the log is empty */
} cli_log_range;

/* `since` and `after` may be NULL; `after` beats `since`. */
grantex_status cli_log_range_read(grantex_client *client, const char *since, const char *after, cli_log_range *out,
                                  grantex_error *error);

/* Whether the log shows nothing of `types` (NULL: of all) behind `after` (or `since`) up to the event `end`. */
grantex_status cli_log_is_done(grantex_client *client, const char *since, const char *after, const char *types,
                               const char *end, bool *done, grantex_error *error);

#endif
