#include "cli/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/cli.h"

#define SECRET_DIGITS 48

static void write_hex(const unsigned char *bytes, size_t count, char *out)
{
    for (size_t i = 0; i < count; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

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
