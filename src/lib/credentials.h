/* The API key that is in use, which may change once the server refuses it. Any thread. */
#ifndef GX_LIB_CREDENTIALS_H
#define GX_LIB_CREDENTIALS_H

#include <pthread.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "grantex/client.h"

typedef struct gx_credentials {
    pthread_mutex_t lock; /* also held while the application is asked, so that it is asked once */
    char *line;           /* "Authorization: Bearer …"; wiped when freed */
    grantex_credentials_fn ask;
    void *user;
} gx_credentials;

/* Whether a text can be sent as an API key. */
bool gx_credentials_key_ok(const char *key);

/* False when out of memory; gx_credentials_free is due all the same. */
bool gx_credentials_open(gx_credentials *credentials, const char *key, grantex_credentials_fn ask, void *user);
void gx_credentials_free(gx_credentials *credentials);

/* Sets *line to the header line that is to be sent now. False when out of memory. */
bool gx_credentials_line(gx_credentials *credentials, gx_buffer *line);

/* The server has answered 401 to a request with this line. True: another one is in use now. */
bool gx_credentials_renew(gx_credentials *credentials, const char *refused);

/* Frees a line, and what it said. */
void gx_credentials_forget(gx_buffer *line);

#endif
