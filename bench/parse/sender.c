/* Sends the same stream to everybody who comes, as fast as he reads, or with a pause after each chunk:
 * `bench-parse-sender EVENTS|FILE CHUNK_BYTES PAUSE_US`. With a FILE that is what it sends. Prints its port and how
 * long the body is. The body is chunked, as grantexd's is; after the last event it is held open until the reader has
 * gone. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parse/events.h"

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-parse-sender: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* A number, or the name of a file, which has a slash. */
static char *read_or_write_events(const char *argument, size_t *length)
{
    if (!strchr(argument, '/'))
        return bench_events_write(strtoul(argument, NULL, 10), "\n", length);
    FILE *file = fopen(argument, "rb");
    must(file && fseek(file, 0, SEEK_END) == 0, argument);
    long size = ftell(file);
    rewind(file);
    char *events = size > 0 ? malloc((size_t)size) : NULL;
    must(events && fread(events, 1, (size_t)size, file) == (size_t)size, argument);
    fclose(file);
    *length = (size_t)size;
    return events;
}

static int listen_on_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 16) == 0 &&
             getsockname(fd, (struct sockaddr *)&address, &length) == 0,
         "listen");
    *port = ntohs(address.sin_port);
    return fd;
}

/* The body of the answer, its chunks cut without regard to events. */
static char *make_chunks(const char *events, size_t length, size_t chunk, size_t *total)
{
    char *body = malloc(length + (length / chunk + 2) * 16);
    must(body != NULL, "memory");
    *total = 0;
    for (size_t at = 0; at < length; at += chunk) {
        size_t piece = length - at < chunk ? length - at : chunk;
        *total += (size_t)sprintf(body + *total, "%zx\r\n", piece);
        memcpy(body + *total, events + at, piece);
        *total += piece;
        *total += (size_t)sprintf(body + *total, "\r\n");
    }
    return body;
}

static bool send_all(int fd, const char *bytes, size_t length, size_t at_once, useconds_t pause_us)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length < at_once ? length : at_once, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
        if (pause_us > 0)
            usleep(pause_us);
    }
    return true;
}

static bool read_head(int fd)
{
    char head[4096];
    size_t length = 0;
    while (length < sizeof head - 1) {
        ssize_t n = recv(fd, head + length, sizeof head - 1 - length, 0);
        if (n <= 0)
            return false;
        length += (size_t)n;
        head[length] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return true;
    }
    return false;
}

static void serve(int fd, const char *body, size_t length, size_t at_once, useconds_t pause_us)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    char byte;
    if (read_head(fd) && send_all(fd, head, sizeof head - 1, sizeof head, 0) &&
        send_all(fd, body, length, at_once, pause_us))
        while (recv(fd, &byte, 1, 0) > 0)
            continue;
    close(fd);
}

int main(int argc, char **argv)
{
    size_t length, total;
    int port;
    must(argc == 4, "EVENTS|FILE CHUNK_BYTES PAUSE_US");
    size_t chunk = strtoul(argv[2], NULL, 10);
    useconds_t pause_us = (useconds_t)strtoul(argv[3], NULL, 10);
    char *events = read_or_write_events(argv[1], &length);
    char *body = make_chunks(events, length, chunk, &total);
    int listener = listen_on_loopback(&port);
    printf("%d %zu\n", port, total);
    fflush(stdout);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        serve(fd, body, total, pause_us > 0 ? chunk : 65536, pause_us);
    return 0;
}
