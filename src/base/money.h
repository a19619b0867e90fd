/* Money: a signed 64-bit count of ten-thousandths. No floating point decides anything. */
#ifndef GX_BASE_MONEY_H
#define GX_BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define GX_MONEY_UNIT 10000
#define GX_MONEY_SIZE 24
/* Largest amount taken: NUMERIC(18,4), so used * 100 stays inside 64 bits when done in __int128 or by division. */
#define GX_MONEY_MAX INT64_C(999999999999999999)

typedef enum gx_money_result {
    GX_MONEY_OK = 0,
    GX_MONEY_INVALID,     /* not a plain decimal number ("1e3", "NaN", "", " 1", "+1") */
    GX_MONEY_TOO_PRECISE, /* more than four decimals that are not zero */
    GX_MONEY_OUT_OF_RANGE,
} gx_money_result;

/* Reads the decimal text of a JSON number or string: -?digits[.digits]. Exponents are read too when the text is a JSON
 * number in that form ("1e3" = 1000) if `json_number`. *amount is written only on GX_MONEY_OK. */
gx_money_result gx_money_read(gx_span text, bool json_number, int64_t *amount);

/* "750.0000": four decimals always, as the REST API has it. */
void gx_money_write_fixed(char out[static GX_MONEY_SIZE], int64_t amount);

/* "750", "0.5": no needless decimals, as event payloads have it. */
void gx_money_write_short(char out[static GX_MONEY_SIZE], int64_t amount);

#endif
