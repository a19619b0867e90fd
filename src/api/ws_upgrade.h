/* The opening handshake of a WebSocket, the server's side (RFC 6455 section 4.2). */
#ifndef GX_API_WS_UPGRADE_H
#define GX_API_WS_UPGRADE_H

#include <stdbool.h>

#include "api/call.h"

#define GX_WS_ACCEPT_SIZE 29 /* base64 of a SHA-1, and a NUL */

/* Whether the request asks for a WebSocket of version 13. False: call->problem; 426 where another request might do,
 * 400 where one that is right in this is wrong in its key. */
bool gx_ws_upgrade_check(gx_call *call);

/* The value of Sec-WebSocket-Accept. False: out of memory. */
bool gx_ws_upgrade_accept(gx_span key, char out[static GX_WS_ACCEPT_SIZE]);

#endif
