#include "base/ulid.h"

#include <string.h>

#include "base/random.h"

#define TIME_LENGTH   10
#define RANDOM_LENGTH 16
#define LATEST        ((INT64_C(1) << 48) - 1)

/* Crockford's base 32, in ASCII order, so that text order is number order. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void write_time(char *out, int64_t ms)
{
    uint64_t rest = (uint64_t)(ms < 0 ? 0 : ms > LATEST ? LATEST : ms);
    for (int i = TIME_LENGTH - 1; i >= 0; i--, rest >>= 5)
        out[i] = alphabet[rest & 31];
}

bool gx_ulid_new(char out[static GX_ULID_LENGTH + 1], int64_t ms)
{
    uint8_t random[RANDOM_LENGTH]; /* 5 bits of each are used: simpler than packing 10 bytes, and as random */
    if (!gx_random_bytes(random, sizeof random))
        return false;
    write_time(out, ms);
    for (int i = 0; i < RANDOM_LENGTH; i++)
        out[TIME_LENGTH + i] = alphabet[random[i] & 31];
    out[GX_ULID_LENGTH] = '\0';
    return true;
}

static int digit_value(char c)
{
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

/* Adds one; false when it was the last ULID that there is. */
static bool increment(char ulid[static GX_ULID_LENGTH])
{
    int i = GX_ULID_LENGTH - 1;
    for (; i >= 0 && ulid[i] == 'Z'; i--)
        ulid[i] = '0';
    if (i < 0 || (i == 0 && ulid[0] == '7'))
        return false;
    ulid[i] = alphabet[digit_value(ulid[i]) + 1];
    return true;
}

bool gx_ulid_next(char out[static GX_ULID_LENGTH + 1], const char *previous, int64_t ms)
{
    char next[GX_ULID_LENGTH + 1];
    if (!gx_ulid_new(next, ms))
        return false;
    if (strcmp(next, previous) <= 0) {
        memcpy(next, previous, sizeof next);
        if (!increment(next))
            return false;
    }
    memcpy(out, next, sizeof next);
    return true;
}

bool gx_ulid_valid(gx_span text)
{
    if (text.len != GX_ULID_LENGTH || text.ptr[0] > '7')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (digit_value(text.ptr[i]) < 0)
            return false;
    return true;
}

int64_t gx_ulid_ms(const char *ulid)
{
    int64_t ms = 0;
    for (int i = 0; i < TIME_LENGTH; i++)
        ms = ms << 5 | digit_value(ulid[i]);
    return ms;
}

bool gx_id_new(char out[static GX_ID_SIZE], const char *prefix, int64_t ms)
{
    size_t length = strlen(prefix);
    if (length + GX_ULID_LENGTH + 1 > GX_ID_SIZE)
        return false;
    memcpy(out, prefix, length);
    return gx_ulid_new(out + length, ms);
}
