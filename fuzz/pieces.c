#include "fuzz.h"

#include <string.h>

static size_t draw(fuzz_pieces *pieces)
{
    if (pieces->seed == 0)
        return pieces->rest.len;
    pieces->seed = pieces->seed * 1664525u + 1013904223u;
    size_t length = 1 + (pieces->seed >> 24) % 16;
    if (pieces->seed == 0)
        pieces->seed = 1;
    return length < pieces->rest.len ? length : pieces->rest.len;
}

bool fuzz_next_piece(fuzz_pieces *pieces, gx_span *piece)
{
    free(pieces->piece);
    pieces->piece = NULL;
    if (pieces->rest.len == 0)
        return false;
    size_t length = draw(pieces);
    pieces->piece = malloc(length);
    FUZZ_REQUIRE(pieces->piece != NULL);
    memcpy(pieces->piece, pieces->rest.ptr, length);
    *piece = (gx_span){pieces->piece, length};
    pieces->rest.ptr += length;
    pieces->rest.len -= length;
    return true;
}
