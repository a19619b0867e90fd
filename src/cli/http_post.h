/* Posts to somebody else's server. The only file of the command that knows libcurl (libgrantex talks to Grantex). */
#ifndef GX_CLI_HTTP_POST_H
#define GX_CLI_HTTP_POST_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_http cli_http;

typedef struct cli_http_answer {
    long status;        /* 0: there was none, and `error` says why */
    long retry_after_s; /* Retry-After; 0: none */
    char error[256];
} cli_http_answer;

/* NULL when out of memory. */
cli_http *cli_http_open(int timeout_ms);
void cli_http_close(cli_http *http);

/* Whether it is an http(s) URL with a host. */
bool cli_http_url_ok(const char *url);

/* Posts a body, over the connection of the post before it where there is one. `headers` ends with NULL. Follows no
 * redirect. False: `abort_fd` became readable; whether the post arrived is not known. */
bool cli_http_post(cli_http *http, const char *url, const char *const *headers, const char *body, size_t length,
                   int abort_fd, cli_http_answer *answer);

#endif
