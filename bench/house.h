/* A server inside a bench: grantexd's network thread, API, feed and lanes, as daemon/node.c makes them, over a store
 * with one developer and no event; but nothing that writes by itself. It is never closed: the program ends. */
#ifndef BENCH_HOUSE_H
#define BENCH_HOUSE_H

#include "api/metrics.h"
#include "authority/act.h"
#include "authority/secret.h"
#include "daemon/data_folder.h"
#include "feed/feed.h"
#include "http/tls.h"
#include "store/lane.h"

typedef struct bench_tenant {
    char key[GX_API_KEY_SIZE];
    char id[64];
} bench_tenant;

typedef struct bench_house {
    gx_authority authority;
    gx_logger logger;
    gx_data_folder folder;
    bench_tenant tenant;
    gx_bus *bus;
    gx_lanes *lanes;
    gx_metrics metrics;
    gx_tls *tls; /* NULL: plain HTTP */
    int port;
} bench_house;

/* Ends the program, saying so, unless it is ok. */
void bench_must(bool ok, const char *what);

/* In that folder; says on stdout where it is: the port and an API key. Allows the process all the files it may have. */
void bench_house_open(bench_house *house, const char *path);

/* The same, speaking TLS with that certificate and its key, PEM files. */
void bench_house_open_tls(bench_house *house, const char *path, const char *certificate, const char *key);

#endif
