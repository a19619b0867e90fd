#include "base/money.h"

#include <stdio.h>

#define DECIMALS    4
#define MOST_DIGITS 18 /* of GX_MONEY_MAX */

/* A decimal number as digits * 10^exponent, read digit by digit. Zeros wait until a later digit shows that they count,
 * so that "0.50000" and "1000e-5" are as precise as they mean, not as they look. */
typedef struct decimal {
    int64_t digits;
    int64_t count; /* significant digits, those beyond MOST_DIGITS too (which are not in `digits`) */
    int64_t zeros; /* waiting */
    int64_t exponent;
} decimal;

static void take_digit(decimal *number, char digit)
{
    if (digit == '0') {
        number->zeros++;
        return;
    }
    number->count = number->count == 0 ? 1 : number->count + number->zeros + 1;
    if (number->count <= MOST_DIGITS) {
        for (; number->digits > 0 && number->zeros > 0; number->zeros--)
            number->digits *= 10;
        number->digits = number->digits * 10 + (digit - '0');
    }
    number->zeros = 0;
}

/* Takes the digits at the front of *text; returns how many. */
static size_t take_digits(gx_span *text, decimal *number)
{
    size_t n = 0;
    for (; n < text->len && text->ptr[n] >= '0' && text->ptr[n] <= '9'; n++)
        take_digit(number, text->ptr[n]);
    *text = (gx_span){text->ptr + n, text->len - n};
    return n;
}

static bool take_char(gx_span *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    *text = (gx_span){text->ptr + 1, text->len - 1};
    return true;
}

/* What follows the 'e'. Saturates far beyond what any number of digits can make up for. */
static bool read_exponent(gx_span text, int64_t *exponent)
{
    const int64_t most = INT64_C(1) << 60;
    bool negative = take_char(&text, '-');
    if (!negative)
        take_char(&text, '+');
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        value = value < most / 10 ? value * 10 + (text.ptr[i] - '0') : most;
    }
    *exponent = negative ? -value : value;
    return text.len > 0;
}

static bool read_decimal(gx_span text, bool json_number, decimal *number)
{
    if (take_digits(&text, number) == 0)
        return false;
    if (take_char(&text, '.')) {
        size_t decimals = take_digits(&text, number);
        if (decimals == 0)
            return false;
        number->exponent = -(int64_t)decimals;
    }
    if (json_number && (take_char(&text, 'e') || take_char(&text, 'E'))) {
        int64_t exponent;
        if (!read_exponent(text, &exponent))
            return false;
        number->exponent += exponent;
        text.len = 0;
    }
    return text.len == 0;
}

gx_money_result gx_money_read(gx_span text, bool json_number, int64_t *amount)
{
    decimal number = {0};
    bool negative = take_char(&text, '-');
    if (!read_decimal(text, json_number, &number))
        return GX_MONEY_INVALID;
    if (number.count == 0) {
        *amount = 0;
        return GX_MONEY_OK;
    }
    int64_t shift = number.exponent + number.zeros + DECIMALS;
    if (shift < 0)
        return GX_MONEY_TOO_PRECISE;
    if (number.count + shift > MOST_DIGITS)
        return GX_MONEY_OUT_OF_RANGE;
    for (; shift > 0; shift--)
        number.digits *= 10;
    *amount = negative ? -number.digits : number.digits;
    return GX_MONEY_OK;
}

void gx_money_write_fixed(char out[static GX_MONEY_SIZE], int64_t amount)
{
    uint64_t units = amount < 0 ? -(uint64_t)amount : (uint64_t)amount;
    snprintf(out, GX_MONEY_SIZE, "%s%llu.%04u", amount < 0 ? "-" : "", (unsigned long long)(units / GX_MONEY_UNIT),
             (unsigned)(units % GX_MONEY_UNIT));
}

void gx_money_write_short(char out[static GX_MONEY_SIZE], int64_t amount)
{
    gx_money_write_fixed(out, amount);
    char *end = out;
    while (*end)
        end++;
    while (end[-1] == '0')
        end--;
    if (end[-1] == '.')
        end--;
    *end = '\0';
}
