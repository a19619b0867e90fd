#include <stdlib.h>
#include <string.h>

#include "cli/json_get.h"
#include "cli/moment.h"
#include "cli/output.h"
#include "cli/trace.h"

#define TIME_WIDTH 23 /* "2026-11-26 14:05:12.031" */
#define WORD_WIDTH 11

/* --- what happened ------------------------------------------------------------------------------------------------ */

static void put_pair(FILE *out, const char *label, const char *text)
{
    if (!text[0])
        return;
    fprintf(out, "%s ", label);
    cli_put_text(out, text);
    fputs("  ", out);
}

/* Amounts are numbers in events and texts with four decimals elsewhere. */
static void put_amount(FILE *out, const char *label, const json_t *amount)
{
    char text[GRANTEX_MONEY_SIZE];
    int64_t value;
    if (json_is_string(amount) && grantex_money_parse(json_string_value(amount), &value) == GRANTEX_OK)
        fprintf(out, "%s%s", label, grantex_money_format(value, text));
    else if (json_is_number(amount))
        fprintf(out, "%s%.10g", label, json_number_value(amount));
}

static void put_scopes(FILE *out, const json_t *scopes)
{
    size_t i;
    json_t *scope;
    json_array_foreach(scopes, i, scope)
    {
        fputs(i > 0 ? " " : "", out);
        cli_put_text(out, json_is_string(scope) ? json_string_value(scope) : "?");
    }
}

static bool is_own(const trace *life, const json_t *data)
{
    return strcmp(cli_json_text(data, "grantId"), life->id) == 0;
}

static void put_created(FILE *out, const trace *life, const json_t *data)
{
    if (is_own(life, data))
        put_pair(out, "agent", life->agent ? cli_json_text(life->agent, "name") : cli_json_text(data, "agentId"));
    else
        put_pair(out, "to", cli_json_text(data, "agentId"));
    if (is_own(life, data))
        put_pair(out, "for", cli_json_text(data, "principalId"));
    else
        put_pair(out, "grant", cli_json_text(data, "grantId"));
    put_scopes(out, json_object_get(data, "scopes"));
}

static void put_revoked(FILE *out, const trace *life, const json_t *data)
{
    if (!is_own(life, data))
        put_pair(out, "with it", cli_json_text(data, "grantId"));
    put_pair(out, "by", cli_json_text(data, "revokedBy"));
    const char *root = cli_json_text(data, "rootGrantId");
    if (is_own(life, data) && root[0] && strcmp(root, life->id) != 0)
        put_pair(out, "because of", root);
}

static void put_issued(FILE *out, const trace *life, const json_t *data)
{
    (void)life;
    put_pair(out, "by", cli_json_text(data, "method"));
    cli_put_text(out, cli_json_text(data, "tokenId"));
}

static void put_threshold(FILE *out, const trace *life, const json_t *data)
{
    (void)life;
    fprintf(out, "%lld %% used  ", (long long)cli_json_int(data, "percentage"));
    put_amount(out, "", json_object_get(data, "remaining"));
    put_amount(out, " left of ", json_object_get(data, "initial"));
}

static void put_exhausted(FILE *out, const trace *life, const json_t *data)
{
    (void)life;
    put_amount(out, "nothing left of ", json_object_get(data, "initial"));
}

static void put_allocation(FILE *out, const trace *life, const json_t *budget)
{
    (void)life;
    put_amount(out, "", json_object_get(budget, "initialBudget"));
    put_pair(out, "", cli_json_text(budget, "currency"));
}

static void put_debit(FILE *out, const trace *life, const json_t *debit)
{
    (void)life;
    put_amount(out, "", json_object_get(debit, "amount"));
    put_pair(out, " ", cli_json_text(debit, "description"));
}

static void put_nothing(FILE *out, const trace *life, const json_t *source)
{
    (void)out;
    (void)life;
    (void)source;
}

typedef struct form {
    const char *word;
    cli_color color;
    void (*put)(FILE *out, const trace *life, const json_t *source);
} form;

static const struct {
    const char *type;
    form form;
} events[] = {
    {"grant.created", {"created", CLI_GREEN, put_created}},
    {"grant.revoked", {"revoked", CLI_RED, put_revoked}},
    {"token.issued", {"token", CLI_CYAN, put_issued}},
    {"budget.threshold", {"threshold", CLI_YELLOW, put_threshold}},
    {"budget.exhausted", {"exhausted", CLI_RED, put_exhausted}},
};

static const form others[] = {
    [TRACE_ALLOCATION] = {"allocated", CLI_GREEN, put_allocation},
    [TRACE_DEBIT] = {"debit", CLI_PLAIN, put_debit},
    [TRACE_EXPIRY] = {"expired", CLI_RED, put_nothing},
};

static form form_of(const trace *life, const trace_entry *entry)
{
    const char *type = cli_json_text(entry->source, "type");
    if (entry->kind != TRACE_EVENT)
        return others[entry->kind];
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (strcmp(events[i].type, type) == 0 && (i > 0 || is_own(life, json_object_get(entry->source, "data"))))
            return events[i].form;
    if (strcmp(events[0].type, type) == 0) /* another's beginning: what this one gave away */
        return (form){"delegated", CLI_GREEN, put_created};
    return (form){type, CLI_PLAIN, put_nothing};
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void put_time(FILE *out, int64_t at_ms)
{
    char text[32] = "";
    struct tm utc;
    time_t seconds = (time_t)(at_ms / 1000);
    if (gmtime_r(&seconds, &utc))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    fprintf(out, "%s.%03d  ", text, (int)(at_ms % 1000));
}

static char *new_detail(const trace *life, const trace_entry *entry, const form *written)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return NULL;
    const json_t *data = json_object_get(entry->source, "data");
    written->put(memory, life, entry->kind == TRACE_EVENT ? data : entry->source);
    if (fclose(memory) != 0)
        return free(text), NULL;
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    return text;
}

void trace_put_entry(FILE *out, bool color, int columns, const trace *life, const trace_entry *entry)
{
    const form written = form_of(life, entry);
    const int before = TIME_WIDTH + 2 + WORD_WIDTH + 2;
    char *detail = new_detail(life, entry, &written);
    put_time(out, entry->at_ms);
    cli_paint(out, color && written.color != CLI_PLAIN, written.color);
    cli_put_cell(out, (grantex_text){written.word, strlen(written.word)}, WORD_WIDTH);
    cli_paint(out, color && written.color != CLI_PLAIN, CLI_PLAIN);
    if (detail && columns > before)
        cli_put_cut(out, detail, columns - before);
    else if (detail)
        fputs(detail, out);
    fputc('\n', out);
    free(detail);
}

static void put_field(FILE *out, const char *label, const char *text)
{
    cli_put_field(out, label, (grantex_text){text, strlen(text)});
}

void trace_put_head(FILE *out, const trace *life)
{
    put_field(out, "grant", life->id);
    put_field(out, "status", cli_json_text(life->grant, "status"));
    if (life->agent)
        put_field(out, "agent", cli_json_text(life->agent, "name"));
    put_field(out, "agent id", cli_json_text(life->grant, "agentId"));
    put_field(out, "principal", cli_json_text(life->grant, "principalId"));
    put_field(out, "parent", cli_json_text(life->grant, "parentGrantId"));
    put_field(out, "expires", cli_json_text(life->grant, "expiresAt"));
    if (life->budget) {
        fprintf(out, "%-12s", "budget");
        put_amount(out, "", json_object_get(life->budget, "remainingBudget"));
        put_amount(out, " left of ", json_object_get(life->budget, "initialBudget"));
        fputc(' ', out);
        cli_put_text(out, cli_json_text(life->budget, "currency"));
        fputc('\n', out);
    }
    fputc('\n', out);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* NULL when out of memory. */
static json_t *entry_json(const trace_entry *entry)
{
    static const char *const names[] = {
        [TRACE_EVENT] = "event", [TRACE_ALLOCATION] = "allocation", [TRACE_DEBIT] = "debit", [TRACE_EXPIRY] = "expiry"};
    static const char *const times[] = {[TRACE_EVENT] = "timestamp",
                                        [TRACE_ALLOCATION] = "createdAt",
                                        [TRACE_DEBIT] = "createdAt",
                                        [TRACE_EXPIRY] = "expiresAt"};
    json_t *out =
        json_pack("{s:s, s:s}", "at", cli_json_text(entry->source, times[entry->kind]), "kind", names[entry->kind]);
    bool good = out != NULL;
    if (entry->kind == TRACE_EVENT || entry->kind == TRACE_DEBIT)
        good = json_object_set(out, names[entry->kind], entry->source) == 0;
    if (good)
        return out;
    json_decref(out);
    return NULL;
}

json_t *trace_json(const trace *life)
{
    json_t *timeline = json_array();
    for (size_t i = 0; i < life->count; i++)
        if (json_array_append_new(timeline, entry_json(&life->entries[i])) != 0) {
            json_decref(timeline);
            return NULL;
        }
    return json_pack("{s:O, s:O?, s:O?, s:o, s:I, s:I}", "grant", life->grant, "agent", life->agent, "budget",
                     life->budget, "timeline", timeline, "debits", (json_int_t)life->debits, "forgottenEvents",
                     (json_int_t)life->forgotten);
}
