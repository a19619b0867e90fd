#include <stdlib.h>
#include <string.h>

#include "cli/json_get.h"
#include "cli/moment.h"
#include "cli/trace.h"

#define PAGE_OF_DEBITS 200

/* --- entries ------------------------------------------------------------------------------------------------------ */

/* What comes first of what has the same time. */
static const struct {
    const char *type;
    int rank;
} ranks[] = {
    {"grant.created", 0}, {"token.issued", 1}, {"budget.threshold", 4}, {"budget.exhausted", 5}, {"grant.revoked", 7}};

enum { RANK_ALLOCATION = 2, RANK_DEBIT = 3, RANK_OTHER = 6, RANK_EXPIRY = 8 };

static int rank_of(const char *type)
{
    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++)
        if (strcmp(ranks[i].type, type) == 0)
            return ranks[i].rank;
    return RANK_OTHER;
}

/* Keeps `source`. An entry without a time that can be read is one without a place. */
static grantex_status add(trace *life, trace_entry entry, const char *time, grantex_error *error)
{
    if (!cli_rfc3339_read(time, &entry.at_ms))
        return GRANTEX_OK;
    if (life->count == life->room) {
        size_t room = life->room > 0 ? 2 * life->room : 64;
        trace_entry *larger = realloc(life->entries, room * sizeof *larger);
        if (!larger)
            return cli_no_memory(error);
        life->entries = larger;
        life->room = room;
    }
    json_incref(entry.source);
    life->entries[life->count++] = entry;
    return GRANTEX_OK;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int in_time(const void *left, const void *right)
{
    const trace_entry *a = left, *b = right;
    int order = compare(a->at_ms, b->at_ms);
    order = order ? order : a->rank - b->rank;
    return order ? order : compare(a->order, b->order);
}

/* --- the log ------------------------------------------------------------------------------------------------------ */

bool trace_concerns(const trace *life, const json_t *event)
{
    const json_t *data = json_object_get(event, "data");
    return strcmp(cli_json_text(data, "grantId"), life->id) == 0 ||
           strcmp(cli_json_text(data, "parentGrantId"), life->id) == 0 ||
           strcmp(cli_json_text(data, "rootGrantId"), life->id) == 0;
}

static grantex_status take_page(trace *life, const json_t *page, grantex_error *error)
{
    size_t i;
    json_t *event;
    grantex_status status = GRANTEX_OK;
    json_array_foreach(json_object_get(page, "events"), i, event)
    {
        trace_entry entry = {.kind = TRACE_EVENT,
                             .rank = rank_of(cli_json_text(event, "type")),
                             .order = cli_json_int(event, "seq"),
                             .source = event};
        if (status == GRANTEX_OK && trace_concerns(life, event))
            status = add(life, entry, cli_json_text(event, "timestamp"), error);
    }
    const json_t *missed = json_object_get(json_object_get(page, "gap"), "missed");
    life->forgotten += cli_json_int(missed, "total");
    snprintf(life->next, sizeof life->next, "%s", cli_json_text(page, "next"));
    return status;
}

static void tell_progress(trace *life, const json_t *page)
{
    char text[128];
    const json_t *events = json_object_get(page, "events");
    const json_t *last = json_array_get(events, json_array_size(events) - 1);
    snprintf(text, sizeof text, "reading the log: %.24s", cli_json_text(last, "timestamp"));
    if (cli_status_due(life->status))
        cli_status_draw(life->status, text);
}

static grantex_status read_log(trace *life, grantex_error *error)
{
    bool more = true;
    while (more) {
        char path[CLI_PATH_SIZE] = "/v1/events?limit=1000";
        json_t *page;
        cli_path_add(path, life->next[0] ? "after" : "since",
                     life->next[0] ? life->next : cli_json_text(life->grant, "issuedAt"));
        grantex_status status = cli_json_get(life->client, path, &page, error);
        if (status != GRANTEX_OK)
            return status;
        status = take_page(life, page, error);
        tell_progress(life, page);
        more = status == GRANTEX_OK && json_is_true(json_object_get(page, "hasMore"));
        json_decref(page);
        if (status != GRANTEX_OK)
            return status;
    }
    return GRANTEX_OK;
}

/* --- the budget --------------------------------------------------------------------------------------------------- */

static bool is_absent(grantex_status status, const grantex_error *error)
{
    return status == GRANTEX_E_API && error->http_status == 404;
}

static grantex_status take_debits(trace *life, const json_t *page, grantex_error *error)
{
    size_t i;
    json_t *debit;
    life->debits = cli_json_int(page, "total");
    json_array_foreach(json_object_get(page, "transactions"), i, debit)
    {
        trace_entry entry = {.kind = TRACE_DEBIT, .rank = RANK_DEBIT, .source = debit};
        entry.order = -(int64_t)life->count; /* the newest come first */
        grantex_status status = add(life, entry, cli_json_text(debit, "createdAt"), error);
        if (status != GRANTEX_OK)
            return status;
    }
    return GRANTEX_OK;
}

static grantex_status read_debits(trace *life, grantex_error *error)
{
    for (int64_t page = 1, shown = 0; shown < life->most_debits; page++) {
        char path[256];
        json_t *answer;
        int64_t size = life->most_debits < PAGE_OF_DEBITS ? life->most_debits : PAGE_OF_DEBITS;
        snprintf(path, sizeof path, "/v1/budget/transactions/%s?page=%lld&pageSize=%lld", life->id, (long long)page,
                 (long long)size);
        grantex_status status = cli_json_get(life->client, path, &answer, error);
        if (status != GRANTEX_OK)
            return status;
        status = take_debits(life, answer, error);
        shown += size;
        json_decref(answer);
        if (status != GRANTEX_OK || shown >= life->debits)
            return status;
    }
    return GRANTEX_OK;
}

static grantex_status read_budget(trace *life, grantex_error *error)
{
    char path[256];
    snprintf(path, sizeof path, "/v1/budget/balance/%s", life->id);
    grantex_status status = cli_json_get(life->client, path, &life->budget, error);
    if (status != GRANTEX_OK)
        return is_absent(status, error) ? GRANTEX_OK : status;
    const trace_entry entry = {.kind = TRACE_ALLOCATION, .rank = RANK_ALLOCATION, .source = life->budget};
    status = add(life, entry, cli_json_text(life->budget, "createdAt"), error);
    return status == GRANTEX_OK ? read_debits(life, error) : status;
}

/* --- the grant ---------------------------------------------------------------------------------------------------- */

/* An agent that was deleted has no name any more. */
static grantex_status read_agent(trace *life, const char *agent_id, grantex_error *error)
{
    grantex_agent *agent;
    bool no_memory;
    grantex_status status = grantex_agents_get(life->client, agent_id, &agent, error);
    if (status != GRANTEX_OK)
        return is_absent(status, error) ? GRANTEX_OK : status;
    life->agent = cli_json_read(agent->json.text, agent->json.length, &no_memory);
    grantex_agent_free(agent);
    return no_memory ? cli_no_memory(error) : GRANTEX_OK;
}

static grantex_status read_grant(trace *life, const char *grant_id, grantex_error *error)
{
    grantex_grant *grant;
    bool no_memory;
    grantex_status status = grantex_grants_get(life->client, grant_id, &grant, error);
    if (status != GRANTEX_OK)
        return status;
    life->grant = cli_json_read(grant->json.text, grant->json.length, &no_memory);
    snprintf(life->id, sizeof life->id, "%s", grant->id.text);
    status = life->grant ? read_agent(life, grant->agent_id.text, error) : cli_no_memory(error);
    grantex_grant_free(grant);
    return status;
}

grantex_status trace_collect(trace *life, const char *grant_id, grantex_error *error)
{
    grantex_status status = read_grant(life, grant_id, error);
    if (status == GRANTEX_OK)
        status = read_log(life, error);
    if (status == GRANTEX_OK)
        status = read_budget(life, error);
    if (status == GRANTEX_OK && strcmp(cli_json_text(life->grant, "status"), "expired") == 0) {
        const trace_entry entry = {.kind = TRACE_EXPIRY, .rank = RANK_EXPIRY, .source = life->grant};
        status = add(life, entry, cli_json_text(life->grant, "expiresAt"), error);
    }
    if (status == GRANTEX_OK && life->count > 0)
        qsort(life->entries, life->count, sizeof *life->entries, in_time);
    cli_status_clear(life->status);
    return status;
}

void trace_free(trace *life)
{
    for (size_t i = 0; i < life->count; i++)
        json_decref(life->entries[i].source);
    free(life->entries);
    json_decref(life->grant);
    json_decref(life->agent);
    json_decref(life->budget);
    *life = (trace){.count = 0};
}
