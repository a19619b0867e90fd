/* Prints which grants were made and revoked since a time, then goes on with those of now.
 *
 *   cc replay.c $(pkg-config --cflags --libs grantex) -o replay
 *   GRANTEX_API_KEY=gx_live_… ./replay 2026-03-01T12:00:00Z */
#include <grantex/grantex.h>
#include <stdio.h>

static void print_grant(const grantex_event *event)
{
    grantex_grant_created created;
    grantex_grant_revoked revoked;
    const char *grant_id = "?";
    if (grantex_event_grant_created(event, &created) == GRANTEX_OK)
        grant_id = created.grant_id.text;
    else if (grantex_event_grant_revoked(event, &revoked) == GRANTEX_OK)
        grant_id = revoked.grant_id.text;
    printf("%s %s %s\n", event->timestamp.text, event->type.text, grant_id);
    fflush(stdout);
}

static grantex_status print_grants(grantex_client *client, const char *since, grantex_error *error)
{
    static const char *const types[] = {"grant.created", "grant.revoked", NULL};
    grantex_stream_options options = {.event_types = types, .since = since};
    grantex_stream *stream;
    grantex_status status = grantex_events_stream(client, &options, &stream, error);
    if (status != GRANTEX_OK)
        return status;
    const grantex_event *event;
    while ((status = grantex_stream_next(stream, &event, -1, error)) == GRANTEX_OK)
        print_grant(event);
    grantex_stream_close(stream);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: replay TIME\n");
        return 2;
    }
    grantex_client *client = NULL;
    grantex_error error = {0};
    grantex_status status = grantex_client_open(NULL, &client, &error);
    if (status == GRANTEX_OK)
        status = print_grants(client, argv[1], &error);
    if (status != GRANTEX_END)
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);
    grantex_client_close(client);
    return status == GRANTEX_END ? 0 : 1;
}
