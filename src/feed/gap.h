/* What somebody is told of events that he can never get: on a stream (stream.gap), and on a page of the log. */
#ifndef GX_FEED_GAP_H
#define GX_FEED_GAP_H

#include "store/log.h"
#include "wire/json_writer.h"

/* {"from":1,"to":9,"missed":{"total":5,"token.issued":5},"reason":"trimmed","oldest":{"id":"evt_…","seq":10,
 * "timestamp":"…Z"}}: from and to are the seq of the first and the last event that is gone, `missed` counts those that
 * the filter would have shown, by type; `oldest` is the first event that is kept, null when none is. */
void gx_gap_write(gx_json *json, const char *key, const gx_log_gap *gap, gx_event_filter filter);

#endif
