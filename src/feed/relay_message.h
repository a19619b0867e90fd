/* Events between machines, as text: the envelopes of one developer's events (wire/event.h), one a line. Whose they are
 * stands in the subject. */
#ifndef GX_FEED_RELAY_MESSAGE_H
#define GX_FEED_RELAY_MESSAGE_H

#include "base/buffer.h"
#include "store/log.h"

#define GX_RELAY_SUBJECT        "grantex.events.v1."
#define GX_RELAY_ALL            GX_RELAY_SUBJECT "*"
#define GX_RELAY_SUBJECT_SIZE   64
#define GX_RELAY_MOST_BYTES     (512 * 1024) /* of a message; a NATS server takes 1 MiB unless it is told otherwise */
#define GX_RELAY_DEVELOPER_SIZE 32           /* "dev_", a ULID, NUL */

/* Appends one event. */
void gx_relay_message_add(gx_buffer *out, const gx_logged_event *event);

/* False when the developer's id is none of ours. */
bool gx_relay_subject_of(char out[static GX_RELAY_SUBJECT_SIZE], const char *developer_id);
bool gx_relay_subject_read(char developer_id[static GX_RELAY_DEVELOPER_SIZE], const char *subject);

/* Takes the next event off the front of *rest; its spans point into it. False at the end, and, with *bad set, before
 * what is no event. */
bool gx_relay_message_next(gx_span *rest, const char *developer_id, gx_logged_event *event, bool *bad);

#endif
