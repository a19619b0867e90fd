/* Takes one stream of the sender, `bench-parse-receiver raw|frames|stream URL EVENTS BYTES`: by recv alone, by recv and
 * the parser of grantex/sse.h, or event by event through libgrantex. Prints a JSON object: seconds from the first bytes
 * to the last, and for the library what it allocated meanwhile and what it holds. */
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <grantex/grantex.h>

enum { WARM_UP = 1000, READ_AT_ONCE = 16384 };

/* --- every allocation of the process, libcurl's too --------------------------------------------------------------- */

static atomic_ullong allocations;
static atomic_llong bytes_held;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static void *note(void *memory)
{
    allocations++;
    bytes_held += (long long)malloc_usable_size(memory);
    return memory;
}

GRANTEX_API void *malloc(size_t size)
{
    return note(__libc_malloc(size));
}

GRANTEX_API void *calloc(size_t count, size_t size)
{
    return note(__libc_calloc(count, size));
}

GRANTEX_API void *realloc(void *memory, size_t size)
{
    bytes_held -= (long long)malloc_usable_size(memory);
    return note(__libc_realloc(memory, size));
}

GRANTEX_API void free(void *memory)
{
    bytes_held -= (long long)malloc_usable_size(memory);
    __libc_free(memory);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-parse-receiver: %s\n", what);
    exit(1);
}

/* --- raw ---------------------------------------------------------------------------------------------------------- */

static int connect_to(const char *url)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    return fd;
}

/* It takes the heads of the chunks for lines, which does not matter here. */
static void parse(grantex_sse_parser *parser, const char *bytes, size_t length)
{
    grantex_sse_frame frame;
    while (grantex_sse_parser_next(parser, &bytes, &length, &frame) == GRANTEX_OK)
        continue;
}

/* `parser` may be NULL: the bytes are not looked at then. */
static void receive_raw(const char *url, size_t bytes, grantex_sse_parser *parser)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    static char room[READ_AT_ONCE];
    int fd = connect_to(url);
    must(send(fd, request, sizeof request - 1, 0) == (ssize_t)sizeof request - 1, "send");
    ssize_t n = recv(fd, room, sizeof room, 0);
    double start = now_s();
    for (size_t got = 0; n > 0 && got + (size_t)n < bytes; n = recv(fd, room, sizeof room, 0)) {
        got += (size_t)n;
        if (parser)
            parse(parser, room, (size_t)n);
    }
    must(n > 0, "the stream broke off");
    printf("{\"seconds\": %.6f}\n", now_s() - start);
    close(fd);
}

/* --- the library -------------------------------------------------------------------------------------------------- */

static grantex_stream *open_stream(grantex_client *client)
{
    grantex_stream *stream;
    must(grantex_events_stream(client, NULL, &stream, NULL) == GRANTEX_OK, "stream");
    return stream;
}

static void take(grantex_stream *stream, size_t events)
{
    const grantex_event *event;
    while (events-- > 0)
        must(grantex_stream_next(stream, &event, 10000, NULL) == GRANTEX_OK, "an event is missing");
}

static void receive_frames(const char *url, size_t bytes)
{
    grantex_sse_parser *parser;
    must(grantex_sse_parser_new(NULL, &parser) == GRANTEX_OK, "parser");
    receive_raw(url, bytes, parser);
    grantex_sse_parser_free(parser);
}

static void receive_events(const char *url, size_t events)
{
    grantex_client *client;
    must(grantex_client_open(&(grantex_client_options){.api_key = "k", .base_url = url}, &client, NULL) == GRANTEX_OK,
         "client");
    grantex_stream *stream = open_stream(client);
    take(stream, WARM_UP); /* what the libraries hold once they are in use is no stream's */
    grantex_stream_close(stream);

    long long base = bytes_held;
    stream = open_stream(client);
    take(stream, 1);
    double start = now_s();
    take(stream, WARM_UP);
    unsigned long long before = allocations;
    take(stream, events - WARM_UP - 1);
    double seconds = now_s() - start;
    printf("{\"seconds\": %.6f, \"allocations\": %llu, \"bytes_held\": %lld}\n", seconds, allocations - before,
           bytes_held - base);
    grantex_stream_close(stream);
    grantex_client_close(client);
}

int main(int argc, char **argv)
{
    must(argc == 5, "raw|frames|stream URL EVENTS BYTES");
    if (strcmp(argv[1], "raw") == 0)
        receive_raw(argv[2], strtoul(argv[4], NULL, 10), NULL);
    else if (strcmp(argv[1], "frames") == 0)
        receive_frames(argv[2], strtoul(argv[4], NULL, 10));
    else
        receive_events(argv[2], strtoul(argv[3], NULL, 10));
    return 0;
}
