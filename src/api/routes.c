#include "api/routes.h"

#include <string.h>

#include "api/nouns.h"

static const gx_endpoints *const TABLE[] = {
    &gx_developer_endpoints,   &gx_api_key_endpoints,     &gx_agent_endpoints,         &gx_authorize_endpoints,
    &gx_consent_endpoints,     &gx_token_endpoints,       &gx_grant_endpoints,         &gx_budget_endpoints,
    &gx_budget_burn_endpoints, &gx_stream_sse_endpoints,  &gx_webhook_endpoints,       &gx_discovery_endpoints,
    &gx_health_endpoints,      &gx_token_check_endpoints, &gx_page_file_endpoints,     &gx_principal_endpoints,
    &gx_metrics_endpoints,     &gx_audit_endpoints,       &gx_stream_ticket_endpoints, &gx_browser_session_endpoints,
    &gx_stream_ws_endpoints,   &gx_stream_list_endpoints, &gx_event_rates_endpoints,   &gx_event_range_endpoints,
    &gx_event_endpoints, /* behind the streams, whose paths
/v1/events/:id would match too */
};

enum { TABLE_SIZE = sizeof TABLE / sizeof *TABLE };

/* A pattern's ":name" stands for what the path has up to the next '/', which must not be nothing. */
static bool path_matches(gx_span pattern, gx_span path, gx_span *param)
{
    const char *want = pattern.ptr, *want_end = pattern.ptr + pattern.len;
    const char *have = path.ptr, *have_end = path.ptr + path.len;
    while (want < want_end) {
        if (*want == ':') {
            const char *start = have;
            while (want < want_end && *want != '/')
                want++;
            while (have < have_end && *have != '/')
                have++;
            if (have == start)
                return false;
            *param = (gx_span){start, (size_t)(have - start)};
        } else if (have == have_end || *want++ != *have++) {
            return false;
        }
    }
    return have == have_end;
}

/* A path of its own ("/v1/events/stream") is no ":id", also with a method that it does not have. */
static bool is_shadowed(gx_span param, bool own_path)
{
    return param.len > 0 && own_path;
}

static bool method_matches(const gx_endpoint *endpoint, gx_span method)
{
    if (gx_span_equal(method, GX_SPAN("HEAD")))
        return strcmp(endpoint->method, "GET") == 0 && endpoint->complete == NULL;
    return gx_span_equal(method, gx_span_of(endpoint->method));
}

gx_route_result gx_route_find(gx_span method, gx_span path, const gx_endpoint **endpoint, gx_span *param)
{
    gx_route_result result = GX_ROUTE_NO_PATH;
    bool own_path = false;
    for (size_t noun = 0; noun < TABLE_SIZE; noun++) {
        for (size_t i = 0; i < TABLE[noun]->count; i++) {
            const gx_endpoint *row = &TABLE[noun]->rows[i];
            gx_span matched = {0};
            if (!path_matches(gx_span_of(row->path), path, &matched) || is_shadowed(matched, own_path))
                continue;
            own_path |= matched.len == 0;
            if (method_matches(row, method)) {
                *endpoint = row;
                *param = matched;
                return GX_ROUTE_FOUND;
            }
            result = GX_ROUTE_NO_METHOD;
        }
    }
    return result;
}

void gx_route_methods(gx_span path, gx_buffer *out)
{
    bool own_path = false;
    for (size_t noun = 0; noun < TABLE_SIZE; noun++) {
        for (size_t i = 0; i < TABLE[noun]->count; i++) {
            const gx_endpoint *row = &TABLE[noun]->rows[i];
            gx_span matched = {0};
            if (!path_matches(gx_span_of(row->path), path, &matched) || is_shadowed(matched, own_path))
                continue;
            own_path |= matched.len == 0;
            if (out->length > 0)
                gx_buffer_append_text(out, ", ");
            gx_buffer_append_text(out, row->method);
            if (method_matches(row, GX_SPAN("HEAD")))
                gx_buffer_append_text(out, ", HEAD");
        }
    }
}

size_t gx_route_count(void)
{
    size_t count = 0;
    for (size_t noun = 0; noun < TABLE_SIZE; noun++)
        count += TABLE[noun]->count;
    return count;
}

size_t gx_route_number(const gx_endpoint *endpoint)
{
    size_t number = 0;
    for (size_t noun = 0; noun < TABLE_SIZE; noun++)
        for (size_t i = 0; i < TABLE[noun]->count; i++, number++)
            if (&TABLE[noun]->rows[i] == endpoint)
                return number;
    return number;
}

const gx_endpoint *gx_route_at(size_t number)
{
    size_t noun = 0;
    while (number >= TABLE[noun]->count)
        number -= TABLE[noun++]->count;
    return &TABLE[noun]->rows[number];
}
