/* How many streams each developer has open, over all threads. A stream takes its place when its socket is taken over
 * and gives it back in that socket's `closed`, so the count is the sockets'. */
#ifndef GX_API_STREAM_LEDGER_H
#define GX_API_STREAM_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct gx_stream_ledger gx_stream_ledger;

/* `most` streams per developer. NULL when out of memory. */
gx_stream_ledger *gx_stream_ledger_new(size_t most);
void gx_stream_ledger_free(gx_stream_ledger *ledger);

/* Any thread. False at the limit or out of memory. */
bool gx_stream_ledger_admit(gx_stream_ledger *ledger, const char *developer_id);
void gx_stream_ledger_leave(gx_stream_ledger *ledger, const char *developer_id);

size_t gx_stream_ledger_count(gx_stream_ledger *ledger, const char *developer_id);

#endif
