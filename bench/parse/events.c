#include "parse/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FRAME = 512 };

static const struct {
    const char *type, *rest; /* of the data, behind the grant's id */
} kinds[] = {
    {"grant.created", ",\"scopes\":[\"a:b\"]}"},     {"token.issued", ",\"method\":\"refresh\"}"},
    {"budget.threshold", ",\"percentage\":50}"},     {"budget.exhausted", ",\"initial\":200}"},
    {"grant.revoked", ",\"revokedBy\":\"system\"}"},
};

static size_t write_frame(char *out, size_t n, const char *eol)
{
    size_t kind = n % (sizeof kinds / sizeof kinds[0]);
    return (size_t)snprintf(
        out, MOST_FRAME,
        "id: evt_01KSWQ5ZQ00000000%09zu%s"
        "data: {\"id\":\"evt_01KSWQ5ZQ00000000%09zu\",\"type\":\"%s\","
        "\"timestamp\":\"2026-11-23T18:00:00.123Z\",\"createdAt\":\"2026-11-23T18:00:00.123Z\",\"seq\":%zu,"
        "\"data\":{\"grantId\":\"grnt_01KSWQ5ZQ00000000%09zu\"%s}%s%s",
        n, eol, n, kinds[kind].type, n + 1, n, kinds[kind].rest, eol, eol);
}

char *bench_events_write(size_t count, const char *eol, size_t *length)
{
    char *bytes = malloc(count * MOST_FRAME);
    if (!bytes) {
        fprintf(stderr, "no memory for %zu events\n", count);
        exit(1);
    }
    *length = 0;
    for (size_t n = 0; n < count; n++)
        *length += write_frame(bytes + *length, n, eol);
    return bytes;
}
