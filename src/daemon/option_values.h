/* What the values of grantexd's options mean: a word of the command line to a number, an address, a URL. Each says
 * false when the word breaks the rule, and writes nothing then. */
#ifndef GX_DAEMON_OPTION_VALUES_H
#define GX_DAEMON_OPTION_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"

/* A decimal number from `least` to `most`. */
bool gx_value_number(const char *value, int64_t least, int64_t most, int64_t *out);

/* "HOST:PORT", an IPv6 address in brackets, which `host` does not get. */
bool gx_value_address(const char *value, char *host, size_t size, int *port);

/* "30d", "12h", "45m", "60s", to milliseconds. */
bool gx_value_age(const char *value, int64_t *ms);

/* "500M", "20G", or bytes; at most a pebibyte. */
bool gx_value_bytes(const char *value, int64_t *bytes);

/* An http:// or https:// URL without query; `url` is without slashes at its end. */
bool gx_value_public_url(const char *value, char *url, size_t size);

/* The URL of a store, "sqlite:PATH" or "postgres://…". */
bool gx_value_store_url(const char *value, char *url, size_t size);

/* NATS servers, each with its scheme: "nats://a:4222,nats://b:4222". */
bool gx_value_bus_url(const char *value, char *url, size_t size);

/* The name of a level. */
bool gx_value_log_level(const char *value, gx_log_level *level);

#endif
