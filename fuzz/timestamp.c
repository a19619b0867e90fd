/* Times: what is read is written and read back the same, and a time without an offset is never guessed. */
#include "base/timestamp.h"

#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    int64_t ms = INT64_MIN, again;
    gx_timestamp_result result = gx_timestamp_read((gx_span){(const char *)bytes, length}, &ms);
    FUZZ_REQUIRE((result == GX_TIMESTAMP_OK) == (ms != INT64_MIN));
    if (result != GX_TIMESTAMP_OK)
        return 0;
    char last = (char)bytes[length - 1];
    FUZZ_REQUIRE(last == 'Z' || last == 'z' || (last >= '0' && last <= '9' && length > 19));
    char text[GX_TIMESTAMP_SIZE];
    gx_timestamp_write(text, ms);
    FUZZ_REQUIRE(strlen(text) == GX_TIMESTAMP_SIZE - 1);
    FUZZ_REQUIRE(gx_timestamp_read(gx_span_of(text), &again) == GX_TIMESTAMP_OK);
    static const int64_t day_ms = 86400000;
    /* The years 0 and 10000, which an offset can reach, are clamped by the writer. */
    FUZZ_REQUIRE(again == ms || again - ms <= day_ms || ms - again <= day_ms);
    bool inner_year = bytes[0] != '9' && memcmp(bytes, "000", 3) != 0;
    FUZZ_REQUIRE(again == ms || !inner_year);
    return 0;
}
