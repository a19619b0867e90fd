/* A certificate made on the spot, and the client's side of a TLS session, without a socket. */
#ifndef GX_TESTS_TLS_PEER_H
#define GX_TESTS_TLS_PEER_H

#include <openssl/ssl.h>

#include "base/buffer.h"
#include "http/tls.h"

/* A gx_tls over files in a folder of their own, which are gone when this returns. */
gx_tls *tls_of_a_new_certificate(void);

typedef struct tls_peer {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* the SSL's */
} tls_peer;

void tls_peer_open(tls_peer *peer);
void tls_peer_close(tls_peer *peer);

/* Gives it bytes of the server and goes on with the handshake, or appends the text that came. What it has to say then
 * is appended to `said`. */
void tls_peer_turn(tls_peer *peer, gx_span bytes, gx_buffer *text, gx_buffer *said);
void tls_peer_write(tls_peer *peer, const char *text, gx_buffer *said);

#endif
