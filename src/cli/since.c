#include "cli/since.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 9

static long seconds_in(char unit)
{
    return unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : 0;
}

bool cli_since_read(const char *text, time_t now, char out[static CLI_SINCE_SIZE])
{
    size_t digits = strspn(text, "0123456789");
    long unit = seconds_in(text[digits]);
    if (digits == 0 || unit == 0 || text[digits + 1] != '\0') {
        int length = snprintf(out, CLI_SINCE_SIZE, "%s", text);
        return length > 0 && length < CLI_SINCE_SIZE;
    }
    if (digits > MOST_DIGITS)
        return false;
    time_t then = now - (time_t)strtol(text, NULL, 10) * unit;
    struct tm utc;
    return then >= 0 && gmtime_r(&then, &utc) && strftime(out, CLI_SINCE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0;
}
