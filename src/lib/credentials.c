#include "lib/credentials.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "lib/url.h"

#define BEARER     "Authorization: Bearer "
#define KEY_LENGTH (GRANTEX_KEY_SIZE - 1)

bool gx_credentials_key_ok(const char *key)
{
    return gx_header_value_ok(gx_span_of(key), KEY_LENGTH);
}

static void wipe(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    gx_free(text);
}

static bool set_key(gx_credentials *credentials, const char *key)
{
    size_t size = sizeof BEARER + strlen(key);
    char *line = gx_malloc(size);
    if (!line)
        return false;
    snprintf(line, size, BEARER "%s", key);
    wipe(credentials->line);
    credentials->line = line;
    return true;
}

bool gx_credentials_open(gx_credentials *credentials, const char *key, grantex_credentials_fn ask, void *user)
{
    pthread_mutex_init(&credentials->lock, NULL);
    credentials->ask = ask;
    credentials->user = user;
    return set_key(credentials, key);
}

void gx_credentials_free(gx_credentials *credentials)
{
    wipe(credentials->line);
    pthread_mutex_destroy(&credentials->lock);
}

bool gx_credentials_line(gx_credentials *credentials, gx_buffer *line)
{
    gx_buffer_clear(line);
    pthread_mutex_lock(&credentials->lock);
    gx_buffer_append_text(line, credentials->line);
    pthread_mutex_unlock(&credentials->lock);
    return gx_buffer_text(line) != NULL;
}

static bool ask_for_key(gx_credentials *credentials)
{
    char key[GRANTEX_KEY_SIZE] = "";
    bool given = credentials->ask && credentials->ask(key, sizeof key, credentials->user);
    key[sizeof key - 1] = '\0';
    bool renewed = given && gx_credentials_key_ok(key) && set_key(credentials, key);
    explicit_bzero(key, sizeof key);
    return renewed;
}

bool gx_credentials_renew(gx_credentials *credentials, const char *refused)
{
    pthread_mutex_lock(&credentials->lock);
    bool other = strcmp(credentials->line, refused) != 0; /* another thread was refused first, and has asked */
    bool renewed = other || ask_for_key(credentials);
    pthread_mutex_unlock(&credentials->lock);
    return renewed;
}

void gx_credentials_forget(gx_buffer *line)
{
    if (line->data)
        explicit_bzero(line->data, line->length);
    gx_buffer_free(line);
}
