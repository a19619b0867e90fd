/* Listening sockets. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/server.h"

#define BACKLOG 1024

static int resolve(const char *host, int port, struct addrinfo **address, gx_error *error)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    char service[8];
    if (port < 0 || port > 65535)
        return gx_error_set(error, "%d is no port number", port);
    snprintf(service, sizeof service, "%u", (unsigned)port & 0xffff);
    int failure = getaddrinfo(host, service, &hints, address);
    return failure == 0 ? 0 : gx_error_set(error, "cannot resolve %s: %s", host, gai_strerror(failure));
}

/* A socket bound to the address; -1 and errno otherwise. SO_REUSEADDR lets a restart pass what lingers in TIME_WAIT. */
static int bound_socket(const struct addrinfo *address, bool shared)
{
    int yes = 1;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0) &&
        bind(fd, address->ai_addr, address->ai_addrlen) == 0)
        return fd;
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/* Whether nobody listens there: a socket that shares the port with none must get it. */
static bool is_free(const struct addrinfo *address)
{
    int fd = bound_socket(address, false);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return -1;
    return ntohs(address.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&address)->sin6_port
                                               : ((const struct sockaddr_in *)&address)->sin_port);
}

/* The descriptor, or -1 and errno. */
static int listening_socket(const struct addrinfo *address, bool exclusive, int *bound_port)
{
    if (exclusive && !is_free(address))
        return -1;
    int fd = bound_socket(address, true);
    if (fd < 0)
        return -1;
    int port = listen(fd, BACKLOG) == 0 ? port_of(fd) : -1;
    if (port < 0) {
        int reason = errno;
        close(fd);
        errno = reason;
        return -1;
    }
    *bound_port = port;
    return fd;
}

int gx_http_listen(const char *host, int port, bool exclusive, int *bound_port, gx_error *error)
{
    struct addrinfo *address;
    if (resolve(host, port, &address, error) != 0)
        return -1;
    int fd = listening_socket(address, exclusive, bound_port);
    int reason = errno;
    freeaddrinfo(address);
    return fd >= 0 ? fd : gx_error_set(error, "cannot listen on %s:%d: %s", host, port, strerror(reason));
}
