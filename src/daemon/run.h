/* A server's time in the foreground: from the ready line to SIGTERM or SIGINT. */
#ifndef GX_DAEMON_RUN_H
#define GX_DAEMON_RUN_H

#include "daemon/data_folder.h"
#include "daemon/options.h"

/* Starts a node on the locked folder, prints the ready line {"url","apiKey"?,"pid","data"} on stdout, serves until a
 * signal ends it. `api_key` is NULL for `serve`. Returns the exit status. */
int gx_run(const gx_options *options, const gx_data_folder *folder, const char *api_key);

#endif
