#include "cli/signature.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/cli.h"

#define DIGEST_SIZE   32
#define SECRET_DIGITS 48

static void write_hex(const unsigned char *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

bool cli_sign(const char *secret, const char *body, size_t length, char out[static CLI_SIGNATURE_SIZE])
{
    unsigned char digest[DIGEST_SIZE];
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)body, length, digest, &size) ||
        size != DIGEST_SIZE)
        return false;
    memcpy(out, "sha256=", 7);
    write_hex(digest, DIGEST_SIZE, out + 7);
    return true;
}

bool cli_sign_dated(const char *secret, const char *timestamp, const char *body, size_t length,
                    char out[static CLI_SIGNATURE_SIZE])
{
    size_t head = strlen(timestamp);
    char *text = malloc(head + 1 + length);
    if (!text)
        return false;
    memcpy(text, timestamp, head);
    text[head] = '.';
    memcpy(text + head + 1, body, length);
    bool done = cli_sign(secret, text, head + 1 + length, out);
    free(text);
    return done;
}

/* --- the secret --------------------------------------------------------------------------------------------------- */

static bool is_usable(const char *secret)
{
    for (const char *at = secret; *at; at++)
        if (*at <= ' ' || *at > '~')
            return false;
    return secret[0] != '\0';
}

static bool read_file(const char *path, char out[static CLI_SECRET_SIZE])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return cli_fail_words("the secret's file %s cannot be read: %s", path, strerror(errno)), false;
    bool any = fgets(out, CLI_SECRET_SIZE, file) != NULL;
    fclose(file);
    if (any)
        out[strcspn(out, "\r\n")] = '\0';
    if (any && is_usable(out))
        return true;
    cli_fail_words("the first line of %s must be the secret: 1 to %d visible ASCII characters", path,
                   CLI_SECRET_SIZE - 2);
    return false;
}

bool cli_secret_find(const char *path, char out[static CLI_SECRET_SIZE], bool *made)
{
    const char *given = getenv("GRANTEX_WEBHOOK_SECRET");
    unsigned char random[SECRET_DIGITS / 2];
    *made = false;
    if (path)
        return read_file(path, out);
    if (given && given[0]) {
        if (strlen(given) >= CLI_SECRET_SIZE || !is_usable(given))
            return cli_fail_words("GRANTEX_WEBHOOK_SECRET must be 1 to %d visible ASCII characters",
                                  CLI_SECRET_SIZE - 1),
                   false;
        memcpy(out, given, strlen(given) + 1);
        return true;
    }
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return cli_fail_words("the system gives no random numbers for a secret"), false;
    write_hex(random, sizeof random, out);
    return *made = true;
}
