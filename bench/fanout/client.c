/* The subscribers of a fan-out, all on one thread: opens the streams, then reads whatever comes and counts.
 *
 *   bench-fanout-client PORT[,PORT…] STREAMS HELLO READY EVENT [tls] < ORDERS   → "ready" when all have got READY
 *
 * The streams go to the ports in turn. HELLO is what each stream sends first; "@KEY@" in it is the next of the keys
 * that stdin has, one a line up to an empty line; each key comes to all ports before the next. EVENT is a character as
 * often as each event has it ("{{"): what is counted must not be cut by a read.
 *
 * Orders on stdin:
 *   until EVENTS     how long it takes until so many have come, over all streams
 *   ages EVENTS      the same, and how old each is when it comes ("at":NNN, monotonic nanoseconds)
 *   lag EVENTS       the same, by the envelope's timestamp
 *   spread EVENTS    the same, and from the first to the last stream, for each event that comes to all of them
 * → one line of JSON each */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
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

enum {
    MOST_STREAMS = 65536,
    MOST_KEYS = 4096,
    MOST_PORTS = 16,
    MOST_SAMPLES = 1 << 22,
    READ_BYTES = 1 << 18,
    KEY_BYTES = 128,
    MOST_SILENCE_MS = 20000
};

typedef struct measurement {
    int64_t marks, frames, bytes;
    int64_t began, ended;
    int64_t round_began; /* when the first stream had the event at hand */
} measurement;

static int sockets[MOST_STREAMS];
static SSL *sessions[MOST_STREAMS]; /* NULL: plain */
static SSL_CTX *tls;                /* whoever the server is: it is ours */
static char keys[MOST_KEYS][KEY_BYTES];
static int ports[MOST_PORTS];
static size_t stream_count, key_count, port_count;
static float samples[MOST_SAMPLES];
static size_t sample_count;
static char input[READ_BYTES + 1];
static const char *event_mark;
static int epoll;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-fanout-client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now(void)
{
    return now_of(CLOCK_MONOTONIC);
}

/* --- opening --- */

static void read_ports(const char *list)
{
    for (const char *at = list; at && port_count < MOST_PORTS; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        ports[port_count++] = atoi(at);
}

static void read_keys(void)
{
    while (key_count < MOST_KEYS && fgets(keys[key_count], KEY_BYTES, stdin)) {
        keys[key_count][strcspn(keys[key_count], "\n")] = '\0';
        if (keys[key_count][0] == '\0')
            return;
        key_count++;
    }
}

static bool shake_hands(size_t stream)
{
    if (tls == NULL)
        return true;
    SSL *session = sessions[stream] = SSL_new(tls);
    return session && SSL_set_fd(session, sockets[stream]) == 1 && SSL_connect(session) == 1;
}

static ssize_t say(size_t stream, const char *text, size_t length)
{
    return sessions[stream] ? SSL_write(sessions[stream], text, (int)length)
                            : send(sockets[stream], text, length, MSG_NOSIGNAL);
}

/* What has come. It waits for some as long as the socket is one that waits. */
static ssize_t hear(size_t stream, char *into, size_t room)
{
    ssize_t length = 0;
    if (sessions[stream] == NULL)
        return recv(sockets[stream], into, room, 0);
    do { /* record by record: what is decrypted wakes nobody any more */
        int got = SSL_read(sessions[stream], into + length, (int)(room - (size_t)length));
        if (got <= 0 && SSL_get_error(sessions[stream], got) == SSL_ERROR_WANT_READ && length == 0)
            errno = EAGAIN;
        if (got <= 0)
            break;
        length += got;
    } while ((size_t)length < room && SSL_has_pending(sessions[stream]));
    return length > 0 ? length : -1;
}

static void say_hello(size_t stream, const char *hello)
{
    char text[1024];
    const char *mark = strstr(hello, "@KEY@");
    int length = mark ? snprintf(text, sizeof text, "%.*s%s%s", (int)(mark - hello), hello,
                                 keys[stream / port_count % key_count], mark + 5)
                      : snprintf(text, sizeof text, "%s", hello);
    must(say(stream, text, (size_t)length) == length, "send");
}

/* One after the other: what a server does when all come at once is another question. */
static void open_stream(const char *hello, const char *ready)
{
    int port = ports[stream_count % port_count];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    sockets[stream_count] = fd;
    must(shake_hands(stream_count), "handshake");
    say_hello(stream_count, hello);
    size_t length = 0;
    for (input[0] = '\0'; !strstr(input, ready); input[length] = '\0') {
        ssize_t got = hear(stream_count, input + length, 4096 - length);
        must(got > 0, input);
        length += (size_t)got;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = stream_count++};
    must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl");
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0, "epoll_ctl");
}

/* --- what comes --- */

static void take_sample(int64_t nanoseconds)
{
    if (sample_count < MOST_SAMPLES)
        samples[sample_count++] = (float)nanoseconds / 1000;
}

static int64_t nanoseconds_of_day(const char *clock)
{
    int hours = 0, minutes = 0, seconds = 0, milliseconds = 0;
    sscanf(clock, "%2d:%2d:%2d.%3d", &hours, &minutes, &seconds, &milliseconds);
    return (((hours * 60 + minutes) * 60 + seconds) * 1000LL + milliseconds) * 1000000;
}

static void sample_timestamps(int64_t at)
{
    const char *found = input;
    while ((found = strstr(found, "\"timestamp\":\"")) && strlen(found) > 37) {
        take_sample(at % 86400000000000 - nanoseconds_of_day(found + 24));
        found += 37;
    }
}

static void sample_moments(int64_t at)
{
    const char *found = input;
    while ((found = strstr(found, "\"at\":")) && strlen(found) > 25) {
        take_sample(at - atoll(found + 5));
        found += 25;
    }
}

static int64_t count_marks(size_t length)
{
    int64_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += input[i] == event_mark[0];
    return count;
}

static void note_round(measurement *of, int64_t before, int64_t at)
{
    int64_t streams = (int64_t)stream_count;
    if (before % streams == 0)
        of->round_began = at;
    if (of->frames / streams > before / streams)
        take_sample(at - of->round_began);
}

static void take(size_t stream, measurement *of, char kind)
{
    ssize_t got = hear(stream, input, READ_BYTES);
    if (got < 0 && errno == EAGAIN)
        return;
    must(got > 0, "a stream ended");
    input[got] = '\0';
    int64_t before = of->frames;
    of->bytes += got;
    of->marks += count_marks((size_t)got);
    of->frames = of->marks / (int64_t)strlen(event_mark);
    if (kind == 's')
        note_round(of, before, now());
    else if (kind == 'l')
        sample_timestamps(now_of(CLOCK_REALTIME));
    else if (kind == 'a')
        sample_moments(now());
}

/* kind: the first letter of the order. */
static void measure(measurement *of, char kind, int64_t most)
{
    struct epoll_event ready[512];
    *of = (measurement){.began = now()};
    sample_count = 0;
    while (of->frames < most) {
        int count = epoll_wait(epoll, ready, 512, MOST_SILENCE_MS);
        must(count != 0, "no event for too long");
        for (int i = 0; i < count; i++)
            take(ready[i].data.u64, of, kind);
    }
    of->ended = now();
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double quantile(double part)
{
    return sample_count ? (double)samples[(size_t)((double)(sample_count - 1) * part)] : 0;
}

static void report(const measurement *of)
{
    double seconds = (double)(of->ended - of->began) / 1e9;
    qsort(samples, sample_count, sizeof *samples, compare);
    printf("{\"events\":%lld,\"bytes\":%lld,\"seconds\":%.6f,\"per_second\":%.0f,\"samples\":%zu,\"p50_us\":%.0f,"
           "\"p99_us\":%.0f,\"most_us\":%.0f}\n",
           (long long)of->frames, (long long)of->bytes, seconds, (double)of->frames / seconds, sample_count,
           quantile(0.5), quantile(0.99), quantile(1));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    size_t streams = argc == 6 || argc == 7 ? (size_t)atol(argv[2]) : 0;
    if (streams < 1 || streams > MOST_STREAMS) {
        fprintf(stderr, "usage: bench-fanout-client PORT STREAMS HELLO READY EVENT [tls] < KEYS-AND-ORDERS\n");
        return 2;
    }
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    event_mark = argv[5];
    if (argc == 7)
        tls = SSL_CTX_new(TLS_client_method()), SSL_CTX_set_read_ahead(tls, 1); /* one read for many records */
    read_ports(argv[1]);
    read_keys();
    while (stream_count < streams)
        open_stream(argv[3], argv[4]);
    puts("ready");
    fflush(stdout);
    char name[16];
    long long amount;
    measurement result;
    while (scanf("%15s %lld", name, &amount) == 2) {
        measure(&result, name[0], amount);
        report(&result);
    }
    return 0;
}
