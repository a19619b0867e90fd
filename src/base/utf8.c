#include "base/utf8.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))
#define HIGH_BITS        EACH_BYTE(0x80)

size_t gx_utf8_ascii(gx_span text)
{
    size_t n = 0;
    for (uint64_t word; n + sizeof word <= text.len; n += sizeof word) {
        memcpy(&word, text.ptr + n, sizeof word);
        if (word & HIGH_BITS)
            break;
    }
    while (n < text.len && (unsigned char)text.ptr[n] < 0x80)
        n++;
    return n;
}

/* The next two are the one pass over nearly every byte of a stream: 16 bytes at a time where every processor of the
 * kind can do so, eight elsewhere. A signed comparison finds what is below a blank and what is above ASCII at once. */
size_t gx_utf8_plain(gx_span text)
{
    size_t n = 0;
#ifdef __SSE2__
    for (__m128i bytes; n + sizeof bytes <= text.len; n += sizeof bytes) {
        bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + n));
        int stop = _mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')));
        if (stop)
            return n + (size_t)__builtin_ctz((unsigned)stop);
    }
#endif
    for (uint64_t word; n + sizeof word <= text.len; n += sizeof word) {
        memcpy(&word, text.ptr + n, sizeof word);
        word = le64toh(word);
        uint64_t stop = ((word - EACH_BYTE(0x20)) | word) & HIGH_BITS; /* as below */
        if (stop)
            return n + (size_t)__builtin_ctzll(stop) / 8;
    }
    while (n < text.len && (signed char)text.ptr[n] >= ' ')
        n++;
    return n;
}

size_t gx_utf8_copy_plain(char *out, gx_span text)
{
    size_t n = 0;
#ifdef __SSE2__
    for (__m128i bytes; n + sizeof bytes <= text.len; n += sizeof bytes) {
        bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + n));
        _mm_storeu_si128((__m128i *)(void *)(out + n), bytes);
        int stop = _mm_movemask_epi8(_mm_cmplt_epi8(bytes, _mm_set1_epi8(' ')));
        if (stop)
            return n + (size_t)__builtin_ctz((unsigned)stop);
    }
#endif
    for (uint64_t word; n + sizeof word <= text.len; n += sizeof word) {
        memcpy(&word, text.ptr + n, sizeof word);
        memcpy(out + n, &word, sizeof word);
        word = le64toh(word);
        uint64_t stop = ((word - EACH_BYTE(0x20)) | word) & HIGH_BITS; /* below a blank, or above ASCII */
        if (stop)
            return n + (size_t)__builtin_ctzll(stop) / 8; /* a byte behind the first may be there by a borrow only */
    }
    for (; n < text.len && (signed char)text.ptr[n] >= ' '; n++)
        out[n] = text.ptr[n];
    return n;
}

/* What may stand at the front (Unicode 15, table 3-7): by the lead byte, the length and the range of the second byte.
 * The narrow ranges shut out overlong forms, surrogates and what lies beyond U+10FFFF. */
static const struct lead {
    unsigned char first, last, length, low, high;
} leads[] = {
    {0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static const struct lead *lead_of(unsigned char byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

bool gx_utf8_sequence(gx_span text, size_t *length)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    const struct lead *lead = lead_of(bytes[0]);
    *length = 1;
    if (!lead)
        return false;
    for (; *length < lead->length && *length < text.len; ++*length) {
        bool second = *length == 1;
        unsigned char low = second ? lead->low : 0x80, high = second ? lead->high : 0xbf;
        if (bytes[*length] < low || bytes[*length] > high)
            return false;
    }
    return *length == lead->length;
}

bool gx_utf8_valid(gx_span text)
{
    while (text.len > 0) {
        size_t taken = gx_utf8_ascii(text);
        if (taken == 0 && !gx_utf8_sequence(text, &taken))
            return false;
        text = (gx_span){text.ptr + taken, text.len - taken};
    }
    return true;
}

size_t gx_utf8_length(gx_span text)
{
    size_t points = 0;
    for (size_t i = 0; i < text.len; i++)
        points += ((unsigned char)text.ptr[i] & 0xc0) != 0x80; /* every byte but the continuations begins one */
    return points;
}

void gx_utf8_append_repaired(gx_buffer *out, gx_span text)
{
    while (text.len > 0) {
        size_t taken = gx_utf8_ascii(text);
        if (taken > 0 || gx_utf8_sequence(text, &taken))
            gx_buffer_append(out, text.ptr, taken);
        else
            gx_buffer_append_text(out, GX_UTF8_REPLACEMENT);
        text = (gx_span){text.ptr + taken, text.len - taken};
    }
}

size_t gx_utf8_repaired_length(gx_span text)
{
    size_t length = 0;
    while (text.len > 0) {
        size_t taken = gx_utf8_ascii(text);
        bool good = taken > 0 || gx_utf8_sequence(text, &taken);
        length += good ? taken : sizeof GX_UTF8_REPLACEMENT - 1;
        text = (gx_span){text.ptr + taken, text.len - taken};
    }
    return length;
}
