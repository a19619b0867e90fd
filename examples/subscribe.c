/* Calls a function for each event while the program does something else: here, wait for Enter.
 *
 *   cc subscribe.c $(pkg-config --cflags --libs grantex) -o subscribe && GRANTEX_API_KEY=gx_live_… ./subscribe */
#include <grantex/grantex.h>
#include <stdio.h>

/* Each reader says by itself whether the event is of its type. */
static void handle_event(const grantex_event *event, void *user)
{
    grantex_grant_created created;
    grantex_grant_revoked revoked;
    grantex_budget_threshold threshold;
    grantex_budget_exhausted exhausted;
    (void)user;

    if (grantex_event_grant_created(event, &created) == GRANTEX_OK)
        printf("New grant: %s\n", created.grant_id.text);
    else if (grantex_event_grant_revoked(event, &revoked) == GRANTEX_OK)
        printf("Grant revoked: %s\n", revoked.grant_id.text);
    else if (grantex_event_budget_threshold(event, &threshold) == GRANTEX_OK)
        printf("Budget at %lld%%\n", (long long)threshold.percentage);
    else if (grantex_event_budget_exhausted(event, &exhausted) == GRANTEX_OK)
        printf("Budget exhausted for %s\n", exhausted.grant_id.text);
    fflush(stdout);
}

static void handle_notice(const grantex_notice *notice, void *user)
{
    (void)user;
    if (notice->kind == GRANTEX_NOTICE_END)
        fprintf(stderr, "The subscription ended: %s\n", notice->error->message);
}

int main(void)
{
    grantex_client *client = NULL;
    grantex_subscription *subscription = NULL;
    grantex_stream_options options = {.on_notice = handle_notice};
    grantex_error error = {0};

    grantex_status status = grantex_client_open(NULL, &client, &error);
    if (status == GRANTEX_OK)
        status = grantex_events_subscribe(client, &options, handle_event, NULL, &subscription, &error);
    if (status == GRANTEX_OK)
        getchar();
    else
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);

    grantex_unsubscribe(subscription); /* closes the connection at once; no handler runs after it */
    grantex_client_close(client);
    return status == GRANTEX_OK ? 0 : 1;
}
