/* Very many who come at once, as after a restart: each connects, asks for what it missed, and stays.
 *
 *   bench-crowd PORT STREAMS HELLO EVENT EVENTS-EACH → when all have got that many, a line of JSON
 *
 * HELLO is what each sends; EVENT is a character as often as each event has it ("{{"). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_STREAMS = 65536, MOST_SILENCE_MS = 30000, READ_BYTES = 1 << 16 };

typedef struct one {
    int fd;
    bool greeted;
    size_t marks;
} one;

static one streams[MOST_STREAMS];
static char input[READ_BYTES];

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void come(int epoll, one *self, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(self->fd >= 0, "socket");
    must(connect(self->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS, "connect");
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = self};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd, &event) == 0, "epoll_ctl");
}

static void greet(one *self, const char *hello)
{
    must(send(self->fd, hello, strlen(hello), MSG_NOSIGNAL) == (ssize_t)strlen(hello), "send");
    self->greeted = true;
}

/* Everything that is there: the edge comes once. */
static void take(one *self, char mark)
{
    ssize_t got;
    while ((got = recv(self->fd, input, READ_BYTES, 0)) > 0) {
        must(self->marks > 0 || memcmp(input, "HTTP/1.1 200", 12) == 0 || input[0] != 'H', "refused");
        for (ssize_t i = 0; i < got; i++)
            self->marks += input[i] == mark;
    }
    must(got < 0 && errno == EAGAIN, "a stream ended");
}

static double gather(int epoll, size_t count, const char *hello, const char *event, size_t wanted)
{
    struct epoll_event ready[512];
    size_t done = 0;
    double first = 0;
    while (done < count) {
        int got = epoll_wait(epoll, ready, 512, MOST_SILENCE_MS);
        must(got > 0, "nothing comes any more");
        for (int i = 0; i < got; i++) {
            one *self = ready[i].data.ptr;
            size_t before = self->marks;
            if (!self->greeted && (ready[i].events & EPOLLOUT) != 0)
                greet(self, hello);
            if ((ready[i].events & EPOLLIN) != 0)
                take(self, event[0]);
            done += before < wanted && self->marks >= wanted;
            if (done == 1 && first <= 0)
                first = now();
        }
    }
    return first;
}

int main(int argc, char **argv)
{
    size_t count = argc == 6 ? (size_t)atol(argv[2]) : 0;
    if (count < 1 || count > MOST_STREAMS) {
        fprintf(stderr, "usage: bench-crowd PORT STREAMS HELLO EVENT EVENTS-EACH\n");
        return 2;
    }
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    size_t wanted = (size_t)atol(argv[5]) * strlen(argv[4]);
    double began = now();
    for (size_t i = 0; i < count; i++)
        come(epoll, &streams[i], atoi(argv[1]));
    double first = gather(epoll, count, argv[3], argv[4], wanted);
    double seconds = now() - began;
    printf("{\"streams\":%zu,\"seconds\":%.3f,\"first_s\":%.3f,\"per_second\":%.0f}\n", count, seconds, first - began,
           (double)count / seconds);
    return 0;
}
