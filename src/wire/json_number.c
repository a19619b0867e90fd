#include "wire/json_number.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DIGITS = 17, MOST_PLAIN = 21, MOST_LEADING_ZEROS = 6 };

typedef struct decimal {
    char digits[24]; /* the first one is not '0' */
    int count;
    int point; /* the value is 0.digits times ten to this power */
} decimal;

static bool reads_back(const char *digits, int exponent, double value)
{
    char text[48];
    snprintf(text, sizeof text, "%se%d", digits, exponent);
    return strtod(text, NULL) == value;
}

/* The nearest decimal of so many digits, or the one above it: where the doubles below lie closer than those above (at a
 * power of two), only that one may read back. */
static bool try_digits(double value, int count, decimal *out)
{
    char text[48];
    snprintf(text, sizeof text, "%.*e", count - 1, value);
    char *exponent_mark = strchr(text, 'e');
    int exponent = (int)strtol(exponent_mark + 1, NULL, 10);
    *exponent_mark = '\0';
    if (count > 1)
        memmove(text + 1, text + 2, (size_t)count); /* over the point */
    uint64_t nearest = strtoull(text, NULL, 10);
    for (uint64_t digits = nearest; digits <= nearest + 1; digits++) {
        out->count = snprintf(out->digits, sizeof out->digits, "%llu", (unsigned long long)digits);
        out->point = exponent + 1;
        if (out->count == count && reads_back(out->digits, exponent + 1 - count, value))
            return true;
    }
    return false;
}

static void find_shortest(double value, decimal *out)
{
    int count = 1;
    while (!try_digits(value, count, out) && count < MOST_DIGITS) /* seventeen always read back */
        count++;
}

static void write_positive(char *out, size_t size, const decimal *d)
{
    if (d->count <= d->point && d->point <= MOST_PLAIN)
        snprintf(out, size, "%s%.*s", d->digits, d->point - d->count, "000000000000000000000");
    else if (0 < d->point && d->point <= MOST_PLAIN)
        snprintf(out, size, "%.*s.%s", d->point, d->digits, d->digits + d->point);
    else if (-MOST_LEADING_ZEROS < d->point && d->point <= 0)
        snprintf(out, size, "0.%.*s%s", -d->point, "000000", d->digits);
    else
        snprintf(out, size, "%c%s%se%+d", d->digits[0], d->count > 1 ? "." : "", d->digits + 1, d->point - 1);
}

void gx_json_number_write(char out[static GX_JSON_NUMBER_SIZE], double value)
{
    if (value == 0) {
        memcpy(out, "0", sizeof "0");
        return;
    }
    decimal shortest;
    size_t sign = value < 0 ? 1 : 0;
    find_shortest(sign ? -value : value, &shortest);
    out[0] = '-';
    write_positive(out + sign, GX_JSON_NUMBER_SIZE - sign, &shortest);
}
