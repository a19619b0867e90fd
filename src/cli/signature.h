/* What proves to a receiver that a post comes from who knows the secret: as the server's webhooks have it. */
#ifndef GX_CLI_SIGNATURE_H
#define GX_CLI_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#define CLI_SIGNATURE_SIZE 72 /* "sha256=", 64 lower-case hex digits, a NUL */
#define CLI_SECRET_SIZE    513

/* HMAC-SHA256 (RFC 2104) of the body under the characters of the secret. */
bool cli_sign(const char *secret, const char *body, size_t length, char out[static CLI_SIGNATURE_SIZE]);

/* The same of timestamp, a dot, and the body. */
bool cli_sign_dated(const char *secret, const char *timestamp, const char *body, size_t length,
                    char out[static CLI_SIGNATURE_SIZE]);

/* Where the secret comes from: the first line of `path`, else GRANTEX_WEBHOOK_SECRET, else a new one of 48 hex digits,
 * and *made is true. False: said on stderr. */
bool cli_secret_find(const char *path, char out[static CLI_SECRET_SIZE], bool *made);

#endif
