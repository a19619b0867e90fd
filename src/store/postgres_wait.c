/* Waiting for PostgreSQL, but not for ever: a network that drops packets says nothing, and libpq's own calls wait for
 * as long as the kernel has hope. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "store/postgres.h"

enum { LOOK_MS = 100 }; /* so often a wait asks whether somebody is in a hurry */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

bool gx_postgres_wait(const gx_postgres_database *self, int fd, short events, int64_t deadline_ms)
{
    struct pollfd awaited = {.fd = fd, .events = events};
    int64_t left;
    while ((left = least(deadline_ms, atomic_load(&self->until_ms)) - gx_clock_monotonic_ms()) > 0) {
        int ready = poll(&awaited, 1, (int)least(left, LOOK_MS));
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return true;
    }
    return false;
}

static bool send_all(const gx_postgres_database *self, int64_t deadline_ms)
{
    PGconn *connection = self->connection;
    while (PQflush(connection) == 1) {
        if (!gx_postgres_wait(self, PQsocket(connection), POLLIN | POLLOUT, deadline_ms))
            return false;
        if (PQconsumeInput(connection) == 0)
            return true; /* its result will tell */
    }
    return true;
}

static bool receive(const gx_postgres_database *self, int64_t deadline_ms)
{
    PGconn *connection = self->connection;
    while (PQisBusy(connection)) {
        if (!gx_postgres_wait(self, PQsocket(connection), POLLIN, deadline_ms))
            return false;
        if (PQconsumeInput(connection) == 0)
            return true; /* its result will tell */
    }
    return true;
}

/* At a socket that is shut, libpq sees for itself that the connection is gone. */
static void give_up(gx_postgres_database *self)
{
    self->given_up = true;
    shutdown(PQsocket(self->connection), SHUT_RDWR);
    PQconsumeInput(self->connection);
}

PGresult *gx_postgres_answer(gx_postgres_database *self, int sent)
{
    int64_t deadline_ms = self->answer_ms > 0 ? gx_clock_monotonic_ms() + self->answer_ms : INT64_MAX;
    PGresult *last = NULL, *next;
    if (sent != 1)
        return NULL;
    if (!send_all(self, deadline_ms))
        give_up(self);
    do {
        if (!receive(self, deadline_ms))
            give_up(self);
        next = PQgetResult(self->connection);
        if (next != NULL) {
            PQclear(last);
            last = next;
        }
    } while (next != NULL);
    return last;
}
