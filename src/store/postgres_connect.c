/* How PostgreSQL is connected to: one host of the URL after the other, none for long, and what is agreed on at the
 * start.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres.h"

enum {
    CONNECT_S = 5, /* for one host */
    MOST_CONNECT_S = 3600,
    MOST_PAUSE_MS = 2000,
    PLACE_SIZE = 256,
};

/* --- the URL --- */

/* An unescaped '@' or '/' in a password moves a piece of it to where the host, the port or the database stand. */
static bool holds_stray_password(const PQconninfoOption *option)
{
    static const char *const PLACES[] = {"host", "port", "dbname"};
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        if (strcmp(option->keyword, PLACES[i]) == 0 && option->val != NULL && strchr(option->val, '@') != NULL)
            return true;
    }
    return false;
}

/* What libpq says of a URI that it cannot read quotes it, password and all: such a one must not get that far. */
bool gx_postgres_check_url(const char *url, gx_error *error)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    bool good = options != NULL;
    for (const PQconninfoOption *option = options; good && option->keyword != NULL; option++)
        good = !holds_stray_password(option);
    PQconninfoFree(options);
    if (!good)
        gx_error_set(error, "the PostgreSQL URL cannot be read: it is postgres://USER:PASSWORD@HOST:PORT/DATABASE?…, "
                            "and what is not a letter or a digit in a user or password is written %%XX");
    return good;
}

typedef struct url_hosts {
    PQconninfoOption *options;          /* owned */
    const char *host, *hostaddr, *port; /* lists with commas between; NULL: not given */
    int count;
    int connect_s;
} url_hosts;

static int count_of(const char *list)
{
    int count = 1;
    for (const char *at = list; at != NULL && (at = strchr(at, ',')) != NULL; at++)
        count++;
    return count;
}

static int seconds_of(const char *text)
{
    long seconds = text == NULL ? 0 : strtol(text, NULL, 10);
    return seconds > 0 && seconds <= MOST_CONNECT_S ? (int)seconds : CONNECT_S;
}

static bool read_hosts(const char *url, url_hosts *hosts)
{
    *hosts = (url_hosts){.options = PQconninfoParse(url, NULL), .connect_s = CONNECT_S};
    for (const PQconninfoOption *option = hosts->options; option != NULL && option->keyword != NULL; option++) {
        if (strcmp(option->keyword, "host") == 0)
            hosts->host = option->val;
        else if (strcmp(option->keyword, "hostaddr") == 0)
            hosts->hostaddr = option->val;
        else if (strcmp(option->keyword, "port") == 0)
            hosts->port = option->val;
        else if (strcmp(option->keyword, "connect_timeout") == 0)
            hosts->connect_s = seconds_of(option->val);
    }
    hosts->count = count_of(hosts->hostaddr != NULL ? hosts->hostaddr : hosts->host);
    return hosts->options != NULL;
}

/* Of a list, that one; of one for all, that. */
static const char *nth(const char *list, int number, const char *otherwise, char place[static PLACE_SIZE])
{
    if (list == NULL || count_of(list) == 1)
        return list;
    for (; number > 0; number--)
        list = strchr(list, ',') + 1;
    int length = (int)strcspn(list, ",");
    snprintf(place, PLACE_SIZE, "%.*s", length, list);
    return length > 0 ? place : otherwise;
}

/* --- one host --- */

/* What stands before the URL is a default, what stands behind it holds whatever the URL says. Only who may write is of
 * use: a reader at a replica that lags behind would tell of a log that ends too early. */
static PGconn *begin_at(const gx_postgres_database *self, const url_hosts *hosts, int number)
{
    char host[PLACE_SIZE], hostaddr[PLACE_SIZE], port[PLACE_SIZE];
    const struct {
        const char *keyword, *value;
    } settings[] = {
        {"keepalives_idle", "10"},
        {"keepalives_interval", "5"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "15000"},
        {"target_session_attrs", "read-write"},
        {"dbname", self->url},
        {"host", nth(hosts->host, number, NULL, host)},
        {"hostaddr", nth(hosts->hostaddr, number, NULL, hostaddr)},
        {"port", nth(hosts->port, number, "5432", port)},
        {"client_encoding", "UTF8"},
        {"application_name", GX_POSTGRES_APPLICATION},
    };
    const char *keywords[sizeof settings / sizeof *settings + 1] = {NULL};
    const char *values[sizeof settings / sizeof *settings + 1] = {NULL};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        keywords[i] = settings[i].keyword;
        values[i] = settings[i].value;
    }
    return PQconnectStartParams(keywords, values, 1);
}

/* False: it was not waited for any longer. */
static bool finish_connecting(const gx_postgres_database *self, PGconn *connection, int64_t deadline_ms)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (PQstatus(connection) != CONNECTION_BAD && next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
        if (!gx_postgres_wait(self, PQsocket(connection), next == PGRES_POLLING_READING ? POLLIN : POLLOUT,
                              deadline_ms))
            return false;
        next = PQconnectPoll(connection);
    }
    return true;
}

static void keep_quiet(void *context, const char *message)
{
    (void)context;
    (void)message;
}

static bool connect_at(gx_database *database, const url_hosts *hosts, int number)
{
    gx_postgres_database *self = gx_postgres_own(database);
    PQfinish(self->connection);
    self->connection = begin_at(self, hosts, number);
    self->given_up = false;
    if (!finish_connecting(self, self->connection, gx_clock_monotonic_ms() + hosts->connect_s * INT64_C(1000)))
        return gx_database_fail(database, GX_FAULT_LOST, "host %d of %d does not answer", number + 1, hosts->count);
    if (PQstatus(self->connection) != CONNECTION_OK)
        return gx_database_fail(database, GX_FAULT_LOST, "%s", PQerrorMessage(self->connection));
    self->host = number;
    self->generation++;
    PQsetNoticeProcessor(self->connection, keep_quiet, NULL);
    return PQsetnonblocking(self->connection, 1) == 0 || gx_postgres_note_fault(database, NULL);
}

/* --- what is agreed on --- */

/* Of a node that is gone without a word PostgreSQL must not keep the transaction, whose locks everybody else waits for,
 * nor the connection. Whatever its owner has set stays. */
#define LANE_SETTINGS                                                                                                  \
    "SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES "                                            \
    "('idle_in_transaction_session_timeout', '5s'), ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), " \
    "('tcp_keepalives_count', '3'), ('tcp_user_timeout', '15s')) AS ours (named, wanted) ON name = named "             \
    "WHERE source = 'default'"

/* A COMMIT that returned must have been synced, unless the server's owner has said more than that. */
static bool apply_settings(gx_database *database)
{
    const gx_postgres_database *self = gx_postgres_own(database);
    return gx_postgres_execute(database,
                               "SET lock_timeout = '10s'; SELECT set_config('synchronous_commit', 'on', false) "
                               "WHERE current_setting('synchronous_commit') = 'off'") &&
           (self->answer_ms == 0 || gx_postgres_execute(database, LANE_SETTINGS)) &&
           (!self->read_only || gx_postgres_execute(database, "SET default_transaction_read_only = on"));
}

bool gx_postgres_limit_waits(gx_database *database, int answer_ms)
{
    gx_postgres_own(database)->answer_ms = answer_ms;
    return gx_postgres_execute(database, LANE_SETTINGS);
}

/* --- a connection --- */

static bool connect_to_any(gx_database *database)
{
    url_hosts hosts;
    bool connected = false;
    if (!read_hosts(gx_postgres_own(database)->url, &hosts))
        return gx_database_fail(database, GX_FAULT_LOST, "out of memory");
    int first = gx_postgres_own(database)->host;
    for (int i = 0; i < hosts.count && !connected; i++)
        connected = connect_at(database, &hosts, (first + i) % hosts.count);
    PQconninfoFree(hosts.options);
    return connected;
}

/* Who asks while the last attempt failed so shortly ago as it took need not wait to hear the same: where nobody
 * answers, those who wait in a lane would otherwise wait for one attempt each. */
bool gx_postgres_reconnect(gx_database *database)
{
    gx_postgres_database *self = gx_postgres_own(database);
    int64_t began_ms = gx_clock_monotonic_ms();
    if (began_ms < self->again_ms)
        return gx_database_fail(database, GX_FAULT_LOST, "it could not be connected to a moment ago");
    if (connect_to_any(database) && apply_settings(database))
        return true;
    int64_t now_ms = gx_clock_monotonic_ms(), took_ms = now_ms - began_ms;
    self->again_ms = now_ms + (took_ms < MOST_PAUSE_MS ? took_ms : MOST_PAUSE_MS);
    return false;
}
