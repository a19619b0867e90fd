/* The command line of grantexd, read into one struct. */
#ifndef GX_DAEMON_OPTIONS_H
#define GX_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/rate_limits.h"
#include "authority/act.h"
#include "base/log.h"
#include "hooks/schedule.h"
#include "store/log_trim.h"

#define GX_MOST_CORS_ORIGINS 64

typedef struct gx_options {
    const char *host;            /* --listen, before the last colon, without brackets; points into argv or is static */
    int port;                    /* --listen, 0 takes a free one */
    const char *data;            /* --data; NULL: the command's default */
    const char *store;           /* --store; NULL: grantex.db in `data` */
    const char *from, *to;       /* --from, --to, of migrate */
    const char *key;             /* --key; NULL: a new one */
    const char *public_url;      /* --public-url, no slash at the end; NULL: made from the listening address */
    const char *bus;             /* --bus; NULL: servers on one store poll */
    const char *bus_credentials; /* --bus-credentials */
    const char *bus_ca;          /* --bus-ca */
    const char *tls_cert;        /* --tls-cert; NULL: plain HTTP */
    const char *tls_key;         /* --tls-key */
    int hsts_s;                  /* --hsts; -1: none is sent */
    bool behind_proxy;           /* --behind-proxy */
    bool open_signup;            /* --open-signup */
    int heartbeat_ms;            /* --heartbeat */
    int drain_ms;                /* --drain */
    int poll_ms;                 /* --poll, 0: never; -1: what the kind of store asks for */
    int threads;                 /* --threads, 0: one per core */
    int address_connections;     /* --connections-per-address; 0: no limit; -1: what stands in front asks for */
    size_t most_streams;         /* --max-streams, per developer */
    size_t most_streams_total;   /* --max-streams-total; 0: as many as there are descriptors for */
    const char *cors_origins[GX_MOST_CORS_ORIGINS]; /* --cors-origin */
    size_t cors_count;
    int delegation_depth;      /* --max-delegation-depth */
    gx_schedule webhook_retry; /* --webhook-retry */
    int webhook_timeout_ms;    /* --webhook-timeout */
    bool private_webhooks;     /* --allow-private-webhooks */
    gx_retention keep;         /* --retain-age, --retain-bytes, --retain-events */
    int retain_every_ms;       /* --retain-every */
    gx_rate_preset rates;      /* --rate-limits */
    int64_t rate_of_client;    /* --rate-limit-ip, calls per minute, 0: no limit; -1: what the preset says */
    int64_t rate_of_key;       /* --rate-limit-key, the same */
    gx_plan plan;              /* --plan */
    const char *metrics_key;   /* GRANTEX_METRICS_KEY: an argument is seen by all users of the machine; NULL: none */
    gx_log_level log_level;    /* --log-level */
    const char *name;          /* --name, of add-developer */
    const char *email;         /* --email */
    const char *mode;          /* --mode live|sandbox */
    char host_text[64];        /* storage of `host` */
    char url_text[256];        /* storage of `public_url` */
    char store_text[4096];     /* storage of `store`, of `from` and of `to`: URLs are blanked in argv */
    char from_text[4096], to_text[4096];
    char bus_text[4096]; /* storage of `bus` */
} gx_options;

/* Which commands take an option. */
enum { GX_FOR_DEV = 1, GX_FOR_SERVE = 2, GX_FOR_ADD_DEVELOPER = 4, GX_FOR_MIGRATE = 8 };

/* Reads argv[2…] of the command. False after a message on stderr that names the option and the rule. */
bool gx_options_read(gx_options *options, int command, int argc, char **argv);

/* Whether the host is a loopback address (127.0.0.0/8, ::1, localhost). */
bool gx_options_loopback(const gx_options *options);

#endif
