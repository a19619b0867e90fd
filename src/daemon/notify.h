/* What systemd is told (sd_notify(3), Type=notify): one datagram to the socket that it names. libsystemd is not needed
 * for that. */
#ifndef GX_DAEMON_NOTIFY_H
#define GX_DAEMON_NOTIFY_H

#include <stdbool.h>

/* `socket_path` is what NOTIFY_SOCKET held: a path, or '@' and an abstract name. NULL or empty: nobody listens, and
 * nothing is done. `state` such as "READY=1". False, with errno, when it could not be told; never blocks. Any thread.
 */
bool gx_notify(const char *socket_path, const char *state);

#endif
