#include <jansson.h>
#include <stdlib.h>

#include "cli/doctor.h"
#include "cli/json_get.h"
#include "cli/output.h"

static const struct {
    const char *mark, *word;
    cli_color color;
} RESULTS[] = {
    [DOCTOR_UNKNOWN] = {"–", "unknown", CLI_DIM},
    [DOCTOR_GOOD] = {"✓", "good", CLI_GREEN},
    [DOCTOR_ADVICE] = {"!", "advice", CLI_YELLOW},
    [DOCTOR_BAD] = {"✗", "bad", CLI_RED},
};

static bool wants_fix(const doctor_finding *finding)
{
    return finding->by_proxy && (finding->result == DOCTOR_BAD || finding->result == DOCTOR_ADVICE);
}

static bool shows(doctor_proxy wanted, int proxy)
{
    return wanted == DOCTOR_PROXIES || (int)wanted == proxy;
}

static void print_fixes(FILE *out, doctor_check check, doctor_proxy wanted)
{
    for (int proxy = 0; proxy < DOCTOR_PROXIES; proxy++)
        for (const char *const *line = doctor_fixes(check, (doctor_proxy)proxy); shows(wanted, proxy) && *line; line++)
            fprintf(out, "    %s: %s\n", doctor_proxy_name((doctor_proxy)proxy), *line);
}

static void print_sum(FILE *out, const doctor_finding *findings)
{
    int counts[DOCTOR_BAD + 1] = {0};
    for (int check = 0; check < DOCTOR_CHECKS; check++)
        counts[findings[check].result]++;
    fprintf(out, "%d good, %d bad, %d could be better, %d not measured\n", counts[DOCTOR_GOOD], counts[DOCTOR_BAD],
            counts[DOCTOR_ADVICE], counts[DOCTOR_UNKNOWN]);
}

void doctor_print(FILE *out, bool color, doctor_proxy proxy, const doctor_finding findings[static DOCTOR_CHECKS])
{
    for (int check = 0; check < DOCTOR_CHECKS; check++) {
        const doctor_finding *finding = &findings[check];
        cli_paint(out, color, RESULTS[finding->result].color);
        fputs(RESULTS[finding->result].mark, out);
        cli_paint(out, color, CLI_PLAIN);
        fprintf(out, " %-12s  ", doctor_check_name((doctor_check)check));
        cli_put_text(out, finding->text);
        fputs("\n", out);
        if (wants_fix(finding))
            print_fixes(out, (doctor_check)check, proxy);
    }
    print_sum(out, findings);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* NULL when out of memory. */
static json_t *fixes_of(doctor_check check, doctor_proxy wanted)
{
    json_t *all = json_object();
    bool good = all != NULL;
    for (int proxy = 0; proxy < DOCTOR_PROXIES; proxy++) {
        json_t *lines = json_array();
        for (const char *const *line = doctor_fixes(check, (doctor_proxy)proxy); *line; line++)
            good = json_array_append_new(lines, json_string(*line)) == 0 && good;
        if (shows(wanted, proxy) && json_array_size(lines) > 0)
            good = json_object_set(all, doctor_proxy_name((doctor_proxy)proxy), lines) == 0 && good;
        json_decref(lines);
    }
    if (good)
        return all;
    json_decref(all);
    return NULL;
}

bool doctor_print_json(FILE *out, const char *url, doctor_proxy proxy,
                       const doctor_finding findings[static DOCTOR_CHECKS])
{
    json_t *checks = json_array();
    bool good = true, whole = true;
    for (int check = 0; check < DOCTOR_CHECKS; check++) {
        const doctor_finding *finding = &findings[check];
        json_t *one = json_pack("{s:s, s:s, s:s}", "check", doctor_check_name((doctor_check)check), "result",
                                RESULTS[finding->result].word, "detail", finding->text);
        if (wants_fix(finding))
            whole = json_object_set_new(one, "fixes", fixes_of((doctor_check)check, proxy)) == 0 && whole;
        whole = json_array_append_new(checks, one) == 0 && whole;
        good = good && finding->result != DOCTOR_BAD;
    }
    json_t *report = json_pack("{s:s, s:b, s:o}", "url", url, "good", good, "checks", checks);
    if (whole)
        return cli_json_print(out, report);
    json_decref(report);
    return false;
}
