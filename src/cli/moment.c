#include "cli/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 9
#define MOST_SIZE   (INT64_C(1) << 50)

/* --- spans of time ------------------------------------------------------------------------------------------------ */

static long seconds_in(char unit)
{
    return unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : unit == 'd' ? 86400 : 0;
}

static bool is_span(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && seconds_in(text[digits]) > 0 && text[digits + 1] == '\0';
}

/* Of a text that is one. */
static bool read_span(const char *text, int64_t *seconds)
{
    size_t digits = strspn(text, "0123456789");
    if (digits > MOST_DIGITS)
        return false;
    *seconds = strtoll(text, NULL, 10) * seconds_in(text[digits]);
    return true;
}

bool cli_since_read(const char *text, time_t now, char out[static CLI_SINCE_SIZE])
{
    int64_t seconds = 0, ms;
    if (cli_rfc3339_read(text, &ms)) {
        int length = snprintf(out, CLI_SINCE_SIZE, "%s", text);
        return length < CLI_SINCE_SIZE;
    }
    if (strcmp(text, "now") != 0 && (!is_span(text) || !read_span(text, &seconds)))
        return false;
    time_t then = now - (time_t)seconds;
    struct tm utc;
    return then >= 0 && gmtime_r(&then, &utc) && strftime(out, CLI_SINCE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0;
}

const char *cli_span_write(int64_t seconds, char out[static CLI_SPAN_SIZE])
{
    const long long s = seconds, m = s / 60, h = m / 60, d = h / 24;
    if (s < 100)
        snprintf(out, CLI_SPAN_SIZE, "%lld s", s);
    else if (m < 10)
        snprintf(out, CLI_SPAN_SIZE, "%lld m %02lld s", m, s % 60);
    else if (h < 1)
        snprintf(out, CLI_SPAN_SIZE, "%lld min", m);
    else if (d < 2)
        snprintf(out, CLI_SPAN_SIZE, "%lld h %02lld m", h, m % 60);
    else if (d < 3650)
        snprintf(out, CLI_SPAN_SIZE, "%lld days", d);
    else
        snprintf(out, CLI_SPAN_SIZE, "%lld years", d / 365);
    return out;
}

/* --- RFC 3339 ----------------------------------------------------------------------------------------------------- */

/* `count` digits; false when they are not there. Moves *at past them. */
static bool read_digits(const char **at, int count, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (**at - '0');
    }
    *out = value;
    return true;
}

static bool read_char(const char **at, const char *any)
{
    if (**at == '\0' || !strchr(any, **at))
        return false;
    ++*at;
    return true;
}

static int read_milliseconds(const char **at)
{
    int value = 0, digits = 0;
    for (; **at >= '0' && **at <= '9'; ++*at, digits++)
        if (digits < 3)
            value = value * 10 + (**at - '0');
    for (; digits < 3; digits++)
        value *= 10;
    return value;
}

/* "Z" or "+02:00", in seconds. */
static bool read_offset(const char **at, int *out)
{
    int hours, minutes, sign = **at == '-' ? -1 : 1;
    *out = 0;
    if (read_char(at, "Zz"))
        return true;
    if (!read_char(at, "+-") || !read_digits(at, 2, &hours) || !read_char(at, ":") || !read_digits(at, 2, &minutes))
        return false;
    *out = sign * (hours * 3600 + minutes * 60);
    return hours < 24 && minutes < 60;
}

static bool in_range(const struct tm *day)
{
    return day->tm_mon >= 0 && day->tm_mon < 12 && day->tm_mday >= 1 && day->tm_mday <= 31 && day->tm_hour < 24 &&
           day->tm_min < 60 && day->tm_sec < 61;
}

bool cli_rfc3339_read(const char *text, int64_t *out_ms)
{
    struct tm day = {0};
    int ms = 0, offset;
    const char *at = text;
    if (!read_digits(&at, 4, &day.tm_year) || !read_char(&at, "-") || !read_digits(&at, 2, &day.tm_mon) ||
        !read_char(&at, "-") || !read_digits(&at, 2, &day.tm_mday) || !read_char(&at, "Tt ") ||
        !read_digits(&at, 2, &day.tm_hour) || !read_char(&at, ":") || !read_digits(&at, 2, &day.tm_min) ||
        !read_char(&at, ":") || !read_digits(&at, 2, &day.tm_sec))
        return false;
    if (read_char(&at, "."))
        ms = read_milliseconds(&at);
    day.tm_year -= 1900;
    day.tm_mon -= 1;
    if (!read_offset(&at, &offset) || *at != '\0' || !in_range(&day))
        return false;
    *out_ms = ((int64_t)timegm(&day) - offset) * 1000 + ms;
    return true;
}

bool cli_moment_read(const char *text, int64_t now_ms, int64_t *out_ms)
{
    const bool later = text[0] == '+';
    int64_t seconds;
    if (strcmp(text, "now") == 0) {
        *out_ms = now_ms;
        return true;
    }
    if (!is_span(text + later))
        return cli_rfc3339_read(text, out_ms);
    if (!read_span(text + later, &seconds))
        return false;
    *out_ms = now_ms + (later ? seconds : -seconds) * 1000;
    return true;
}

bool cli_moment_write(int64_t ms, char out[static CLI_SINCE_SIZE])
{
    int64_t rest = (ms % 1000 + 1000) % 1000; /* also of a time before 1970 */
    time_t seconds = (time_t)((ms - rest) / 1000);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || utc.tm_year < -1900 || utc.tm_year > 9999 - 1900)
        return false;
    return snprintf(out, CLI_SINCE_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                    utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)rest) < CLI_SINCE_SIZE;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

bool cli_number_read(const char *text, int64_t least, int64_t most, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || text[digits] != '\0')
        return false;
    int64_t value = strtoll(text, NULL, 10);
    if (value < least || value > most)
        return false;
    *out = value;
    return true;
}

bool cli_size_read(const char *text, int64_t *out)
{
    static const char units[] = "KMG";
    char number[24];
    size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] ? strchr(units, text[digits]) : NULL;
    if (digits >= sizeof number || (text[digits] && (!unit || text[digits + 1])))
        return false;
    memcpy(number, text, digits);
    number[digits] = '\0';
    int64_t value, scale = unit ? INT64_C(1) << (10 * (unit - units + 1)) : 1;
    if (!cli_number_read(number, 1, MOST_SIZE / scale, &value))
        return false;
    *out = value * scale;
    return true;
}

/* --- clocks ------------------------------------------------------------------------------------------------------- */

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t cli_now_ms(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t cli_uptime_ms(void)
{
    return read_clock(CLOCK_MONOTONIC);
}
