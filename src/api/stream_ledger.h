/* How many streams each developer has open, and all together, over all threads. A stream takes its place when its
 * socket is taken over and gives it back in that socket's `closed`, so the count is the sockets'. */
#ifndef GX_API_STREAM_LEDGER_H
#define GX_API_STREAM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gx_stream_ledger gx_stream_ledger;

typedef enum gx_admission {
    GX_ADMITTED,
    GX_TOO_MANY_OF_DEVELOPER,
    GX_TOO_MANY_IN_ALL, /* or out of memory */
} gx_admission;

/* `most` streams per developer, `most_in_all` of all developers together. NULL when out of memory. */
gx_stream_ledger *gx_stream_ledger_new(size_t most, size_t most_in_all);
void gx_stream_ledger_free(gx_stream_ledger *ledger);

/* Any thread, as all of these. Nothing is counted where it is not admitted. */
gx_admission gx_stream_ledger_admit(gx_stream_ledger *ledger, const char *developer_id);

/* Whether one more would be admitted now. */
gx_admission gx_stream_ledger_look(gx_stream_ledger *ledger, const char *developer_id);
void gx_stream_ledger_leave(gx_stream_ledger *ledger, const char *developer_id);

size_t gx_stream_ledger_count(gx_stream_ledger *ledger, const char *developer_id);

#endif
