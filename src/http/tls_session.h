/* One connection's TLS: bytes of the peer in, bytes for the peer out, plain text between. No socket, no clock.
 *
 * A session keeps between two calls only what belongs to it alone (its keys, a record that has not come whole). The
 * bytes on their way through are in the pipes, which all sessions of a thread share: so an idle session is small, and
 * whoever calls takes what came out before he calls for another session. */
#ifndef GX_HTTP_TLS_SESSION_H
#define GX_HTTP_TLS_SESSION_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "http/tls.h"

typedef struct gx_tls_pipes {
    BIO *in, *out;
} gx_tls_pipes;

bool gx_tls_pipes_open(gx_tls_pipes *pipes);
void gx_tls_pipes_close(gx_tls_pipes *pipes);

typedef struct gx_tls_session gx_tls_session;

/* The server's side. NULL when out of memory. */
gx_tls_session *gx_tls_session_new(gx_tls *tls, const gx_tls_pipes *pipes);
void gx_tls_session_free(gx_tls_session *session);

/* Takes bytes of the peer, all of them; what they hold comes by gx_tls_session_read, which must be called until it has
 * nothing more. False when out of memory. */
bool gx_tls_session_feed(gx_tls_session *session, gx_span bytes);

typedef enum gx_tls_read {
    GX_TLS_READ_SOME,    /* *taken bytes of plain text */
    GX_TLS_READ_NOTHING, /* further bytes of the peer are needed */
    GX_TLS_READ_END,     /* the peer has said that it sends no more (close_notify) */
    GX_TLS_READ_BROKEN,  /* no TLS, or against its rules; an alert may have come out */
    GX_TLS_READ_PLAIN,   /* the peer speaks HTTP without TLS */
} gx_tls_read;

gx_tls_read gx_tls_session_read(gx_tls_session *session, char *out, size_t size, size_t *taken);

/* Whether the handshake is over. */
bool gx_tls_session_ready(const gx_tls_session *session);

/* Makes records of plain text (at least one byte; a record holds up to GX_TLS_MOST_RECORD). False when broken. */
enum { GX_TLS_MOST_RECORD = 16384 };
bool gx_tls_session_write(gx_tls_session *session, gx_span text);

/* Says that nothing more will be written (close_notify). */
void gx_tls_session_end(gx_tls_session *session);

/* What came out and must be sent, in order; lent until anything else is done with the pipes. The caller takes all. */
gx_span gx_tls_pipes_out(const gx_tls_pipes *pipes);
void gx_tls_pipes_taken(const gx_tls_pipes *pipes);

/* tls.c */
SSL *gx_tls_new_ssl(gx_tls *tls);

#endif
