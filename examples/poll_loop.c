/* Events inside a loop of your own with poll(2): one descriptor, which stays the same over reconnects.
 *
 *   cc poll_loop.c $(pkg-config --cflags --libs grantex) -o poll_loop && GRANTEX_API_KEY=gx_live_… ./poll_loop */
#include <grantex/grantex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Takes what is there. Non-negative: wait for more. */
static grantex_status take_events(grantex_stream *stream, grantex_error *error)
{
    const grantex_event *event;
    grantex_status status;
    while ((status = grantex_stream_next(stream, &event, 0, error)) == GRANTEX_OK)
        printf("%s %s\n", event->type.text, event->id.text);
    fflush(stdout);
    return status;
}

/* Until the stream ends or a signal comes. */
static grantex_status run(grantex_stream *stream, int signals, grantex_error *error)
{
    struct pollfd all[] = {{.fd = grantex_stream_fd(stream), .events = POLLIN}, {.fd = signals, .events = POLLIN}};
    grantex_status status = GRANTEX_TIMEOUT;
    while (status >= 0 && all[1].revents == 0)
        if (poll(all, 2, -1) > 0 && all[0].revents)
            status = take_events(stream, error);
    return status;
}

/* SIGINT and SIGTERM as a descriptor, so that the loop sees them like everything else. */
static int open_signals(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

int main(void)
{
    grantex_client *client = NULL;
    grantex_stream *stream = NULL;
    grantex_error error = {0};
    int signals = open_signals();

    grantex_status status = grantex_client_open(NULL, &client, &error);
    if (status == GRANTEX_OK)
        status = grantex_events_stream(client, NULL, &stream, &error);
    if (status == GRANTEX_OK)
        status = run(stream, signals, &error);
    if (status < 0 && status != GRANTEX_END)
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);

    grantex_stream_close(stream);
    grantex_client_close(client);
    close(signals);
    return status >= 0 || status == GRANTEX_END ? 0 : 1;
}
