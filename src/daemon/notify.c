#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool address_of(const char *path, struct sockaddr_un *address, socklen_t *size)
{
    size_t length = strlen(path);
    errno = EINVAL;
    if ((path[0] != '/' && path[0] != '@') || length < 2 || length >= sizeof address->sun_path)
        return false;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, length);
    if (path[0] == '@')
        address->sun_path[0] = '\0'; /* an abstract name: its length says where it ends */
    *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'));
    return true;
}

bool gx_notify(const char *socket_path, const char *state)
{
    struct sockaddr_un address;
    socklen_t size;
    if (socket_path == NULL || socket_path[0] == '\0')
        return true;
    if (!address_of(socket_path, &address, &size))
        return false;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, size);
    int reason = errno;
    close(fd);
    errno = reason;
    return sent == (ssize_t)strlen(state);
}
