#include "lib/scripted_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST_REQUESTS    128
#define REQUEST_SIZE     2048
#define DEADLINE_SECONDS 60 /* for machines that hang */
#define HEAD_OF_AN_EVENTS                                                                                              \
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
#define LAST_CHUNK "0\r\n\r\n"

struct scripted_server {
    const act *acts;
    size_t count;
    bool again;
    int listener, stop[2], tick[2];
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t requests, closes; /* under the lock, like the texts */
    char texts[MOST_REQUESTS][REQUEST_SIZE];
};

/* --- the thread --------------------------------------------------------------------------------------------------- */

/* False when the server is to stop. */
static bool wait_readable(const scripted_server *server, int fd)
{
    struct pollfd both[] = {{.fd = fd, .events = POLLIN}, {.fd = server->stop[0], .events = POLLIN}};
    while (poll(both, 2, -1) < 0 && errno == EINTR)
        continue;
    return both[1].revents == 0;
}

static size_t body_length(const char *head)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");
    return field ? strtoul(field + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

static bool is_whole(const char *text, size_t length)
{
    const char *end = strstr(text, "\r\n\r\n");
    return end && (size_t)(end + 4 - text) + body_length(text) <= length;
}

static bool read_request(const scripted_server *server, int fd, char *text)
{
    size_t length = 0;
    text[0] = '\0';
    while (!is_whole(text, length)) {
        ssize_t n = wait_readable(server, fd) ? recv(fd, text + length, REQUEST_SIZE - 1 - length, 0) : 0;
        if (n <= 0)
            return false;
        length += (size_t)n;
        text[length] = '\0';
    }
    return true;
}

static struct iovec piece(const char *text)
{
    return (struct iovec){.iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text)};
}

/* In one go, so that no time passes between the pieces: a client that waits for them with a limit has all or none. */
static void send_pieces(int fd, struct iovec *pieces, size_t count)
{
    while (count > 0) {
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = count};
        ssize_t n = sendmsg(fd, &message, MSG_NOSIGNAL);
        if (n < 0)
            return;
        for (; count > 0 && (size_t)n >= pieces->iov_len; pieces++, count--)
            n -= (ssize_t)pieces->iov_len;
        if (count > 0) {
            pieces->iov_base = (char *)pieces->iov_base + n;
            pieces->iov_len -= (size_t)n;
        }
    }
}

static void send_text(int fd, const char *text)
{
    struct iovec all = piece(text);
    send_pieces(fd, &all, 1);
}

static void send_drop_by_drop(const scripted_server *server, int fd, const char *bytes)
{
    char one, chunk[] = "1\r\n?\r\n";
    for (; *bytes && wait_readable(server, server->tick[0]) && read(server->tick[0], &one, 1) == 1; bytes++) {
        chunk[3] = *bytes;
        send_text(fd, chunk);
    }
}

static void send_events(const scripted_server *server, int fd, const act *part)
{
    const char *end = part->ending == END_CLEANLY ? LAST_CHUNK : "";
    if (part->drip) {
        send_text(fd, HEAD_OF_AN_EVENTS);
        send_drop_by_drop(server, fd, part->events);
        send_text(fd, end);
        return;
    }
    char size[32] = "";
    if (part->events[0])
        snprintf(size, sizeof size, "%zx\r\n", strlen(part->events));
    struct iovec pieces[] = {piece(HEAD_OF_AN_EVENTS), piece(size), piece(part->events),
                             piece(part->events[0] ? "\r\n" : ""), piece(end)};
    send_pieces(fd, pieces, sizeof pieces / sizeof pieces[0]);
}

static void hold(const scripted_server *server, int fd)
{
    char byte;
    while (wait_readable(server, fd) && recv(fd, &byte, 1, 0) > 0)
        continue;
}

static void play(const scripted_server *server, int fd, const act *part)
{
    if (part->raw)
        send_text(fd, part->raw);
    else
        send_events(server, fd, part);
    if (part->ending == HOLD)
        hold(server, fd);
}

static void bump(scripted_server *server, size_t *counter)
{
    pthread_mutex_lock(&server->lock);
    ++*counter;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

static const act *next_act(const scripted_server *server, size_t n)
{
    if (server->again)
        return &server->acts[n % server->count];
    return n < server->count ? &server->acts[n] : NULL;
}

static void serve(scripted_server *server, int fd, size_t n)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!read_request(server, fd, server->texts[n % MOST_REQUESTS]))
        return;
    bump(server, &server->requests);
    const act *part = next_act(server, n);
    if (part)
        play(server, fd, part);
}

static void *run(void *context)
{
    scripted_server *server = context;
    sigset_t alarms; /* are for the thread that the test is about */
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    for (size_t n = 0; wait_readable(server, server->listener); n++) {
        int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            break;
        serve(server, fd, n);
        close(fd);
        bump(server, &server->closes);
    }
    return NULL;
}

/* --- the test ----------------------------------------------------------------------------------------------------- */

int scripted_server_reserve(char *url, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    snprintf(url, size, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

scripted_server *scripted_server_start(const act *acts, size_t count, bool again)
{
    char url[64];
    setenv("no_proxy", "*", 1); /* whoever runs the tests behind a proxy */
    int fd = scripted_server_reserve(url, sizeof url);
    return scripted_server_start_on(fd, url, acts, count, again);
}

scripted_server *scripted_server_start_on(int fd, const char *url, const act *acts, size_t count, bool again)
{
    scripted_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    snprintf(server->url, sizeof server->url, "%s", url);
    server->listener = fd;
    assert_int_equal(listen(fd, 16), 0);
    server->acts = acts;
    server->count = count;
    server->again = again;
    assert_int_equal(pipe2(server->stop, O_CLOEXEC), 0);
    assert_int_equal(pipe2(server->tick, O_CLOEXEC), 0);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
    return server;
}

void scripted_server_stop(scripted_server *server)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    close(server->tick[0]);
    close(server->tick[1]);
    close(server->listener);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    free(server);
}

const char *scripted_server_url(const scripted_server *server)
{
    return server->url;
}

static void wait_for(scripted_server *server, const size_t *counter, size_t least)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DEADLINE_SECONDS;
    int late = 0;
    pthread_mutex_lock(&server->lock);
    while (*counter < least && !late)
        late = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
    assert_int_equal(late, 0);
}

const char *scripted_server_request(scripted_server *server, size_t n)
{
    wait_for(server, &server->requests, n + 1);
    return server->texts[n % MOST_REQUESTS];
}

size_t scripted_server_count(scripted_server *server)
{
    pthread_mutex_lock(&server->lock);
    size_t count = server->requests;
    pthread_mutex_unlock(&server->lock);
    return count;
}

void scripted_server_wait_for_close(scripted_server *server)
{
    wait_for(server, &server->closes, scripted_server_count(server));
}

void scripted_server_tick(scripted_server *server)
{
    assert_int_equal(write(server->tick[1], ".", 1), 1);
}
