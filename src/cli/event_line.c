#include "cli/event_line.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "grantex/budgets.h"

#define TIME_WIDTH  12
#define SEQ_WIDTH   8
#define TYPE_WIDTH  16
#define GRANT_WIDTH 13
#define DATE_LENGTH 10

/* --- columns ------------------------------------------------------------------------------------------------------ */

static void put_grant(FILE *out, grantex_text id)
{
    int columns = cli_put_short_id(out, id);
    fprintf(out, "%*s", columns < GRANT_WIDTH ? GRANT_WIDTH - columns + 3 : 3, "");
}

static void put_pair(FILE *out, const char *label, grantex_text text)
{
    if (text.length == 0)
        return;
    fprintf(out, "%s ", label);
    cli_put_bytes(out, text);
    fputs("  ", out);
}

static void put_money(FILE *out, const char *label, int64_t amount)
{
    char text[GRANTEX_MONEY_SIZE];
    if (amount >= 0)
        fprintf(out, "%s %s", label, grantex_money_format(amount, text));
}

/* --- grant and detail, by type; false when the payload is not what it should be ----------------------------------- */

/* Nobody reads 29 characters of an id; --json has them. */
static void put_id(FILE *out, const char *label, grantex_text id)
{
    fprintf(out, "%s ", label);
    cli_put_short_id(out, id);
    fputs("  ", out);
}

static bool put_grant_created(FILE *out, const grantex_event *event)
{
    grantex_grant_created created;
    if (grantex_event_grant_created(event, &created) != GRANTEX_OK)
        return false;
    put_grant(out, created.grant_id);
    put_id(out, "agent", created.agent_id);
    put_pair(out, "for", created.principal_id);
    cli_put_texts(out, created.scopes, created.scope_count);
    return true;
}

static bool put_grant_revoked(FILE *out, const grantex_event *event)
{
    grantex_grant_revoked revoked;
    if (grantex_event_grant_revoked(event, &revoked) != GRANTEX_OK)
        return false;
    put_grant(out, revoked.grant_id);
    put_pair(out, "by", revoked.revoked_by);
    return true;
}

static bool put_token_issued(FILE *out, const grantex_event *event)
{
    grantex_token_issued issued;
    if (grantex_event_token_issued(event, &issued) != GRANTEX_OK)
        return false;
    put_grant(out, issued.grant_id);
    put_pair(out, "by", issued.method);
    cli_put_bytes(out, issued.token_id);
    return true;
}

static bool put_budget_threshold(FILE *out, const grantex_event *event)
{
    grantex_budget_threshold threshold;
    if (grantex_event_budget_threshold(event, &threshold) != GRANTEX_OK)
        return false;
    put_grant(out, threshold.grant_id);
    fprintf(out, "%3lld%%  ", (long long)threshold.percentage);
    put_money(out, "remaining", threshold.remaining);
    put_money(out, " of", threshold.initial);
    return true;
}

static bool put_budget_exhausted(FILE *out, const grantex_event *event)
{
    grantex_budget_exhausted exhausted;
    if (grantex_event_budget_exhausted(event, &exhausted) != GRANTEX_OK)
        return false;
    put_grant(out, exhausted.grant_id);
    put_money(out, "initial", exhausted.initial);
    return true;
}

static const struct kind {
    const char *type;
    cli_color color;
    bool (*put)(FILE *out, const grantex_event *event);
} kinds[] = {
    {"grant.created", CLI_GREEN, put_grant_created},     {"grant.revoked", CLI_RED, put_grant_revoked},
    {"token.issued", CLI_CYAN, put_token_issued},        {"budget.threshold", CLI_YELLOW, put_budget_threshold},
    {"budget.exhausted", CLI_RED, put_budget_exhausted},
};

static const struct kind *find_kind(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return NULL;
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static bool is_usual_time(grantex_text time)
{
    return time.length >= DATE_LENGTH + 1 + TIME_WIDTH && time.text[DATE_LENGTH] == 'T';
}

static void put_new_day(FILE *out, bool color, grantex_text time, char *day)
{
    if (!is_usual_time(time) || strncmp(day, time.text, DATE_LENGTH) == 0)
        return;
    memcpy(day, time.text, DATE_LENGTH);
    day[DATE_LENGTH] = '\0';
    cli_paint(out, color, CLI_DIM);
    fputs("-- ", out);
    cli_put_text(out, day);
    fputs(" --", out);
    cli_paint(out, color, CLI_PLAIN);
    fputc('\n', out);
}

static void put_time(FILE *out, grantex_text time)
{
    if (is_usual_time(time))
        time = (grantex_text){time.text + DATE_LENGTH + 1, TIME_WIDTH};
    cli_put_cell(out, time, TIME_WIDTH);
}

void cli_put_event_header(FILE *out, bool color)
{
    cli_paint(out, color, CLI_DIM);
    fprintf(out, "%-*s  %*s  %-*s  %-*s   %s", TIME_WIDTH, "TIME (UTC)", SEQ_WIDTH, "SEQ", TYPE_WIDTH, "TYPE",
            GRANT_WIDTH, "GRANT", "DETAIL");
    cli_paint(out, color, CLI_PLAIN);
    fputc('\n', out);
}

/* Grant and detail, which are as long as they like. */
static void put_rest(FILE *out, const struct kind *kind, const grantex_event *event)
{
    if (!kind || !kind->put(out, event))
        cli_put_bytes(out, event->data);
}

static void put_rest_cut(FILE *out, const struct kind *kind, const grantex_event *event, int columns)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return;
    put_rest(memory, kind, event);
    if (fclose(memory) == 0)
        cli_put_cut(out, text, columns);
    free(text);
}

void cli_put_event_line(FILE *out, bool color, int columns, const grantex_event *event, char *day)
{
    const struct kind *kind = find_kind(event->type.text);
    const int before = TIME_WIDTH + 2 + SEQ_WIDTH + 2 + TYPE_WIDTH + 2;
    put_new_day(out, color, event->timestamp, day);
    put_time(out, event->timestamp);
    if (event->seq > 0)
        fprintf(out, "%*lld  ", SEQ_WIDTH, (long long)event->seq);
    else
        fprintf(out, "%*s  ", SEQ_WIDTH, "-");
    cli_paint(out, color && kind, kind ? kind->color : CLI_PLAIN);
    cli_put_cell(out, event->type, TYPE_WIDTH);
    cli_paint(out, color && kind, CLI_PLAIN);
    if (columns > before)
        put_rest_cut(out, kind, event, columns - before);
    else
        put_rest(out, kind, event);
    fputc('\n', out);
}
