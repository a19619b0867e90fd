#include "lib/socket_set.h"

#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

static void note(gx_socket_set *set, int from, int to)
{
    for (size_t i = 0; i < GX_MOST_SOCKETS; i++)
        if (set->open[i] == from) {
            set->open[i] = to;
            return;
        }
}

void gx_socket_set_add(gx_socket_set *set, int fd)
{
    note(set, 0, fd + 1);
}

int gx_socket_set_close(gx_socket_set *set, int fd)
{
    note(set, fd + 1, 0);
    if (set->watched == fd)
        set->watched = -1;
    if (set->epoll >= 0) /* where the connection stays open by another descriptor, it would stay in the set */
        epoll_ctl(set->epoll, EPOLL_CTL_DEL, fd, NULL);
    return close(fd);
}

/* A descriptor number may be a new socket that took the place of one that closed, so "exists" and "does not exist" both
 * turn into the other operation. */
bool gx_socket_set_watch(gx_socket_set *set, int fd, uint32_t events)
{
    if (set->watched == fd && set->watched_for == events)
        return true;
    set->watched = fd;
    set->watched_for = events;
    struct epoll_event event = {.events = events, .data.fd = fd};
    return epoll_ctl(set->epoll, EPOLL_CTL_MOD, fd, &event) == 0 ||
           epoll_ctl(set->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

void gx_socket_set_unwatch(gx_socket_set *set, int fd)
{
    set->watched = -1;
    epoll_ctl(set->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int gx_socket_set_only(const gx_socket_set *set)
{
    int only = 0;
    for (size_t i = 0; i < GX_MOST_SOCKETS; i++) {
        if (set->open[i] && only)
            return -1;
        only += set->open[i];
    }
    return only - 1;
}

void gx_socket_set_abandon(gx_socket_set *set)
{
    for (size_t i = 0; i < GX_MOST_SOCKETS; i++)
        if (set->open[i])
            close(set->open[i] - 1);
}
