#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp.h"

#define MESSAGE_SIZE   1024 /* a longer message is cut */
#define LONGEST_ESCAPE 4    /* \x1b */

static const char *const level_names[] = {"debug", "info", "warn", "error"};

/* Bytes from outside may be in a message; they must not forge a line or drive a terminal. */
static size_t escape(char *out, const char *message)
{
    char *to = out;
    for (const unsigned char *at = (const unsigned char *)message; *at; at++) {
        if (*at < 0x20 || *at == 0x7f)
            to += sprintf(to, *at == '\n' ? "\\n" : "\\x%02x", *at);
        else if (*at == '"' || *at == '\\')
            *to++ = '\\', *to++ = (char)*at;
        else
            *to++ = (char)*at;
    }
    return (size_t)(to - out);
}

void gx_log(const gx_logger *logger, gx_log_level level, const char *format, ...)
{
    if (!logger || level < logger->least)
        return;
    int saved_errno = errno; /* so that a caller may log first and look at errno afterwards */

    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    char time[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(time, gx_clock_wall_ms());
    char line[sizeof time + sizeof " level=error message=\"\"\n" + MESSAGE_SIZE * LONGEST_ESCAPE];
    size_t length = (size_t)sprintf(line, "%s level=%s message=\"", time, level_names[level]);
    length += escape(line + length, message);
    line[length++] = '"';
    line[length++] = '\n';
    ssize_t written = write(logger->fd, line, length);
    (void)written; /* there is nobody left to tell */
    errno = saved_errno;
}
