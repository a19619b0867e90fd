/* grantex/client.h - where the server is and who asks. Every other call of libgrantex starts from a client.
 *
 * Thread-safety: a client never changes after it was opened and may be shared by any number of threads. The library
 * keeps no state outside of its objects, logs nothing, and starts no thread unless grantex_events_subscribe is used. */
#ifndef GRANTEX_CLIENT_H
#define GRANTEX_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "grantex/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GRANTEX_VERSION "0.1.0"

/* The version of the library that runs, which may be newer than GRANTEX_VERSION of the header. Static; never NULL. */
GRANTEX_API const char *grantex_version(void);

typedef struct grantex_client grantex_client;

#define GRANTEX_KEY_SIZE 513 /* of the longest API key and its NUL */

/* Asked for another API key when the server has refused the one in use (401): writes it, with its NUL, into `key` of
 * `size` bytes and returns true, or returns false when it knows no other. Asked once for each refusal; when the new key
 * is refused too, that is final. Called on the thread that is inside a call or grantex_stream_next, on one thread at a
 * time for one client; it must not use that client. */
typedef bool (*grantex_credentials_fn)(char *key, size_t size, void *user);

/* What happens on the wire, for whoever looks for a fault: one line of text, lent until it returns, without keys,
 * tokens and bodies. Called on the thread that is inside a call or grantex_stream_next. */
typedef void (*grantex_log_fn)(const char *line, void *user);

/* Everything is copied by grantex_client_open; zero means the default. */
typedef struct grantex_client_options {
    const char *api_key;       /* NULL: GRANTEX_API_KEY, else GRANTEX_KEY, of the environment */
    const char *base_url;      /* NULL: GRANTEX_BASE_URL, else GRANTEX_URL, else https://api.grantex.dev */
    const char *ca_file;       /* certificates to trust, PEM; NULL: GRANTEX_CA_FILE of the environment, else those of
                                * the system */
    int connect_timeout_ms;    /* resolve, connect and TLS of one attempt; 0: 10 s */
    int request_timeout_ms;    /* one attempt of one call (not of a stream); 0: 30 s */
    int max_retries;           /* further attempts of one call; 0: 3, negative: none */
    size_t max_response_bytes; /* longest answer of a call (not of a stream); 0: 16 MiB */
    int max_redirects;         /* of one attempt, a stream's too; 0: 10, negative: none is followed */
    size_t max_header_bytes;   /* heads of the answers to one attempt, redirects too; 0: 64 KiB */
    grantex_credentials_fn on_unauthorized; /* NULL: a 401 is final */
    void *credentials_user;
    grantex_log_fn on_log; /* NULL: nothing is logged */
    void *log_user;
    const void *reserved[8]; /* must be zero */
} grantex_client_options;

#ifdef __cplusplus
#define GRANTEX_CLIENT_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
    }
#else
#define GRANTEX_CLIENT_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        0                                                                                                              \
    }
#endif

/* Opens a client; nothing is sent yet. `options` may be NULL. *client is given to the caller: grantex_client_close.
 * *client and *error are the only outputs; *client is written only on success, `error` may be NULL everywhere.
 *
 *   GRANTEX_E_NO_KEY   no key was given and none is in the environment
 *   GRANTEX_E_INVALID  a key with blanks or control characters, a URL that is not http(s)://host[:port][/path],
 *                      something in `reserved` that this version does not know
 *   GRANTEX_E_NO_MEMORY, GRANTEX_E_SYSTEM */
GRANTEX_API grantex_status grantex_client_open(const grantex_client_options *options, grantex_client **client,
                                               grantex_error *error);

/* Lets go of the client; NULL is allowed. Streams and subscriptions opened from it keep what they need and go on, so
 * the order of closing does not matter. No other thread may be inside a call that was given this client. */
GRANTEX_API void grantex_client_close(grantex_client *client);

/* The base URL that is in use, without a slash at its end. Lent: as long as the client. */
GRANTEX_API const char *grantex_client_base_url(const grantex_client *client);

#ifdef __cplusplus
}
#endif
#endif
