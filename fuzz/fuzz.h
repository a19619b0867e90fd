/* What the targets share. Each target is one file: it gives any bytes to one decoder, and checks what must hold for
 * all of them. The same file is run by libFuzzer (`./x fuzz NAME`) and over its kept corpus by `./x test` (replay.c). */
#ifndef GX_FUZZ_H
#define GX_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/span.h"

/* libFuzzer's own name for it. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Ends the program, so that the input is kept as a finding. */
#define FUZZ_REQUIRE(condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The pieces in which a decoder is fed: of 1 to 16 bytes mostly, drawn from `seed`; 0 gives everything at once. Each
 * lies in memory of its own size, so that a read past its end is seen. */
typedef struct fuzz_pieces {
    gx_span rest;
    uint32_t seed;
    char *piece; /* the one that was given last */
} fuzz_pieces;

/* False when nothing is left; frees the piece before in any case. */
bool fuzz_next_piece(fuzz_pieces *pieces, gx_span *piece);

/* Where a target's first byte says how the others are cut. */
static inline gx_span fuzz_after_first(const uint8_t *bytes, size_t length)
{
    return length > 0 ? (gx_span){(const char *)bytes + 1, length - 1} : (gx_span){"", 0};
}

#endif
