/* A load of debits: so many connections on one thread, each sends a debit, waits for its answer, sends the next.
 *
 *   bench-debit-load PORT CONNECTIONS SECONDS   (stdin: lines of an API key, a blank, and a grant of its developer)
 *   → {"debits":N,"refused":N,"seconds":S,"per_second":N,"p50_us":N,"p99_us":N} */
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

enum { MOST_CONNECTIONS = 4096, MOST_GRANTS = 4096, MOST_LATENCIES = 1 << 22, LINE = 256, ANSWER = 4096 };

typedef struct connection {
    int fd;
    char request[1024];
    size_t request_length;
    char answer[ANSWER];
    size_t answer_length;
    double sent_at;
} connection;

static connection connections[MOST_CONNECTIONS];
static char grants[MOST_GRANTS][LINE];
static float latencies[MOST_LATENCIES];
static size_t latency_count, grant_count, refused;

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
    fprintf(stderr, "bench-debit-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static bool read_line(char out[static LINE])
{
    if (fgets(out, LINE, stdin) == NULL)
        return false;
    out[strcspn(out, "\r\n")] = '\0';
    return out[0] != '\0';
}

/* `grant`: "KEY GRANT" */
static void make_request(connection *one, const char *grant)
{
    char body[512];
    int key_length = (int)strcspn(grant, " ");
    must(grant[key_length] == ' ', "a line without a grant");
    int length = snprintf(body, sizeof body, "{\"grantId\":\"%s\",\"amount\":\"0.0001\"}", grant + key_length + 1);
    one->request_length =
        (size_t)snprintf(one->request, sizeof one->request,
                         "POST /v1/budget/debit HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %.*s\r\n"
                         "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                         key_length, grant, length, body);
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
    if (strncmp(one->answer, "HTTP/1.1 200", 12) != 0)
        refused++;
    else if (latency_count < MOST_LATENCIES)
        latencies[latency_count++] = (float)(now() - one->sent_at);
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void drive(int epoll, double until)
{
    struct epoll_event ready[256];
    while (now() < until) {
        int count = epoll_wait(epoll, ready, 256, 100);
        for (int i = 0; i < count; i++) {
            connection *one = ready[i].data.ptr;
            if (!read_answer(one))
                continue;
            note(one);
            send_request(one);
        }
    }
}

int main(int argc, char **argv)
{
    int count = argc == 4 ? atoi(argv[2]) : 0;
    if (count < 1 || count > MOST_CONNECTIONS) {
        fprintf(stderr, "usage: bench-debit-load PORT CONNECTIONS SECONDS < KEYS-AND-GRANTS\n");
        return 2;
    }
    while (grant_count < MOST_GRANTS && read_line(grants[grant_count]))
        grant_count++;
    must(grant_count > 0, "no grants");
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < count; i++) {
        connection *one = &connections[i];
        one->fd = connect_to(atoi(argv[1]));
        make_request(one, grants[(size_t)i % grant_count]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
        must(epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event) == 0, "epoll");
        send_request(one);
    }
    double began = now();
    drive(epoll, began + atof(argv[3]));
    double seconds = now() - began;
    qsort(latencies, latency_count, sizeof *latencies, compare);
    must(latency_count > 0, "no debit succeeded");
    printf("{\"debits\":%zu,\"refused\":%zu,\"seconds\":%.3f,\"per_second\":%.0f,\"p50_us\":%.0f,\"p99_us\":%.0f}\n",
           latency_count, refused, seconds, (double)latency_count / seconds, (double)latencies[latency_count / 2] * 1e6,
           (double)latencies[latency_count * 99 / 100] * 1e6);
    return 0;
}
