/* Events of several developers in one thread with epoll(7): a stream for each API key.
 *
 *   cc epoll_loop.c $(pkg-config --cflags --libs grantex) -o epoll_loop && ./epoll_loop gx_live_… gx_live_… */
#include <grantex/grantex.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MOST_STREAMS 64

/* Takes what is there; says when the stream is over. */
static bool take_events(grantex_stream *stream)
{
    const grantex_event *event;
    grantex_error error = {0};
    grantex_status status;
    while ((status = grantex_stream_next(stream, &event, 0, &error)) == GRANTEX_OK)
        printf("%s %s\n", event->type.text, event->id.text);
    fflush(stdout);
    if (status < 0)
        fprintf(stderr, "%s: %s\n", grantex_status_name(status), error.message);
    return status >= 0;
}

/* A client may be closed at once: the stream keeps what it needs. NULL: it has been said why. */
static grantex_stream *open_stream(const char *key)
{
    grantex_client_options options = {.api_key = key};
    grantex_client *client = NULL;
    grantex_stream *stream = NULL;
    grantex_error error = {0};
    if (grantex_client_open(&options, &client, &error) != GRANTEX_OK ||
        grantex_events_stream(client, NULL, &stream, &error) != GRANTEX_OK)
        fprintf(stderr, "%s\n", error.message);
    grantex_client_close(client);
    return stream;
}

static int open_signals(void)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    return signalfd(-1, &ending, SFD_CLOEXEC);
}

/* `open` streams are watched, and the signals with NULL. Returns how many are still open when a signal comes. */
static int run(int epoll, int open)
{
    struct epoll_event events[16];
    while (open > 0) {
        int count = epoll_wait(epoll, events, 16, -1);
        for (int i = 0; i < count; i++) {
            grantex_stream *stream = events[i].data.ptr;
            if (!stream)
                return open;
            if (take_events(stream))
                continue;
            epoll_ctl(epoll, EPOLL_CTL_DEL, grantex_stream_fd(stream), NULL);
            open--;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    grantex_stream *streams[MOST_STREAMS] = {NULL};
    int open = 0, epoll = epoll_create1(EPOLL_CLOEXEC), signals = open_signals();
    struct epoll_event watched = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, signals, &watched);

    for (int i = 1; i < argc && open < MOST_STREAMS; i++) {
        grantex_stream *stream = open_stream(argv[i]);
        if (!stream)
            continue;
        streams[open++] = watched.data.ptr = stream;
        epoll_ctl(epoll, EPOLL_CTL_ADD, grantex_stream_fd(stream), &watched);
    }
    int left = run(epoll, open);

    for (int i = 0; i < open; i++)
        grantex_stream_close(streams[i]);
    close(signals);
    close(epoll);
    return left > 0 ? 0 : 1;
}
