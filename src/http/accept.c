/* New connections, taken from the listening socket by hand: so one that cannot be served (no memory, no descriptor, too
 * many already, here or of its address) is closed at once instead of staying in the way of the others. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/engine.h"

#define MOST_AT_ONCE 64

/* No descriptor is left in the process: gives up the spare one to take the connection and close it. Otherwise it would
 * stay readable and the loop would spin. */
static void turn_one_away(gx_http_server *server)
{
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void gx_http_accept(gx_http_server *server)
{
    for (int i = 0; i < MOST_AT_ONCE; i++) {
        struct sockaddr_storage peer;
        socklen_t size = sizeof peer;
        int fd = accept4(server->listen_fd, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && server->open_sockets < server->options.most_connections)
            gx_http_connection_open(server, fd, (struct sockaddr *)&peer);
        else if (fd >= 0)
            close(fd);
        else if (errno == EMFILE || errno == ENFILE)
            turn_one_away(server);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}
