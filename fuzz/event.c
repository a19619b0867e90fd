/* The event envelope: every object that jansson takes, with an id and a type, is taken and read as jansson reads it;
 * and what was written is read back. */
#include "wire/event.h"

#include <jansson.h>
#include <string.h>

#include "fuzz.h"
#include "wire/json_scan.h"

static bool lies_in(gx_span inner, gx_span outer)
{
    return inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len;
}

static bool is_plain(gx_span text)
{
    return memchr(text.ptr, '\\', text.len) == NULL;
}

/* jansson passes over a NUL between two tokens, which no other reader of JSON does. */
static bool is_text(gx_span json)
{
    return memchr(json.ptr, '\0', json.len) == NULL;
}

/* Escapes are left as they came, so only texts without them can be compared. */
static void compare_text(const json_t *tree, const char *key, gx_span found)
{
    const json_t *value = json_object_get(tree, key);
    if (json_is_string(value) && is_plain(found))
        FUZZ_REQUIRE(gx_span_equal(found, (gx_span){json_string_value(value), json_string_length(value)}));
}

static int depth_of(gx_span json)
{
    int depth = 0, most = 0;
    bool inside = false;
    for (size_t i = 0; i < json.len; i++) {
        char c = json.ptr[i];
        if (inside && c == '\\')
            i++;
        else if (c == '"')
            inside = !inside;
        else if (!inside && (c == '{' || c == '['))
            most = ++depth > most ? depth : most;
        else if (!inside && (c == '}' || c == ']'))
            depth--;
    }
    return most;
}

static void check_scan(gx_span json)
{
    gx_event event;
    bool taken = gx_event_scan(json, &event);
    json_t *tree = json_loadb(json.ptr, json.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    bool is_event = json_is_object(tree) && json_is_string(json_object_get(tree, "id")) &&
                    json_is_string(json_object_get(tree, "type"));
    /* Keys may be written with escapes, which the scanner does not undo. */
    if (is_event && depth_of(json) < GX_JSON_MOST_DEPTH && is_plain(json) && is_text(json))
        FUZZ_REQUIRE(taken);
    if (taken) {
        FUZZ_REQUIRE(lies_in(event.id, json) && lies_in(event.type, json));
        FUZZ_REQUIRE(event.data.len == 2 || lies_in(event.data, json));
    }
    if (taken && is_event && is_plain(json)) {
        compare_text(tree, "id", event.id);
        compare_text(tree, "type", event.type);
        compare_text(tree, "timestamp", event.timestamp);
    }
    json_decref(tree);
}

/* The text of `bytes` as a JSON string's inside. */
static gx_span tame(const uint8_t *bytes, size_t length, char *out)
{
    for (size_t i = 0; i < length; i++)
        out[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."[bytes[i] % 64];
    return (gx_span){out, length};
}

static void check_round_trip(const uint8_t *bytes, size_t length)
{
    char name[64];
    gx_span text = tame(bytes, length < sizeof name ? length : sizeof name, name);
    gx_buffer written = GX_BUFFER_INIT(0);
    gx_event_write(&written, text, text, (int64_t)length * 86400000, (int64_t)length + 1, GX_SPAN("{\"a\":[1]}"));
    gx_event event;
    FUZZ_REQUIRE(gx_event_scan(gx_buffer_span(&written), &event));
    FUZZ_REQUIRE(gx_span_equal(event.id, text) && gx_span_equal(event.type, text));
    FUZZ_REQUIRE(event.seq == (int64_t)length + 1 && gx_span_equal(event.data, GX_SPAN("{\"a\":[1]}")));
    gx_buffer_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    check_scan((gx_span){(const char *)bytes, length});
    check_round_trip(bytes, length);
    return 0;
}
