#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/stream.h"

#define EVENTS_AT_ONCE 8

/* --- descriptors -------------------------------------------------------------------------------------------------- */

static bool watch(const grantex_stream *stream, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(stream->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool gx_stream_open_descriptors(grantex_stream *stream)
{
    stream->timer_at = GX_NEVER;
    stream->epoll = epoll_create1(EPOLL_CLOEXEC);
    stream->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    stream->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return stream->epoll >= 0 && stream->timer >= 0 && stream->wake >= 0 && watch(stream, stream->timer) &&
           watch(stream, stream->wake);
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void gx_stream_close_descriptors(grantex_stream *stream)
{
    close_one(stream->wake);
    close_one(stream->timer);
    close_one(stream->epoll);
}

/* --- time --------------------------------------------------------------------------------------------------------- */

/* A later time needs no system call: the timer comes too early once, and is then set anew. So bytes that push the idle
 * limit away cost nothing. */
void gx_stream_arm(grantex_stream *stream, int64_t at)
{
    if (at >= stream->timer_at)
        return;
    int64_t ms = at > 0 ? at : 0;
    struct itimerspec when = {.it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}};
    if (ms == 0)
        when.it_value.tv_nsec = 1; /* zero would switch it off */
    if (timerfd_settime(stream->timer, TFD_TIMER_ABSTIME, &when, NULL) == 0)
        stream->timer_at = at;
}

static void drain_timer(grantex_stream *stream)
{
    uint64_t times;
    if (read(stream->timer, &times, sizeof times) > 0)
        stream->timer_at = GX_NEVER;
}

int64_t gx_stream_due(const grantex_stream *stream)
{
    int64_t transport = gx_transport_deadline(stream->transport);
    if (stream->phase == GX_PHASE_START || stream->parsed < stream->input.length)
        return 0; /* the descriptor stays readable while there are events */
    return transport < stream->phase_until ? transport : stream->phase_until;
}

static int milliseconds_until(int64_t until, int64_t now)
{
    if (until == GX_NEVER)
        return -1;
    int64_t left = until > now ? until - now : 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

/* --- waiting ------------------------------------------------------------------------------------------------------ */

/* True when a socket had something. */
static bool serve(grantex_stream *stream, const struct epoll_event *events, int count)
{
    bool sockets = false;
    for (int i = 0; i < count; i++) {
        int fd = events[i].data.fd;
        if (fd == stream->timer) {
            drain_timer(stream);
        } else if (fd != stream->wake) {
            gx_transport_step(stream->transport, fd, events[i].events);
            sockets = true;
        }
    }
    return sockets;
}

void gx_stream_wait(grantex_stream *stream, int64_t until)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    int64_t now = gx_clock_monotonic_ms(), due = gx_stream_due(stream);
    gx_stream_arm(stream, due);
    int count = epoll_wait(stream->epoll, events, EVENTS_AT_ONCE, milliseconds_until(due < until ? due : until, now));

    bool busy = serve(stream, events, count); /* of none when it is late, or a signal came */
    now = gx_clock_monotonic_ms();
    if (gx_transport_deadline(stream->transport) <= now) {
        gx_transport_tick(stream->transport);
        busy = true;
    }
    /* A caller who comes back late finds its phase run out although bytes are waiting: they are read first. */
    stream->ran_out = !busy && stream->phase_until <= now;
}
