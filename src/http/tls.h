/* What a server shows when it speaks TLS (1.2 and 1.3; OpenSSL): its certificate chain and key, shared by all network
 * threads. They can be exchanged while the server runs: who is connected keeps what it began with. */
#ifndef GX_HTTP_TLS_H
#define GX_HTTP_TLS_H

#include <stdbool.h>

#include "base/error.h"

typedef struct gx_tls gx_tls;

/* Reads both files (PEM; the key without a passphrase). The paths are copied. NULL: see `error`. */
gx_tls *gx_tls_open(const char *certificate_file, const char *key_file, gx_error *error);

/* Reads the files anew, for connections that come from now on. False, with `error`, and nothing has changed: they
 * cannot be used, or the certificate has run out. Any thread. */
bool gx_tls_reload(gx_tls *tls, gx_error *error);

/* Whether the certificate in use is one that no client should take any more, and since when (RFC 3339, UTC). At a start
 * that is no reason to stay away: clients that look away were served before. Any thread. */
enum { GX_TLS_DATE_SIZE = 32 };
bool gx_tls_has_run_out(gx_tls *tls, char when[static GX_TLS_DATE_SIZE]);

/* No connection is being accepted any more; those that are open may outlive it. NULL is allowed. */
void gx_tls_free(gx_tls *tls);

#endif
