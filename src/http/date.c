#include "http/date.h"

#include <stdio.h>

/* Not strftime: names of days and months must not follow the locale. */
static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void write_date(char out[static GX_HTTP_DATE_SIZE], const struct tm *utc)
{
    char year[12];
    snprintf(year, sizeof year, "%04d", utc->tm_year + 1900);
    snprintf(out, GX_HTTP_DATE_SIZE, "%s, %02u %s %.4s %02u:%02u:%02u GMT", days[utc->tm_wday % 7],
             (unsigned)utc->tm_mday % 100, months[utc->tm_mon % 12], year, (unsigned)utc->tm_hour % 100,
             (unsigned)utc->tm_min % 100, (unsigned)utc->tm_sec % 100);
}

const char *gx_http_date_text(gx_http_date *date, time_t now)
{
    struct tm utc;
    if (date->second != now && gmtime_r(&now, &utc)) {
        write_date(date->text, &utc);
        date->second = now;
    }
    return date->text;
}
