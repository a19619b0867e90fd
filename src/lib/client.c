#include "lib/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lib/fail.h"
#include "lib/url.h"

#define DEFAULT_BASE_URL "https://api.grantex.dev"
#define MOST_REDIRECTS   1000

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* The first that is there and not empty; `other_name` may be NULL. */
static const char *choose(const char *given, const char *name, const char *other_name)
{
    const char *choices[] = {given, getenv(name), other_name ? getenv(other_name) : NULL};
    for (size_t i = 0; i < 3; i++)
        if (choices[i] && choices[i][0])
            return choices[i];
    return NULL;
}

int gx_default_int(int value, int otherwise)
{
    return value ? value : otherwise;
}

bool gx_reserved_unused(const void *const *reserved, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (reserved[i])
            return false;
    return true;
}

static grantex_status check_options(const grantex_client_options *options, const char *key, const char *url,
                                    grantex_error *error)
{
    if (!key)
        return gx_fail(error, GRANTEX_E_NO_KEY, "No API key: give one or set GRANTEX_API_KEY");
    if (!gx_credentials_key_ok(key))
        return gx_fail(error, GRANTEX_E_INVALID, "api_key must be 1 to %d visible ASCII characters",
                       GRANTEX_KEY_SIZE - 1);
    if (!gx_url_is_base(gx_span_of(url)))
        return gx_fail(error, GRANTEX_E_INVALID, "base_url must be http(s)://host[:port][/path]");
    if (!gx_url_has_good_port(gx_span_of(url)))
        return gx_fail(error, GRANTEX_E_INVALID, "base_url must have a port of 1 to 65535");
    if (options->connect_timeout_ms < 0 || options->request_timeout_ms < 0)
        return gx_fail(error, GRANTEX_E_INVALID, "Timeouts must not be negative");
    if (options->max_redirects > MOST_REDIRECTS)
        return gx_fail(error, GRANTEX_E_INVALID, "max_redirects must be at most %d", MOST_REDIRECTS);
    if (!gx_reserved_unused(options->reserved, sizeof options->reserved / sizeof options->reserved[0]))
        return gx_fail(error, GRANTEX_E_INVALID, "reserved must be zero");
    return GRANTEX_OK;
}

static char *without_slashes(const char *url)
{
    char *text = gx_strdup(url);
    for (size_t n = text ? strlen(text) : 0; n > 0 && text[n - 1] == '/'; n--)
        text[n - 1] = '\0';
    return text;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

bool gx_client_forked(const grantex_client *client)
{
    return client->mark && gx_fork_mark_crossed(client->mark);
}

static void release(grantex_client *client)
{
    gx_transport *idle = atomic_load(&client->idle);
    if (gx_client_forked(client))
        gx_transport_abandon(idle);
    else
        gx_transport_free(idle);
    gx_fork_mark_free(client->mark);
    gx_credentials_free(&client->credentials);
    gx_free(client->base_url);
    gx_free(client->ca_file);
    gx_free(client);
}

static bool copy_settings(grantex_client *client, const grantex_client_options *options, const char *key,
                          const char *url)
{
    bool kept = gx_credentials_open(&client->credentials, key, options->on_unauthorized, options->credentials_user);
    client->base_url = without_slashes(url);
    const char *ca_file = choose(options->ca_file, "GRANTEX_CA_FILE", NULL);
    client->ca_file = ca_file ? gx_strdup(ca_file) : NULL;
    client->connect_timeout_ms = gx_default_int(options->connect_timeout_ms, 10000);
    client->request_timeout_ms = gx_default_int(options->request_timeout_ms, 30000);
    client->max_retries = gx_default_int(options->max_retries, 3);
    client->max_response_bytes = options->max_response_bytes ? options->max_response_bytes : (size_t)16 << 20;
    client->limits = (gx_exchange_limits){
        .redirects = options->max_redirects < 0 ? 0 : gx_default_int(options->max_redirects, 10),
        .header_bytes = options->max_header_bytes ? options->max_header_bytes : (size_t)64 << 10,
    };
    client->on_log = options->on_log;
    client->log_user = options->log_user;
    return kept && client->base_url && (client->ca_file || !ca_file);
}

grantex_status grantex_client_open(const grantex_client_options *options, grantex_client **client, grantex_error *error)
{
    static const grantex_client_options defaults = GRANTEX_CLIENT_OPTIONS_INIT;
    if (!client)
        return gx_fail(error, GRANTEX_E_INVALID, "client must not be NULL");
    options = options ? options : &defaults;
    const char *key = choose(options->api_key, "GRANTEX_API_KEY", "GRANTEX_KEY");
    const char *url = choose(options->base_url, "GRANTEX_BASE_URL", "GRANTEX_URL");
    url = url ? url : DEFAULT_BASE_URL;
    grantex_status status = check_options(options, key, url, error);
    if (status != GRANTEX_OK)
        return status;

    grantex_client *made = gx_calloc(1, sizeof *made);
    if (!made)
        return gx_fail_memory(error);
    atomic_init(&made->references, 1);
    atomic_init(&made->idle, NULL);
    made->mark = gx_fork_mark_new();
    if (!copy_settings(made, options, key, url) || !made->mark) {
        release(made);
        return gx_fail_memory(error);
    }
    *client = made;
    return GRANTEX_OK;
}

grantex_client *gx_client_hold(grantex_client *client)
{
    atomic_fetch_add(&client->references, 1);
    return client;
}

void grantex_client_close(grantex_client *client)
{
    if (client && atomic_fetch_sub(&client->references, 1) == 1)
        release(client);
}

const char *grantex_client_base_url(const grantex_client *client)
{
    return client->base_url;
}

/* --- for the calls ------------------------------------------------------------------------------------------------ */

grantex_status gx_client_check(const grantex_client *client, grantex_error *error)
{
    if (!client)
        return gx_fail(error, GRANTEX_E_INVALID, "client must not be NULL");
    if (gx_client_forked(client))
        return gx_fail(error, GRANTEX_E_FORKED, "The client belongs to the parent process");
    return GRANTEX_OK;
}

gx_transport *gx_client_take_transport(grantex_client *client)
{
    gx_transport *kept = atomic_exchange(&client->idle, NULL);
    return kept ? kept : gx_transport_new(-1);
}

void gx_client_return_transport(grantex_client *client, gx_transport *transport)
{
    gx_transport_free(atomic_exchange(&client->idle, transport));
}
