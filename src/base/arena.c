#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most requests fit in one block. */
#define BLOCK_SIZE 4096

struct gx_arena_block {
    gx_arena_block *next;
    size_t used, size;
    max_align_t bytes[];
};

void gx_arena_free(gx_arena *arena)
{
    for (gx_arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    *arena = GX_ARENA_INIT(arena->limit);
}

static size_t round_up(size_t size)
{
    const size_t unit = _Alignof(max_align_t);
    return size == 0 ? unit : (size + unit - 1) / unit * unit;
}

static bool add_block(gx_arena *arena, size_t least)
{
    size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
    gx_arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return false;
    *block = (gx_arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return true;
}

static void *refuse(gx_arena *arena)
{
    arena->failed = true;
    return NULL;
}

void *gx_arena_alloc(gx_arena *arena, size_t size)
{
    if (size > SIZE_MAX / 4)
        return refuse(arena);
    size = round_up(size);
    if (arena->limit && (size > arena->limit || arena->used > arena->limit - size))
        return refuse(arena);
    if ((!arena->blocks || arena->blocks->size - arena->blocks->used < size) && !add_block(arena, size))
        return refuse(arena);

    gx_arena_block *block = arena->blocks;
    void *bytes = (char *)block->bytes + block->used;
    block->used += size;
    arena->used += size;
    return memset(bytes, 0, size);
}

char *gx_arena_copy(gx_arena *arena, gx_span span)
{
    char *copy = span.len < SIZE_MAX ? gx_arena_alloc(arena, span.len + 1) : refuse(arena);
    if (copy && span.len > 0)
        memcpy(copy, span.ptr, span.len);
    return copy;
}

char *gx_arena_text(gx_arena *arena, const char *text)
{
    return text ? gx_arena_copy(arena, gx_span_of(text)) : NULL;
}

char *gx_arena_printf(gx_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length >= 0 ? gx_arena_alloc(arena, (size_t)length + 1) : refuse(arena);
    if (!text)
        return NULL;

    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
