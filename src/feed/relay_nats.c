/* The relay's line over core NATS (libnats): no other file knows it. A server that cannot be reached is tried for ever,
 * at the start as well; what is published meanwhile is lost, and found in the store. */
#include <nats/nats.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "feed/relay.h"

enum {
    MOST_SERVERS = 16,
    RECONNECT_WAIT_MS = 250,
    WRITE_DEADLINE_MS = 2000,
    PING_MS = 5000, /* two without an answer, and the connection is a dead one */
};

struct gx_relay_line {
    gx_relay_line_events events;
    const char *subject; /* static */
    natsOptions *options;
    natsConnection *connection;
    natsSubscription *subscription;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool tells;     /* libnats will say when it hands over no message any more */
    bool completed; /* and it has */
    bool closed;    /* and of the connection: no callback comes any more */
};

/* --- what libnats calls --- */

static void on_message(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *context)
{
    gx_relay_line *line = context;
    (void)connection, (void)subscription;
    gx_span bytes = {natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)};
    line->events.received(line->events.context, natsMsg_GetSubject(message), bytes);
    natsMsg_Destroy(message);
}

static void on_connected(natsConnection *connection, void *context)
{
    gx_relay_line *line = context;
    (void)connection;
    line->events.changed(line->events.context, true);
}

static void on_disconnected(natsConnection *connection, void *context)
{
    gx_relay_line *line = context;
    (void)connection;
    line->events.changed(line->events.context, false);
}

static void on_trouble(natsConnection *connection, natsSubscription *subscription, natsStatus status, void *context)
{
    gx_relay_line *line = context;
    (void)connection, (void)subscription;
    line->events.troubled(line->events.context, natsStatus_GetText(status));
}

static void note(gx_relay_line *line, bool *what)
{
    pthread_mutex_lock(&line->lock);
    *what = true;
    pthread_cond_signal(&line->changed);
    pthread_mutex_unlock(&line->lock);
}

static void on_completed(void *context)
{
    gx_relay_line *line = context;
    note(line, &line->completed);
}

static void on_closed(natsConnection *connection, void *context)
{
    gx_relay_line *line = context;
    (void)connection;
    note(line, &line->closed);
}

/* --- its options --- */

static natsStatus set_servers(natsOptions *options, const char *url)
{
    char *copy = strdup(url), *rest = copy;
    const char *servers[MOST_SERVERS];
    int count = 0;
    for (char *one; copy != NULL && count < MOST_SERVERS && (one = strtok_r(rest, ",", &rest)) != NULL;)
        servers[count++] = one;
    natsStatus status = copy == NULL ? NATS_NO_MEMORY : natsOptions_SetServers(options, servers, count);
    free(copy);
    return status;
}

static natsStatus set_trust(natsOptions *options, const gx_relay_options *given)
{
    natsStatus status = NATS_OK;
    if (given->ca_file != NULL)
        status = natsOptions_LoadCATrustedCertificates(options, given->ca_file);
    if (status == NATS_OK && strstr(given->url, "tls://") != NULL)
        status = natsOptions_SetSecure(options, true);
    if (status == NATS_OK && given->credentials_file != NULL)
        status = natsOptions_SetUserCredentialsFromFiles(options, given->credentials_file, NULL);
    return status;
}

static natsStatus set_behaviour(natsOptions *options)
{
    natsStatus status = natsOptions_SetNoEcho(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetName(options, "grantexd");
    if (status == NATS_OK)
        status = natsOptions_SetMaxReconnect(options, -1);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectWait(options, RECONNECT_WAIT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectBufSize(options, 0); /* keeps nothing meanwhile */
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(options, PING_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut(options, 2);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, WRITE_DEADLINE_MS);
    if (status == NATS_OK)
        status = natsOptions_SetSendAsap(options, true);
    return status;
}

static natsStatus set_callbacks(gx_relay_line *line)
{
    natsStatus status = natsOptions_SetRetryOnFailedConnect(line->options, true, on_connected, line);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectedCB(line->options, on_connected, line);
    if (status == NATS_OK)
        status = natsOptions_SetDisconnectedCB(line->options, on_disconnected, line);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(line->options, on_closed, line);
    if (status == NATS_OK)
        status = natsOptions_SetErrorHandler(line->options, on_trouble, line);
    return status;
}

/* --- its life --- */

static void wait_for(gx_relay_line *line, const bool *what)
{
    pthread_mutex_lock(&line->lock);
    while (!*what)
        pthread_cond_wait(&line->changed, &line->lock);
    pthread_mutex_unlock(&line->lock);
}

static void disconnect(gx_relay_line *line)
{
    natsSubscription_Unsubscribe(line->subscription);
    if (line->tells)
        wait_for(line, &line->completed);
    natsSubscription_Destroy(line->subscription);
    if (line->connection != NULL) {
        natsConnection_Close(line->connection);
        wait_for(line, &line->closed);
    }
    natsConnection_Destroy(line->connection);
    line->subscription = NULL;
    line->connection = NULL;
    line->tells = line->completed = line->closed = false;
}

/* The library itself stays: its own end would take OpenSSL's tables from the rest of the process. */
static void close_line(gx_relay_line *line)
{
    disconnect(line);
    natsOptions_Destroy(line->options);
    pthread_mutex_destroy(&line->lock);
    pthread_cond_destroy(&line->changed);
    free(line);
}

static void connect_line(gx_relay_line *line)
{
    natsStatus status = natsConnection_Connect(&line->connection, line->options);
    if (status == NATS_OK)
        line->events.changed(line->events.context, true);
    if (status == NATS_NOT_YET_CONNECTED)
        status = NATS_OK;
    if (status == NATS_OK)
        status = natsConnection_Subscribe(&line->subscription, line->connection, line->subject, on_message, line);
    if (status == NATS_OK)
        status = natsSubscription_SetOnCompleteCB(line->subscription, on_completed, line);
    line->tells = status == NATS_OK;
}

/* A server that refuses us (whom it does not know, whom we do not trust) is no more tried by libnats. It may be mended
 * meanwhile. */
static void tend(gx_relay_line *line)
{
    pthread_mutex_lock(&line->lock);
    bool given_up = line->closed || line->connection == NULL;
    pthread_mutex_unlock(&line->lock);
    if (!given_up)
        return;
    disconnect(line);
    connect_line(line);
}

static gx_relay_line *open_line(const gx_relay_options *options, const char *subject,
                                const gx_relay_line_events *events, gx_error *error)
{
    gx_relay_line *line = calloc(1, sizeof *line);
    if (line == NULL) {
        gx_error_set(error, "out of memory");
        return NULL;
    }
    line->events = *events;
    line->subject = subject;
    pthread_mutex_init(&line->lock, NULL);
    pthread_cond_init(&line->changed, NULL);
    natsStatus status = natsOptions_Create(&line->options);
    if (status == NATS_OK)
        status = set_servers(line->options, options->url);
    if (status == NATS_OK)
        status = set_trust(line->options, options);
    if (status == NATS_OK)
        status = set_behaviour(line->options);
    if (status == NATS_OK)
        status = set_callbacks(line);
    if (status == NATS_OK) {
        connect_line(line);
        return line;
    }
    gx_error_set(error, "--bus: %s", natsStatus_GetText(status)); /* not the URL: a password may stand in it */
    close_line(line);
    return NULL;
}

static bool publish(gx_relay_line *line, const char *subject, gx_span message)
{
    return natsConnection_Publish(line->connection, subject, message.ptr, (int)message.len) == NATS_OK;
}

GX_MODULE_TABLE const gx_relay_module gx_nats_module = {open_line, publish, tend, close_line};
