/* Prints every authorization event until a budget is used up.
 *
 *   cc stream.c $(pkg-config --cflags --libs grantex) -o stream && GRANTEX_API_KEY=gx_live_… ./stream */
#include <grantex/grantex.h>
#include <stdio.h>
#include <string.h>

static grantex_status print_events(grantex_stream *stream, grantex_error *error)
{
    const grantex_event *event;
    grantex_status status;
    while ((status = grantex_stream_next(stream, &event, -1, error)) == GRANTEX_OK) {
        printf("Type: %s\n", event->type.text);
        printf("ID: %s\n", event->id.text);
        printf("Timestamp: %s\n", event->timestamp.text);
        printf("Data: %s\n", event->data.text);
        fflush(stdout);
        if (strcmp(event->type.text, "budget.exhausted") == 0)
            break;
    }
    return status;
}

int main(void)
{
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT; /* key and URL: from the environment */
    grantex_client *client = NULL;
    grantex_stream *stream = NULL;
    grantex_error error = {0};

    grantex_status status = grantex_client_open(&options, &client, &error);
    if (status == GRANTEX_OK)
        status = grantex_events_stream(client, NULL, &stream, &error);
    if (status == GRANTEX_OK)
        status = print_events(stream, &error);
    if (status != GRANTEX_OK && status != GRANTEX_END)
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);

    grantex_stream_close(stream);
    grantex_client_close(client);
    return status == GRANTEX_OK || status == GRANTEX_END ? 0 : 1;
}
