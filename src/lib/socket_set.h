/* The sockets of an exchange: which are open, so that a child can close its copies, and what each is watched for in an
 * epoll descriptor of the caller's. */
#ifndef GX_LIB_SOCKET_SET_H
#define GX_LIB_SOCKET_SET_H

#include <stdbool.h>
#include <stdint.h>

enum { GX_MOST_SOCKETS = 8 }; /* IPv4 and IPv6 at once, redirects; more are used but not closed in a child */

typedef struct gx_socket_set {
    int epoll;                 /* -1: nothing is watched */
    int open[GX_MOST_SOCKETS]; /* fd + 1; 0 free */
    int watched;               /* the one that was watched last; -1: none */
    uint32_t watched_for;
} gx_socket_set;

#define GX_SOCKET_SET_INIT(epoll_fd) ((gx_socket_set){.epoll = (epoll_fd), .watched = -1})

/* Notes a socket that was opened. */
void gx_socket_set_add(gx_socket_set *set, int fd);

/* Closes it, as close(2). */
int gx_socket_set_close(gx_socket_set *set, int fd);

/* Watches it for those EPOLL… events from now on. False when epoll refuses. */
bool gx_socket_set_watch(gx_socket_set *set, int fd, uint32_t events);

/* Watches it no more. */
void gx_socket_set_unwatch(gx_socket_set *set, int fd);

/* The one socket that is open; -1 when there are more, so that none can be mistaken for the connection, or none. */
int gx_socket_set_only(const gx_socket_set *set);

/* In a child after fork: closes its copies. The epoll set is the parent's as well and stays as it is. */
void gx_socket_set_abandon(gx_socket_set *set);

#endif
