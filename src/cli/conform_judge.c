#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/cli.h"
#include "cli/conform.h"

typedef struct field {
    const char *name;
    json_type type; /* JSON_INTEGER: any number */
} field;

static void say(conform_verdict *out, conform_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void say(conform_verdict *out, conform_result result, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(out->reason, sizeof out->reason, format, values);
    va_end(values);
    out->result = result;
}

static void keep(conform_verdict *out)
{
    out->result = CONFORM_KEPT;
    out->reason[0] = '\0';
}

/* --- looking at events -------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *event, const char *name)
{
    const char *text = json_string_value(json_object_get(event, name));
    return text ? text : "";
}

static json_t *data_of(const json_t *event)
{
    return json_object_get(event, "data");
}

static size_t count_of(const conform_stream *stream)
{
    return json_array_size(stream->events);
}

static bool is(const json_t *event, const char *type, const char *grant_id)
{
    return strcmp(text_of(event, "type"), type) == 0 && strcmp(text_of(data_of(event), "grantId"), grant_id) == 0;
}

/* The n-th of that type and grant, from 0 on; NULL when there is none. *at: where it stands. */
static json_t *find(const conform_seen *seen, const char *type, const char *grant_id, size_t n, size_t *at)
{
    size_t index;
    json_t *event;
    json_array_foreach(seen->live.events, index, event) if (is(event, type, grant_id) && n-- == 0)
    {
        if (at)
            *at = index;
        return event;
    }
    return NULL;
}

/* False after saying which field of the payload is not as it was promised. */
static bool has_fields(const json_t *event, const field *fields, conform_verdict *out)
{
    static const char *const kinds[] = {
        [JSON_OBJECT] = "object", [JSON_ARRAY] = "array", [JSON_STRING] = "string", [JSON_INTEGER] = "number"};
    for (; fields->name; fields++) {
        const json_t *value = json_object_get(data_of(event), fields->name);
        bool right = fields->type == JSON_INTEGER ? json_is_number(value) : value && json_typeof(value) == fields->type;
        if (!right)
            return say(out, CONFORM_NOT_KEPT, value ? "%s is no %s" : "%s (%s) is missing", fields->name,
                       kinds[fields->type]),
                   false;
    }
    return true;
}

/* False after saying that there is no such event. */
static bool came(const json_t *event, const char *type, conform_verdict *out)
{
    if (!event)
        say(out, CONFORM_NOT_KEPT, "no %s came", type);
    return event != NULL;
}

static void check_word(const json_t *event, const char *name, const char *word, conform_verdict *out)
{
    const json_t *value = json_object_get(data_of(event), name);
    if (!value)
        say(out, CONFORM_NOT_KEPT, "%s is missing", name);
    else if (strcmp(text_of(data_of(event), name), word) != 0)
        say(out, CONFORM_NOT_KEPT, "%s is \"%s\", not \"%s\"", name, text_of(data_of(event), name), word);
    else
        keep(out);
}

/* --- the connection ----------------------------------------------------------------------------------------------- */

static void judge_opens(const conform_seen *seen, conform_verdict *out)
{
    const conform_stream *live = &seen->live;
    if (live->status == 0)
        say(out, CONFORM_NOT_KEPT, "no answer");
    else if (live->status != 200)
        say(out, CONFORM_NOT_KEPT, "status %d", live->status);
    else if (strncasecmp(live->content_type, "text/event-stream", 17) != 0)
        say(out, CONFORM_NOT_KEPT, "Content-Type is \"%s\"", live->content_type);
    else
        keep(out);
}

static void judge_at_once(const conform_seen *seen, conform_verdict *out)
{
    if (seen->live.open_before_events)
        keep(out);
    else
        say(out, CONFORM_NOT_KEPT, "neither head nor bytes in 3 s, before anything happens");
}

static void judge_stays_open(const conform_seen *seen, conform_verdict *out)
{
    if (seen->live.status == 200 && !seen->live.ended)
        keep(out);
    else
        say(out, CONFORM_NOT_KEPT, "the server ended it");
}

/* --- the envelope ------------------------------------------------------------------------------------------------- */

static void judge_envelope(const conform_seen *seen, conform_verdict *out)
{
    static const char *const names[] = {"id", "type", "timestamp"};
    size_t index;
    json_t *event;
    if (count_of(&seen->live) == 0) {
        say(out, CONFORM_NOT_KEPT, "no event came");
        return;
    }
    keep(out);
    json_array_foreach(seen->live.events, index, event)
    {
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (!text_of(event, names[i])[0]) {
                say(out, CONFORM_NOT_KEPT, "%s is missing%s", names[i],
                    i == 2 && text_of(event, "createdAt")[0] ? " (there is only createdAt)" : "");
                return;
            }
    }
}

static void judge_unique(const conform_seen *seen, conform_verdict *out)
{
    size_t a, b;
    json_t *one, *other;
    json_array_foreach(seen->live.events, a, one) for (b = a + 1; (other = json_array_get(seen->live.events, b));
                                                       b++) if (strcmp(text_of(one, "id"), text_of(other, "id")) == 0)
    {
        say(out, CONFORM_NOT_KEPT, "two events have the id \"%s\"", text_of(one, "id"));
        return;
    }
    if (count_of(&seen->live) == 0)
        say(out, CONFORM_NOT_KEPT, "no event came");
    else
        keep(out);
}

/* --- which, and from where ---------------------------------------------------------------------------------------- */

static void judge_filter(const conform_seen *seen, conform_verdict *out)
{
    size_t index;
    json_t *event;
    json_array_foreach(seen->filtered.events, index, event) if (strcmp(text_of(event, "type"), "budget.threshold") != 0)
    {
        say(out, CONFORM_NOT_KEPT, "types=budget.threshold lets %s through", text_of(event, "type"));
        return;
    }
    if (!seen->acts.budgeted)
        say(out, CONFORM_UNTRIED, "%s", seen->acts.failed);
    else if (count_of(&seen->filtered) == 0)
        say(out, CONFORM_NOT_KEPT, "types=budget.threshold lets nothing through");
    else
        keep(out);
}

/* Whether `stream` shows what `live` did from its `first` event on. */
static void judge_same(const conform_seen *seen, const conform_stream *stream, size_t first, conform_verdict *out)
{
    size_t wanted = count_of(&seen->live) - first;
    if (stream->status != 200) {
        say(out, CONFORM_NOT_KEPT, stream->status ? "status %d" : "no answer", stream->status);
        return;
    }
    if (count_of(stream) < wanted) {
        say(out, CONFORM_NOT_KEPT, "%zu of %zu events came", count_of(stream), wanted);
        return;
    }
    for (size_t i = 0; i < wanted; i++)
        if (strcmp(text_of(json_array_get(stream->events, i), "id"),
                   text_of(json_array_get(seen->live.events, first + i), "id")) != 0) {
            say(out, CONFORM_NOT_KEPT, "the events are others, or come in another order");
            return;
        }
    keep(out);
}

static void judge_since(const conform_seen *seen, conform_verdict *out)
{
    if (count_of(&seen->live) == 0)
        say(out, CONFORM_UNTRIED, "no event came that could be replayed");
    else
        judge_same(seen, &seen->replayed, 0, out);
}

static void judge_resume(const conform_seen *seen, conform_verdict *out)
{
    if (count_of(&seen->live) < 4)
        say(out, CONFORM_UNTRIED, "too few events came");
    else if (!seen->live.third_id[0])
        say(out, CONFORM_NOT_KEPT, "frames have no id line: there is nothing to resume by");
    else
        judge_same(seen, &seen->resumed, 3, out);
}

/* --- grants and tokens -------------------------------------------------------------------------------------------- */

static void judge_created(const conform_seen *seen, conform_verdict *out)
{
    static const field fields[] = {
        {"grantId", JSON_STRING}, {"agentId", JSON_STRING}, {"principalId", JSON_STRING}, {"scopes", JSON_ARRAY}, {0}};
    const json_t *event = find(seen, "grant.created", seen->acts.steps.id, 0, NULL);
    if (!came(event, "grant.created", out) || !has_fields(event, fields, out))
        return;
    if (strcmp(text_of(data_of(event), "agentId"), seen->acts.agent_id) != 0)
        say(out, CONFORM_NOT_KEPT, "agentId is not the agent's");
    else
        check_word(event, "principalId", CONFORM_PRINCIPAL, out);
}

static void judge_token(const conform_seen *seen, size_t n, const char *method, conform_verdict *out)
{
    static const field fields[] = {{"grantId", JSON_STRING}, {"tokenId", JSON_STRING}, {0}};
    const json_t *event = find(seen, "token.issued", seen->acts.steps.id, n, NULL);
    if (came(event, "token.issued", out) && has_fields(event, fields, out))
        check_word(event, "method", method, out);
}

static void judge_exchange(const conform_seen *seen, conform_verdict *out)
{
    judge_token(seen, 0, "exchange", out);
}

static void judge_refresh(const conform_seen *seen, conform_verdict *out)
{
    if (seen->acts.refreshed)
        judge_token(seen, 1, "refresh", out);
    else
        say(out, CONFORM_UNTRIED, "%s", seen->acts.failed);
}

static void judge_order(const conform_seen *seen, conform_verdict *out)
{
    size_t created, issued;
    if (!find(seen, "grant.created", seen->acts.steps.id, 0, &created) ||
        !find(seen, "token.issued", seen->acts.steps.id, 0, &issued))
        say(out, CONFORM_UNTRIED, "one of them did not come");
    else if (issued < created)
        say(out, CONFORM_NOT_KEPT, "token.issued came first");
    else
        keep(out);
}

/* --- budgets ------------------------------------------------------------------------------------------------------ */

static bool has_budget(const conform_seen *seen, conform_verdict *out)
{
    if (!seen->acts.budgeted)
        say(out, CONFORM_UNTRIED, "%s", seen->acts.failed);
    return seen->acts.budgeted;
}

static long long number_of(const json_t *event, const char *name)
{
    return (long long)json_number_value(json_object_get(data_of(event), name));
}

static void judge_threshold(const conform_seen *seen, conform_verdict *out)
{
    static const field fields[] = {
        {"percentage", JSON_INTEGER}, {"remaining", JSON_INTEGER}, {"initial", JSON_INTEGER}, {0}};
    const json_t *event = find(seen, "budget.threshold", seen->acts.steps.id, 0, NULL);
    if (!has_budget(seen, out) || !came(event, "budget.threshold", out) || !has_fields(event, fields, out))
        return;
    if (number_of(event, "remaining") != CONFORM_BUDGET / 2 || number_of(event, "initial") != CONFORM_BUDGET)
        say(out, CONFORM_NOT_KEPT, "after 500 of 1000, remaining is %lld and initial is %lld",
            number_of(event, "remaining"), number_of(event, "initial"));
    else
        keep(out);
}

/* "50 50 80": as they came, whatever the field is called. */
static void write_percentages(const conform_seen *seen, const char *grant_id, char *out, size_t size)
{
    const json_t *event;
    size_t length = 0;
    out[0] = '\0';
    for (size_t n = 0; (event = find(seen, "budget.threshold", grant_id, n, NULL)) && length < size; n++) {
        long long percentage = number_of(event, json_object_get(data_of(event), "percentage") ? "percentage" : "pct");
        length += (size_t)snprintf(out + length, size - length, "%s%lld", n > 0 ? " " : "", percentage);
    }
}

static void judge_crossings(const conform_seen *seen, conform_verdict *out)
{
    char steps[100], jump[100];
    if (!has_budget(seen, out))
        return;
    write_percentages(seen, seen->acts.steps.id, steps, sizeof steps);
    write_percentages(seen, seen->acts.jump.id, jump, sizeof jump);
    if (strcmp(steps, "50 80") != 0)
        say(out, CONFORM_NOT_KEPT, "500, 100, 250, 50 and 100 of 1000 gave [%s], not [50 80]", steps);
    else if (strcmp(jump, "50 80") != 0)
        say(out, CONFORM_NOT_KEPT, "1000 of 1000 at once gave [%s], not [50 80]", jump);
    else
        keep(out);
}

static void judge_exhausted(const conform_seen *seen, conform_verdict *out)
{
    static const field fields[] = {{"grantId", JSON_STRING}, {"initial", JSON_INTEGER}, {0}};
    const json_t *event = find(seen, "budget.exhausted", seen->acts.steps.id, 0, NULL);
    if (!has_budget(seen, out) || !came(event, "budget.exhausted", out) || !has_fields(event, fields, out))
        return;
    if (find(seen, "budget.exhausted", seen->acts.steps.id, 1, NULL))
        say(out, CONFORM_NOT_KEPT, "it came twice");
    else
        keep(out);
}

/* --- revocations -------------------------------------------------------------------------------------------------- */

static void judge_revoked(const conform_seen *seen, bool done, const char *grant_id, const char *by,
                          conform_verdict *out)
{
    const json_t *event = find(seen, "grant.revoked", grant_id, 0, NULL);
    if (!done)
        say(out, CONFORM_UNTRIED, "%s", seen->acts.failed);
    else if (came(event, "grant.revoked", out))
        check_word(event, "revokedBy", by, out);
}

static void judge_developer(const conform_seen *seen, conform_verdict *out)
{
    judge_revoked(seen, seen->acts.by_developer, seen->acts.steps.id, "developer", out);
}

static void judge_principal(const conform_seen *seen, conform_verdict *out)
{
    judge_revoked(seen, seen->acts.by_principal, seen->acts.jump.id, "principal", out);
}

static void judge_system(const conform_seen *seen, conform_verdict *out)
{
    judge_revoked(seen, seen->acts.delegated && seen->acts.by_developer, seen->acts.child.id, "system", out);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *promise;
    void (*judge)(const conform_seen *seen, conform_verdict *out);
} PROMISES[CONFORM_PROMISES] = {
    {"a stream opens", judge_opens},
    {"it opens at once", judge_at_once},
    {"it stays open", judge_stays_open},
    {"an event has id, type, timestamp, data", judge_envelope},
    {"ids are unique", judge_unique},
    {"a filter lets through what it names", judge_filter},
    {"since replays", judge_since},
    {"a stream resumes by Last-Event-ID", judge_resume},
    {"grant.created: grantId, agentId, principalId, scopes", judge_created},
    {"token.issued: grantId, tokenId, method exchange", judge_exchange},
    {"token.issued: method refresh", judge_refresh},
    {"grant.created comes before its token.issued", judge_order},
    {"budget.threshold: percentage, remaining, initial", judge_threshold},
    {"each threshold is told when it is crossed, once", judge_crossings},
    {"budget.exhausted: grantId, initial", judge_exhausted},
    {"grant.revoked: revokedBy developer", judge_developer},
    {"grant.revoked: revokedBy principal", judge_principal},
    {"grant.revoked of each grant below: revokedBy system", judge_system},
};

void conform_judge(const conform_seen *seen, conform_verdict verdicts[static CONFORM_PROMISES])
{
    for (int i = 0; i < CONFORM_PROMISES; i++) {
        verdicts[i].promise = PROMISES[i].promise;
        PROMISES[i].judge(seen, &verdicts[i]);
    }
}
