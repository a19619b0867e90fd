/* A node: a whole server in one process, put together from its rooms. */
#ifndef GX_DAEMON_NODE_H
#define GX_DAEMON_NODE_H

#include "base/error.h"
#include "daemon/data_folder.h"
#include "daemon/options.h"

typedef struct gx_node gx_node;

/* Opens the store (its schema brought up to date), takes the listening address, starts the threads: requests are
 * answered when it returns. NULL: see `error`. `options` and `folder` must outlive it. */
gx_node *gx_node_start(const gx_options *options, const gx_data_folder *folder, const gx_logger *logger,
                       gx_error *error);

/* "http://127.0.0.1:8480": where it listens; lent. */
const char *gx_node_url(const gx_node *node);

/* Reads the TLS certificate and its key anew, if there is one. False, with `error`: the ones in use stay. Any thread.
 */
bool gx_node_reload(gx_node *node, gx_error *error);

/* Drains the streams and open requests for up to `drain_ms`, then stops and frees everything. */
void gx_node_stop(gx_node *node, int drain_ms);

#endif
