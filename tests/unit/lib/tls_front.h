/* TLS before a scripted server: takes connections one after the other and passes their bytes on. A certificate of its
 * own for 127.0.0.1, which a client has to trust. */
#ifndef GX_TESTS_TLS_FRONT_H
#define GX_TESTS_TLS_FRONT_H

#include "lib/scripted_server.h"

typedef struct tls_front tls_front;

/* Asserts that it works. */
tls_front *tls_front_start(const scripted_server *behind);
void tls_front_stop(tls_front *front);

const char *tls_front_url(const tls_front *front);

/* The file with the certificate, PEM. */
const char *tls_front_ca_file(const tls_front *front);

#endif
