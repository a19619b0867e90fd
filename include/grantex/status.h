/* grantex/status.h - what every function of libgrantex returns, and where it says why.
 *
 * Part of libgrantex. Thread-safety: everything here is stateless. */
#ifndef GRANTEX_STATUS_H
#define GRANTEX_STATUS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) && !defined(GRANTEX_STATIC)
#define GRANTEX_API __attribute__((visibility("default")))
#else
#define GRANTEX_API
#endif

/* Non-negative: go on. Negative: an error, or the end. The numbers are part of the ABI and never change. */
typedef enum grantex_status {
    GRANTEX_OK = 0,
    GRANTEX_TIMEOUT = 1,      /* the time given to this call ran out; nothing is wrong, call again */
    GRANTEX_END = -1,         /* the stream ended as agreed (clean end, 204); final */
    GRANTEX_E_CANCELLED = -2, /* grantex_stream_cancel was called; final */
    GRANTEX_E_INVALID = -3,   /* an argument is wrong; `message` names it */
    GRANTEX_E_NO_MEMORY = -4,
    GRANTEX_E_NO_KEY = -5,     /* no API key was given and none is in the environment */
    GRANTEX_E_NETWORK = -6,    /* no answer: resolve, connect, TLS, reset, time-out */
    GRANTEX_E_AUTH = -7,       /* 401 */
    GRANTEX_E_API = -8,        /* any other error answer of the server; see http_status, code, request_id */
    GRANTEX_E_PROTOCOL = -9,   /* an answer that is not what it should be (content type, JSON) */
    GRANTEX_E_TOO_LARGE = -10, /* a limit of the options was passed */
    GRANTEX_E_FORKED = -11,    /* the object belongs to the parent process */
    GRANTEX_E_SYSTEM = -12,    /* the system refused (file descriptors, threads) */
} grantex_status;

/* What went wrong; the caller's own struct, filled on every negative status and otherwise left alone.
 * Zero it before its first use. It owns nothing. It never contains a key or a token. */
typedef struct grantex_error {
    grantex_status status;
    int http_status;     /* 0 when no HTTP answer was involved */
    char code[64];       /* the server's code, e.g. "NOT_FOUND"; "" when none */
    char request_id[64]; /* the server's requestId; "" when none */
    char message[256];   /* one sentence in English */
} grantex_error;

/* "GRANTEX_E_AUTH" and the like; static; never NULL. */
GRANTEX_API const char *grantex_status_name(grantex_status status);

#ifdef __cplusplus
}
#endif
#endif
