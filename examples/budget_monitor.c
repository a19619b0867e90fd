/* Revokes each grant whose budget is used up, so that its agent can do no more.
 *
 *   cc budget_monitor.c $(pkg-config --cflags --libs grantex) -o budget_monitor
 *   GRANTEX_API_KEY=gx_live_… ./budget_monitor */
#include <grantex/grantex.h>
#include <stdio.h>

static void revoke(grantex_client *client, const char *grant_id)
{
    grantex_error error = {0};
    if (grantex_grants_revoke(client, grant_id, &error) != GRANTEX_OK)
        fprintf(stderr, "Grant %s was not revoked: %s\n", grant_id, error.message);
}

static void react(grantex_client *client, const grantex_event *event)
{
    grantex_budget_threshold threshold;
    grantex_budget_exhausted exhausted;
    if (grantex_event_budget_threshold(event, &threshold) == GRANTEX_OK) {
        printf("Budget alert: %lld%% used for grant %s\n", (long long)threshold.percentage, threshold.grant_id.text);
    } else if (grantex_event_budget_exhausted(event, &exhausted) == GRANTEX_OK) {
        printf("Budget exhausted for grant %s\n", exhausted.grant_id.text);
        revoke(client, exhausted.grant_id.text);
    }
    fflush(stdout);
}

static grantex_status monitor_budgets(grantex_client *client, grantex_error *error)
{
    static const char *const types[] = {"budget.threshold", "budget.exhausted", NULL};
    grantex_stream *stream;
    grantex_status status =
        grantex_events_stream(client, &(grantex_stream_options){.event_types = types}, &stream, error);
    if (status != GRANTEX_OK)
        return status;
    const grantex_event *event;
    while ((status = grantex_stream_next(stream, &event, -1, error)) == GRANTEX_OK)
        react(client, event);
    grantex_stream_close(stream);
    return status;
}

int main(void)
{
    grantex_client *client = NULL;
    grantex_error error = {0};
    grantex_status status = grantex_client_open(NULL, &client, &error);
    if (status == GRANTEX_OK)
        status = monitor_budgets(client, &error);
    if (status != GRANTEX_END)
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);
    grantex_client_close(client);
    return status == GRANTEX_END ? 0 : 1;
}
