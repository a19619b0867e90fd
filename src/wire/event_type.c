#include "wire/event_type.h"

static const char *const names[GX_EVENT_TYPE_COUNT] = {
    [GX_EVENT_GRANT_CREATED] = "grant.created",       [GX_EVENT_GRANT_REVOKED] = "grant.revoked",
    [GX_EVENT_TOKEN_ISSUED] = "token.issued",         [GX_EVENT_BUDGET_THRESHOLD] = "budget.threshold",
    [GX_EVENT_BUDGET_EXHAUSTED] = "budget.exhausted",
};

const char *gx_event_type_name(gx_event_type type)
{
    return names[type];
}

bool gx_event_type_find(gx_span name, gx_event_type *type)
{
    for (unsigned i = 0; i < GX_EVENT_TYPE_COUNT; i++) {
        if (gx_span_equal(name, gx_span_of(names[i]))) {
            *type = (gx_event_type)i;
            return true;
        }
    }
    return false;
}

/* "grant." of "grant.*", "" of "*"; false when the pattern is not one of the two forms. */
static bool pattern_prefix(gx_span pattern, gx_span *prefix)
{
    if (pattern.len == 0 || pattern.ptr[pattern.len - 1] != '*')
        return false;
    *prefix = (gx_span){pattern.ptr, pattern.len - 1};
    return prefix->len == 0 || prefix->ptr[prefix->len - 1] == '.';
}

/* The types that a name or pattern means; 0 when it is unknown. */
static gx_event_filter types_of(gx_span pattern)
{
    gx_span prefix;
    bool is_prefix = pattern_prefix(pattern, &prefix);
    if (is_prefix && prefix.len == 0)
        return GX_EVENT_FILTER_ALL;
    gx_event_filter found = 0;
    for (unsigned i = 0; i < GX_EVENT_TYPE_COUNT; i++) {
        gx_span name = gx_span_of(names[i]);
        if (is_prefix ? gx_span_starts_with(name, prefix) : gx_span_equal(name, pattern))
            found |= 1u << i;
    }
    return found;
}

bool gx_event_filter_add(gx_event_filter *filter, gx_span list, gx_span *unknown)
{
    gx_event_filter added = 0;
    for (gx_span piece; gx_span_split(&list, ',', &piece);) {
        gx_span pattern = gx_span_trim(piece);
        gx_event_filter types = types_of(pattern);
        if (pattern.len > 0 && types == 0) {
            *unknown = pattern;
            return false;
        }
        added |= types;
    }
    *filter |= added;
    return true;
}

void gx_event_type_list(gx_buffer *out)
{
    for (unsigned i = 0; i < GX_EVENT_TYPE_COUNT; i++) {
        if (i > 0)
            gx_buffer_append_text(out, ", ");
        gx_buffer_append_text(out, names[i]);
    }
}
