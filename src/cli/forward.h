/* Events posted to a URL, signed as the server's webhooks are: in order, each until the receiver takes it. */
#ifndef GX_CLI_FORWARD_H
#define GX_CLI_FORWARD_H

#include <stdint.h>

#include "cli/http_post.h"
#include "cli/secret.h"
#include "cli/wait.h"
#include "grantex/events.h"

typedef struct cli_forward {
    const char *url; /* lent */
    cli_http *http;
    char secret[CLI_SECRET_SIZE];
    int64_t most_attempts; /* for one event; 0: no limit */
    unsigned long long taken, attempts;
} cli_forward;

/* `secret_file` may be NULL. A secret that is made is printed on stderr. False: said on stderr. */
bool cli_forward_open(cli_forward *forward, const char *url, const char *secret_file, int64_t most_attempts);
void cli_forward_close(cli_forward *forward);

typedef enum cli_forward_end {
    CLI_FORWARD_TAKEN,   /* a 2xx */
    CLI_FORWARD_REFUSED, /* so often as is allowed */
    CLI_FORWARD_ENDED,   /* by a signal; whether it arrived is not known */
} cli_forward_end;

/* `tell` is called with a line about each attempt that failed. */
cli_forward_end cli_forward_event(cli_forward *forward, const grantex_event *event, cli_signals *signals,
                                  void (*tell)(void *context, const char *line), void *context);

/* What to wait before the next attempt: by chance within a doubling span, or what the receiver asked for. */
int64_t cli_forward_delay_ms(int attempt, long retry_after_s, uint32_t chance);

#endif
