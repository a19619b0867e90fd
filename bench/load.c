/* A load of POSTs: so many connections on one thread, each sends a request, waits for its answer, sends the next.
 *
 *   bench-load PORT CONNECTIONS SECONDS PATH again|once [PER_SECOND] < REQUESTS
 *   REQUESTS: an API key, a blank, a JSON body, one request a line
 *   → {"done":N,"refused":N,"seconds":S,"per_second":N,"p50_us":N,"p99_us":N} */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, MOST_REQUESTS = 1 << 16, MOST_LATENCIES = 1 << 22, LINE = 256, ANSWER = 8192 };

typedef struct connection {
    int fd;
    char request[1024];
    size_t request_length;
    char answer[ANSWER];
    size_t answer_length;
    double sent_at;
} connection;

static connection connections[MOST_CONNECTIONS];
static char requests[MOST_REQUESTS][LINE];
static bool once;                /* each body is sent once, else each connection stays with its own */
static double began, per_second; /* 0: as fast as the answers come */
static float latencies[MOST_LATENCIES];
static size_t latency_count, request_count, next_request, refused;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool read_line(char out[static LINE])
{
    if (fgets(out, LINE, stdin) == NULL)
        return false;
    out[strcspn(out, "\r\n")] = '\0';
    return out[0] != '\0';
}

/* A request: "KEY BODY" */
static void make_request(connection *one, const char *path)
{
    const char *request = requests[next_request++ % request_count];
    const char *blank = strchr(request, ' ');
    must(blank != NULL, "a line without a body");
    one->request_length = (size_t)snprintf(one->request, sizeof one->request,
                                           "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %.*s\r\n"
                                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                           path, (int)(blank - request), request, strlen(blank + 1), blank + 1);
}

static int connect_to(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void send_request(connection *one)
{
    one->answer_length = 0;
    one->sent_at = now();
    must(write(one->fd, one->request, one->request_length) == (ssize_t)one->request_length, "write");
}

/* Reads what is there; whether the answer is whole. */
static bool read_answer(connection *one)
{
    ssize_t n = read(one->fd, one->answer + one->answer_length, ANSWER - 1 - one->answer_length);
    must(n > 0, "read");
    one->answer_length += (size_t)n;
    one->answer[one->answer_length] = '\0';
    const char *end = strstr(one->answer, "\r\n\r\n");
    const char *length = strcasestr(one->answer, "\r\ncontent-length:");
    return end != NULL && length != NULL &&
           one->answer_length >= (size_t)(end + 4 - one->answer) + strtoul(length + 17, NULL, 10);
}

static void note(const connection *one)
{
    if (strncmp(one->answer, "HTTP/1.1 20", 11) != 0)
        refused++;
    else if (latency_count < MOST_LATENCIES)
        latencies[latency_count++] = (float)(now() - one->sent_at);
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* All connections wait for one: together they send no faster than they should. */
static void keep_pace(void)
{
    double early = per_second > 0 ? began + (double)next_request / per_second - now() : 0;
    if (early > 0)
        nanosleep(&(struct timespec){(time_t)early, (long)((early - (double)(time_t)early) * 1e9)}, NULL);
}

/* False when there is nothing left to send. */
static bool go_on(connection *one, const char *path)
{
    if (once && next_request == request_count)
        return false;
    keep_pace();
    if (once)
        make_request(one, path);
    send_request(one);
    return true;
}

/* Until it is time, or everything was answered. */
static void drive(int epoll, double until, const char *path, int under_way)
{
    struct epoll_event ready[256];
    while (under_way > 0 && now() < until) {
        int count = epoll_wait(epoll, ready, 256, 100);
        for (int i = 0; i < count; i++) {
            connection *one = ready[i].data.ptr;
            if (!read_answer(one))
                continue;
            note(one);
            if (!go_on(one, path))
                under_way--;
        }
    }
}

int main(int argc, char **argv)
{
    int count = argc == 6 || argc == 7 ? atoi(argv[2]) : 0;
    if (count < 1 || count > MOST_CONNECTIONS) {
        fprintf(stderr, "usage: bench-load PORT CONNECTIONS SECONDS PATH again|once [PER_SECOND] < REQUESTS\n");
        return 2;
    }
    once = strcmp(argv[5], "once") == 0;
    per_second = argc == 7 ? atof(argv[6]) : 0;
    while (request_count < MOST_REQUESTS && read_line(requests[request_count]))
        request_count++;
    must(request_count > 0 && (!once || request_count >= (size_t)count), "too few requests");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < count; i++) {
        connection *one = &connections[i];
        one->fd = connect_to(atoi(argv[1]));
        make_request(one, argv[4]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
        must(epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event) == 0, "epoll");
        send_request(one);
    }
    began = now();
    drive(epoll, began + atof(argv[3]), argv[4], count);
    double seconds = now() - began;
    qsort(latencies, latency_count, sizeof *latencies, compare);
    must(latency_count > 0, "none succeeded");
    printf("{\"done\":%zu,\"refused\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
           latency_count, refused, seconds, (double)latency_count / seconds, (double)latencies[latency_count / 2] * 1e6,
           (double)latencies[latency_count * 99 / 100] * 1e6);
    return 0;
}
