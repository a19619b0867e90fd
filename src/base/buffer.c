#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define SMALLEST_CAPACITY 64

void gx_buffer_free(gx_buffer *buffer)
{
    gx_free(buffer->data);
    *buffer = GX_BUFFER_INIT(buffer->limit);
}

void gx_buffer_clear(gx_buffer *buffer)
{
    buffer->length = 0;
    buffer->failed = false;
}

/* Doubling keeps a long series of appends linear; the limit caps the last step. */
static size_t next_capacity(const gx_buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity < SIZE_MAX / 4 ? buffer->capacity * 2 : needed;
    if (capacity < SMALLEST_CAPACITY)
        capacity = SMALLEST_CAPACITY;
    if (buffer->limit && capacity > buffer->limit)
        capacity = buffer->limit;
    return capacity > needed ? capacity : needed;
}

static bool grow(gx_buffer *buffer, size_t needed)
{
    if (needed > SIZE_MAX / 2 || (buffer->limit && needed > buffer->limit))
        return false;
    size_t capacity = next_capacity(buffer, needed);
    char *data = gx_realloc(buffer->data, capacity + 1);
    if (!data)
        return false;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

bool gx_buffer_reserve(gx_buffer *buffer, size_t more)
{
    if (buffer->failed)
        return false;
    bool room = buffer->data && more <= buffer->capacity - buffer->length;
    if (!room && (more > SIZE_MAX - buffer->length || !grow(buffer, buffer->length + more)))
        buffer->failed = true;
    return !buffer->failed;
}

void gx_buffer_append(gx_buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0 || !gx_buffer_reserve(buffer, length))
        return;
    memcpy(buffer->data + buffer->length, bytes, length);
    buffer->length += length;
}

void gx_buffer_append_span(gx_buffer *buffer, gx_span span)
{
    gx_buffer_append(buffer, span.ptr, span.len);
}

void gx_buffer_append_text(gx_buffer *buffer, const char *text)
{
    gx_buffer_append(buffer, text, strlen(text));
}

void gx_buffer_append_char(gx_buffer *buffer, char c)
{
    gx_buffer_append(buffer, &c, 1);
}

void gx_buffer_append_int(gx_buffer *buffer, long long value)
{
    char digits[24];
    char *first = digits + sizeof digits;
    unsigned long long rest = value < 0 ? -(unsigned long long)value : (unsigned long long)value;
    do
        *--first = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--first = '-';
    gx_buffer_append(buffer, first, (size_t)(digits + sizeof digits - first));
}

void gx_buffer_printf(gx_buffer *buffer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        buffer->failed = true;
    if (length < 0 || !gx_buffer_reserve(buffer, (size_t)length))
        return;

    va_start(arguments, format);
    vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->length += (size_t)length;
}

void gx_buffer_consume(gx_buffer *buffer, size_t length)
{
    if (length == 0)
        return;
    buffer->length -= length;
    memmove(buffer->data, buffer->data + length, buffer->length);
}

gx_span gx_buffer_span(const gx_buffer *buffer)
{
    return (gx_span){buffer->data, buffer->length};
}

const char *gx_buffer_text(gx_buffer *buffer)
{
    if (!gx_buffer_reserve(buffer, 0))
        return NULL;
    buffer->data[buffer->length] = '\0';
    return buffer->data;
}
