#include "cli/forward.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/cli.h"
#include "cli/moment.h"
#include "webhook/head.h"

#define TIMEOUT_MS      10000 /* as the server gives a webhook's receiver */
#define LEAST_DELAY_MS  200
#define FIRST_DELAY_MS  1000
#define MOST_DELAY_MS   60000
#define MOST_ASKED_FOR  600 /* s, by Retry-After */
#define MOST_DOUBLINGS  10
#define EVENT_ID_PREFIX 4 /* "evt_" */

bool cli_forward_open(cli_forward *forward, const char *url, const char *secret_file, int64_t most_attempts)
{
    bool made;
    *forward = (cli_forward){.url = url, .most_attempts = most_attempts};
    if (!cli_secret_find(secret_file, forward->secret, &made))
        return false;
    forward->http = cli_http_open(TIMEOUT_MS);
    if (!forward->http)
        return cli_fail_words("out of memory"), false;
    if (made)
        fprintf(stderr,
                "signing secret of this run: %s\n"
                "(for the same one each time: --secret-file FILE, or GRANTEX_WEBHOOK_SECRET)\n",
                forward->secret);
    return true;
}

void cli_forward_close(cli_forward *forward)
{
    cli_http_close(forward->http);
    forward->http = NULL;
}

/* --- one attempt -------------------------------------------------------------------------------------------------- */

/* The delivery is named after the event: it keeps its name however often it is repeated, over restarts too. */
static bool write_head(const cli_forward *forward, const grantex_event *event, gx_webhook_head *head)
{
    char delivery[128];
    const char *ulid = event->id.length > EVENT_ID_PREFIX ? event->id.text + EVENT_ID_PREFIX : event->id.text;
    snprintf(delivery, sizeof delivery, "whd_%s", ulid);
    return gx_webhook_head_write(head, &(gx_webhook_sent){.secret = forward->secret,
                                                          .now_s = cli_now_ms() / 1000,
                                                          .event_id = event->id.text,
                                                          .delivery_id = delivery,
                                                          .body = event->json.text,
                                                          .length = event->json.length});
}

static bool post(cli_forward *forward, const grantex_event *event, int abort_fd, cli_http_answer *answer)
{
    gx_webhook_head head;
    if (!write_head(forward, event, &head)) {
        *answer = (cli_http_answer){.error = "it cannot be signed: out of memory"};
        return true;
    }
    forward->attempts++;
    return cli_http_post(forward->http, forward->url, head.lines, event->json.text, event->json.length, abort_fd,
                         answer);
}

/* --- until it is taken -------------------------------------------------------------------------------------------- */

int64_t cli_forward_delay_ms(int attempt, long retry_after_s, uint32_t chance)
{
    int doublings = attempt - 1 < MOST_DOUBLINGS ? attempt - 1 : MOST_DOUBLINGS;
    int64_t span = (int64_t)FIRST_DELAY_MS << doublings;
    span = span < MOST_DELAY_MS ? span : MOST_DELAY_MS;
    int64_t asked = (retry_after_s < MOST_ASKED_FOR ? retry_after_s : MOST_ASKED_FOR) * INT64_C(1000);
    int64_t drawn = LEAST_DELAY_MS + (int64_t)((uint64_t)span * chance / UINT32_MAX);
    return asked > drawn ? asked : drawn;
}

static int64_t next_delay(int attempt, long retry_after_s)
{
    uint32_t chance = UINT32_MAX; /* no randomness: the longest wait is the safe one */
    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance)
        chance = UINT32_MAX;
    return cli_forward_delay_ms(attempt, retry_after_s, chance);
}

static void tell_failure(const grantex_event *event, const char *error, int attempt, int64_t delay_ms,
                         void (*tell)(void *context, const char *line), void *context)
{
    char line[512], next[64] = "given up";
    if (delay_ms >= 0)
        snprintf(next, sizeof next, "next one in %.1f s", (double)delay_ms / 1000);
    snprintf(line, sizeof line, "! %.64s was not taken: %s (attempt %d, %s)", event->id.text, error, attempt, next);
    tell(context, line);
}

cli_forward_end cli_forward_event(cli_forward *forward, const grantex_event *event, cli_signals *signals,
                                  void (*tell)(void *context, const char *line), void *context)
{
    for (int attempt = 1;; attempt++) {
        cli_http_answer answer;
        if (!post(forward, event, signals->fd, &answer))
            return cli_wait(signals, -1, 0, 0, false), CLI_FORWARD_ENDED;
        if (answer.status >= 200 && answer.status <= 299) {
            forward->taken++;
            return CLI_FORWARD_TAKEN;
        }
        bool last = forward->most_attempts > 0 && attempt >= forward->most_attempts;
        int64_t delay_ms = last ? -1 : next_delay(attempt, answer.retry_after_s);
        tell_failure(event, answer.error, attempt, delay_ms, tell, context);
        if (last)
            return CLI_FORWARD_REFUSED;
        if (cli_wait(signals, -1, 0, (int)delay_ms, false) == CLI_WAIT_ENDED)
            return CLI_FORWARD_ENDED;
    }
}
