#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>

#define MS_PER_DAY   INT64_C(86400000)
#define EARLIEST     INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define LATEST       INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */
#define DAYS_TO_1970 719468                   /* from 0000-03-01 */
#define DAYS_PER_ERA 146097                   /* 400 years */

/* Both ways count from a year that begins in March, so that the leap day is its last and month lengths are regular
 * (153 days in any five months from March on). */
static int64_t days_from_date(int year, int month, int day)
{
    year -= month <= 2;
    int era = (year >= 0 ? year : year - 399) / 400;
    int year_of_era = year - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

/* For days from 0000-03-01 on. */
static void date_from_days(int64_t days, int *year, int *month, int *day)
{
    days += DAYS_TO_1970;
    int era = (int)(days / DAYS_PER_ERA);
    int day_of_era = (int)(days % DAYS_PER_ERA);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int month_from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    *month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

static char *write_digits(char *out, int value, int digits, char after)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    out[digits] = after;
    return out + digits + 1;
}

void gx_timestamp_write(char out[static GX_TIMESTAMP_SIZE], int64_t ms)
{
    ms = ms < EARLIEST ? EARLIEST : ms > LATEST ? LATEST : ms;
    int64_t days = (ms - EARLIEST) / MS_PER_DAY + EARLIEST / MS_PER_DAY; /* rounds down before 1970 too */
    int rest = (int)(ms - days * MS_PER_DAY);
    int year, month, day;
    date_from_days(days, &year, &month, &day);

    out = write_digits(out, year, 4, '-');
    out = write_digits(out, month, 2, '-');
    out = write_digits(out, day, 2, 'T');
    out = write_digits(out, rest / 3600000, 2, ':');
    out = write_digits(out, rest / 60000 % 60, 2, ':');
    out = write_digits(out, rest / 1000 % 60, 2, '.');
    out = write_digits(out, rest % 1000, 3, 'Z');
    *out = '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes exactly `digits` digits that are within least..most, and before them one character out of `lead`. */
static bool take_number(gx_span *text, const char *lead, size_t digits, int least, int most, int *value)
{
    size_t skip = *lead ? 1 : 0;
    if (text->len < skip + digits || (skip && (!text->ptr[0] || !strchr(lead, text->ptr[0]))))
        return false;
    int sum = 0;
    for (size_t i = skip; i < skip + digits; i++) {
        if (!is_digit(text->ptr[i]))
            return false;
        sum = sum * 10 + (text->ptr[i] - '0');
    }
    *text = (gx_span){text->ptr + skip + digits, text->len - skip - digits};
    *value = sum;
    return sum >= least && sum <= most;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool take_date(gx_span *text, int64_t *days)
{
    int year, month, day;
    if (!take_number(text, "", 4, 0, 9999, &year) || !take_number(text, "-", 2, 1, 12, &month) ||
        !take_number(text, "-", 2, 1, days_in_month(year, month), &day))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* The optional fraction, in milliseconds, rounded up. */
static bool take_fraction(gx_span *text, int *ms)
{
    *ms = 0;
    if (text->len == 0 || text->ptr[0] != '.')
        return true;
    int64_t nanoseconds = 0;
    size_t digits = 0;
    for (; digits + 1 < text->len && digits < 9 && is_digit(text->ptr[digits + 1]); digits++)
        nanoseconds = nanoseconds * 10 + (text->ptr[digits + 1] - '0');
    for (size_t i = digits; i < 9; i++)
        nanoseconds *= 10;
    *text = (gx_span){text->ptr + digits + 1, text->len - digits - 1};
    *ms = (int)((nanoseconds + 999999) / 1000000);
    return digits > 0;
}

static bool take_time(gx_span *text, int64_t *ms)
{
    int hour, minute, second, fraction;
    if (!take_number(text, "Tt ", 2, 0, 23, &hour) || !take_number(text, ":", 2, 0, 59, &minute) ||
        !take_number(text, ":", 2, 0, 60, &second) || !take_fraction(text, &fraction))
        return false;
    *ms = ((hour * 60 + minute) * INT64_C(60) + second) * 1000 + fraction;
    return true;
}

static bool take_offset(gx_span *text, int64_t *ms)
{
    bool west = text->ptr[0] == '-';
    int hours = 0, minutes = 0;
    if (text->ptr[0] == 'Z' || text->ptr[0] == 'z')
        *text = (gx_span){text->ptr + 1, text->len - 1};
    else if (!take_number(text, "+- ", 2, 0, 23, &hours) || !take_number(text, ":", 2, 0, 59, &minutes))
        return false;
    int64_t offset = (hours * 60 + minutes) * INT64_C(60000);
    *ms = west ? -offset : offset;
    return true;
}

gx_timestamp_result gx_timestamp_read(gx_span text, int64_t *ms)
{
    int64_t days, time, offset;
    if (!take_date(&text, &days) || !take_time(&text, &time))
        return GX_TIMESTAMP_INVALID;
    if (text.len == 0)
        return GX_TIMESTAMP_NO_OFFSET;
    if (!take_offset(&text, &offset) || text.len > 0)
        return GX_TIMESTAMP_INVALID;
    *ms = days * MS_PER_DAY + time - offset;
    return GX_TIMESTAMP_OK;
}
