/* Cursor text, as a client gives it back and as the server takes it: what the library takes can stand in a header and
 * comes back as it is; what the server takes is an id of ours. */
#include <string.h>

#include "base/ulid.h"
#include "fuzz.h"
#include "grantex/grantex.h"
#include "wire/event.h"
#include "wire/event_type.h"

static grantex_client *the_client(void)
{
    static grantex_client *client;
    grantex_client_options options = {.api_key = "gx_test_0123456789abcdef", .base_url = "http://127.0.0.1:9"};
    if (client == NULL)
        FUZZ_REQUIRE(grantex_client_open(&options, &client, NULL) == GRANTEX_OK);
    return client;
}

static void give_back(const char *cursor)
{
    grantex_stream *stream = NULL;
    grantex_error error = {0};
    grantex_stream_options options = {.cursor = cursor};
    grantex_status status = grantex_events_stream(the_client(), &options, &stream, &error);
    FUZZ_REQUIRE(status == GRANTEX_OK || (status == GRANTEX_E_INVALID && stream == NULL));
    if (status != GRANTEX_OK)
        return;
    FUZZ_REQUIRE(strpbrk(cursor, "\r\n") == NULL && strlen(cursor) <= 256);
    FUZZ_REQUIRE(strcmp(grantex_stream_cursor(stream).text, cursor) == 0);
    grantex_stream_close(stream);
}

/* The next id sorts behind it. */
static void take(gx_span cursor)
{
    if (!gx_event_id_valid(cursor))
        return;
    char ulid[GX_ULID_LENGTH + 1], next[GX_ULID_LENGTH + 1];
    FUZZ_REQUIRE(cursor.len == GX_EVENT_ID_SIZE - 1);
    memcpy(ulid, cursor.ptr + strlen(GX_EVENT_ID_PREFIX), GX_ULID_LENGTH);
    ulid[GX_ULID_LENGTH] = '\0';
    FUZZ_REQUIRE(gx_ulid_ms(ulid) >= 0);
    if (strcmp(ulid, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ") != 0)
        FUZZ_REQUIRE(gx_ulid_next(next, ulid, 0) && strcmp(next, ulid) > 0);
}

static void filter_by(gx_span list)
{
    gx_event_filter filter = 0;
    gx_span unknown = {NULL, 0};
    bool taken = gx_event_filter_add(&filter, list, &unknown);
    FUZZ_REQUIRE((filter & ~GX_EVENT_FILTER_ALL) == 0);
    FUZZ_REQUIRE(taken || (unknown.len > 0 && unknown.ptr >= list.ptr &&
                           unknown.ptr + unknown.len <= list.ptr + list.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = malloc(length + 1);
    FUZZ_REQUIRE(text != NULL);
    memcpy(text, bytes, length);
    text[length] = '\0';
    give_back(text);
    take((gx_span){text, length});
    filter_by((gx_span){text, length});
    free(text);
    return 0;
}
