#include "authority/key_scope.h"

#include "base/span.h"

const char *const GX_KEY_SCOPE_NAMES[GX_SCOPE_COUNT] = {"events:read", "grants:write", "admin"};

unsigned gx_key_scopes_read(const char *words)
{
    unsigned scopes = 0;
    gx_span rest = gx_span_of(words), word;
    while (gx_span_split(&rest, ' ', &word))
        for (unsigned i = 0; i < GX_SCOPE_COUNT; i++)
            if (gx_span_equal(word, gx_span_of(GX_KEY_SCOPE_NAMES[i])))
                scopes |= 1u << i;
    return scopes;
}

void gx_key_scopes_write(unsigned scopes, gx_buffer *out)
{
    for (unsigned i = 0; i < GX_SCOPE_COUNT; i++) {
        if ((scopes & 1u << i) == 0)
            continue;
        if (out->length > 0)
            gx_buffer_append_text(out, " ");
        gx_buffer_append_text(out, GX_KEY_SCOPE_NAMES[i]);
    }
}

bool gx_key_may(const gx_act *act, unsigned any_of)
{
    return (act->key_scopes & (any_of | GX_SCOPE_ADMIN)) != 0;
}

/* The least that would do: the first of the set. */
bool gx_key_must(gx_act *act, unsigned any_of)
{
    if (gx_key_may(act, any_of))
        return true;
    unsigned least = 0;
    while (least + 1 < GX_SCOPE_COUNT && (any_of & 1u << least) == 0)
        least++;
    return gx_refuse(act->problem, 403, "FORBIDDEN", "This API key lacks the scope %s", GX_KEY_SCOPE_NAMES[least]);
}
