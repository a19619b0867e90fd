/* What conform makes of what it saw: a server that keeps everything, and the same with one thing changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/conform.h"

static void add(json_t *events, const char *type, const char *data)
{
    char id[16];
    snprintf(id, sizeof id, "evt_%02zu", json_array_size(events) + 1);
    json_t *payload = json_loads(data, 0, NULL);
    assert_non_null(payload);
    json_array_append_new(events, json_pack("{s:s, s:s, s:s, s:o}", "id", id, "type", type, "timestamp",
                                            "2026-11-26T00:00:00.000Z", "data", payload));
}

static void add_grant(json_t *events, const char *id)
{
    char data[256];
    snprintf(data, sizeof data,
             "{\"grantId\":\"%s\",\"agentId\":\"ag_1\",\"principalId\":\"grantex-conform\",\"scopes\":[\"a\"]}", id);
    add(events, "grant.created", data);
    snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"tokenId\":\"tok_%s\",\"method\":\"exchange\"}", id, id);
    add(events, "token.issued", data);
}

static void add_threshold(json_t *events, const char *id, int percentage, int remaining)
{
    char data[160];
    snprintf(data, sizeof data, "{\"grantId\":\"%s\",\"percentage\":%d,\"remaining\":%d,\"initial\":1000}", id,
             percentage, remaining);
    add(events, "budget.threshold", data);
}

static json_t *all_events(void)
{
    json_t *events = json_array();
    add_grant(events, "steps");
    add(events, "token.issued", "{\"grantId\":\"steps\",\"tokenId\":\"tok_2\",\"method\":\"refresh\"}");
    add_grant(events, "jump");
    add_threshold(events, "steps", 50, 500);
    add_threshold(events, "steps", 80, 150);
    add(events, "budget.exhausted", "{\"grantId\":\"steps\",\"initial\":1000}");
    add_threshold(events, "jump", 50, 0);
    add_threshold(events, "jump", 80, 0);
    add(events, "budget.exhausted", "{\"grantId\":\"jump\",\"initial\":1000}");
    add_grant(events, "child");
    add(events, "grant.revoked", "{\"grantId\":\"jump\",\"revokedBy\":\"principal\"}");
    add(events, "grant.revoked", "{\"grantId\":\"steps\",\"revokedBy\":\"developer\"}");
    add(events, "grant.revoked", "{\"grantId\":\"child\",\"revokedBy\":\"system\"}");
    return events;
}

static json_t *part_of(const json_t *events, size_t first, const char *type)
{
    json_t *part = json_array();
    for (size_t i = first; i < json_array_size(events); i++) {
        json_t *event = json_array_get(events, i);
        if (!type || strcmp(json_string_value(json_object_get(event, "type")), type) == 0)
            json_array_append(part, event);
    }
    return part;
}

static conform_stream stream_of(json_t *events)
{
    return (conform_stream){.status = 200,
                            .content_type = "text/event-stream",
                            .open_before_events = true,
                            .events = events,
                            .third_id = "evt_03"};
}

static conform_seen faithful(void)
{
    json_t *events = all_events();
    return (conform_seen){
        .acts = {.agent_id = "ag_1",
                 .steps = {.id = "steps"},
                 .jump = {.id = "jump"},
                 .child = {.id = "child"},
                 .refreshed = true,
                 .budgeted = true,
                 .delegated = true,
                 .by_developer = true,
                 .by_principal = true},
        .live = stream_of(events),
        .filtered = stream_of(part_of(events, 0, "budget.threshold")),
        .replayed = stream_of(part_of(events, 0, NULL)),
        .resumed = stream_of(part_of(events, 3, NULL)),
    };
}

/* All but that promise are kept; NULL: all. `seen` is forgotten. */
static void assert_broken(conform_seen *seen, const char *promise, const char *reason)
{
    conform_verdict verdicts[CONFORM_PROMISES];
    int broken = 0;
    conform_judge(seen, verdicts);
    for (int i = 0; i < CONFORM_PROMISES; i++) {
        if (verdicts[i].result == CONFORM_KEPT) {
            assert_string_equal(verdicts[i].reason, "");
            continue;
        }
        broken++;
        if (!promise || !strstr(verdicts[i].promise, promise) || !strstr(verdicts[i].reason, reason))
            fail_msg("%s: \"%s\"", verdicts[i].promise, verdicts[i].reason);
    }
    assert_int_equal(broken, promise ? 1 : 0);
    conform_forget(seen);
}

static json_t *nth(const conform_seen *seen, const char *type, size_t n)
{
    json_t *of_type = part_of(seen->live.events, 0, type), *event = json_array_get(of_type, n);
    json_decref(of_type);
    assert_non_null(event);
    return event;
}

static json_t *data(const conform_seen *seen, const char *type, size_t n)
{
    return json_object_get(nth(seen, type, n), "data");
}

#define BROKEN(change, promise, reason)                                                                                \
    do {                                                                                                               \
        conform_seen s = faithful();                                                                                   \
        change;                                                                                                        \
        assert_broken(&s, promise, reason);                                                                            \
    } while (0)

static void a_server_that_keeps_everything_is_told_so(void **state)
{
    (void)state;
    BROKEN((void)0, NULL, NULL);
}

static void each_promise_is_broken_by_itself(void **state)
{
    (void)state;
    BROKEN(strcpy(s.live.content_type, "text/html"), "a stream opens", "text/html");
    BROKEN(s.live.open_before_events = false, "opens at once", "before anything happens");
    BROKEN(s.live.ended = true, "stays open", "ended");
    BROKEN(json_object_del(nth(&s, "grant.revoked", 0), "timestamp"), "has id, type, timestamp", "timestamp");
    BROKEN(json_array_append(s.filtered.events, nth(&s, "grant.created", 0)), "filter", "lets grant.created through");
    BROKEN(json_array_clear(s.filtered.events), "filter", "nothing through");
    BROKEN(json_array_remove(s.replayed.events, 3), "since", "15 of 16");
    BROKEN(json_array_set(s.replayed.events, 3, json_array_get(s.live.events, 0)), "since", "others");
    BROKEN(s.replayed.status = 0, "since", "no answer");
    BROKEN(s.resumed.status = 400, "Last-Event-ID", "status 400");
    BROKEN(s.live.third_id[0] = '\0', "Last-Event-ID", "no id line");
    BROKEN(json_object_set_new(data(&s, "grant.created", 0), "scopes", json_string("a")), "grant.created: grantId",
           "scopes is no array");
    BROKEN(json_object_set_new(data(&s, "grant.created", 0), "agentId", json_string("ag_2")), "grant.created: grantId",
           "not the agent's");
    BROKEN(json_object_del(data(&s, "token.issued", 0), "tokenId"), "method exchange", "tokenId (string) is missing");
    BROKEN(json_object_set_new(data(&s, "token.issued", 1), "method", json_string("exchange")), "method refresh",
           "is \"exchange\", not \"refresh\"");
    BROKEN(json_object_set_new(data(&s, "budget.threshold", 0), "remaining", json_string("500.0000")),
           "budget.threshold: ", "remaining is no number");
    BROKEN(json_object_set_new(data(&s, "budget.threshold", 0), "remaining", json_integer(499)),
           "budget.threshold: ", "499");
    BROKEN(json_object_set_new(data(&s, "budget.threshold", 1), "percentage", json_integer(50)), "crossed, once",
           "[50 50]");
    BROKEN(json_object_set_new(data(&s, "budget.threshold", 2), "percentage", json_integer(80)), "crossed, once",
           "at once gave [80 80]");
    BROKEN(json_object_del(data(&s, "budget.exhausted", 0), "initial"), "exhausted", "initial (number) is missing");
    BROKEN(json_object_set_new(data(&s, "budget.exhausted", 1), "grantId", json_string("steps")), "exhausted", "twice");
    BROKEN(json_object_set_new(data(&s, "grant.revoked", 1), "revokedBy", json_string("user")), "revokedBy developer",
           "\"user\"");
    BROKEN(json_object_del(data(&s, "grant.revoked", 0), "revokedBy"), "revokedBy principal", "missing");
    BROKEN(json_object_set_new(data(&s, "grant.revoked", 2), "grantId", json_string("none")), "revokedBy system",
           "no grant.revoked came");
}

static void two_events_with_one_id_are_found(void **state)
{
    (void)state;
    conform_seen s = faithful();
    json_object_set(nth(&s, "grant.revoked", 0), "id", json_object_get(nth(&s, "grant.created", 0), "id"));
    assert_broken(&s, "unique", "evt_01");
}

static void a_token_that_overtakes_its_grant_is_found(void **state)
{
    (void)state;
    conform_seen s = faithful();
    json_t *first = json_incref(json_array_get(s.live.events, 0));
    json_t *lists[] = {s.live.events, s.replayed.events};
    for (size_t i = 0; i < 2; i++) {
        json_array_remove(lists[i], 0);
        json_array_insert(lists[i], 1, first);
    }
    json_decref(first);
    assert_broken(&s, "comes before", "came first");
}

static void what_could_not_be_done_is_untried_and_not_broken(void **state)
{
    (void)state;
    conform_seen s = faithful();
    conform_verdict verdicts[CONFORM_PROMISES];
    s.acts.budgeted = s.acts.refreshed = s.acts.delegated = s.acts.by_principal = false;
    strcpy(s.acts.failed, "refresh: not here");
    conform_judge(&s, verdicts);
    int untried = 0;
    for (int i = 0; i < CONFORM_PROMISES; i++) {
        assert_int_not_equal(verdicts[i].result, CONFORM_NOT_KEPT);
        if (verdicts[i].result == CONFORM_UNTRIED)
            assert_string_equal(verdicts[i].reason, "refresh: not here");
        untried += verdicts[i].result == CONFORM_UNTRIED;
    }
    assert_int_equal(untried, 7);
    conform_forget(&s);
}

static void of_a_server_that_says_nothing_nothing_is_kept(void **state)
{
    (void)state;
    conform_seen s = {.acts = {.steps = {.id = "steps"}, .refreshed = true, .budgeted = true}};
    conform_verdict verdicts[CONFORM_PROMISES];
    conform_judge(&s, verdicts);
    for (int i = 0; i < CONFORM_PROMISES; i++)
        assert_int_not_equal(verdicts[i].result, CONFORM_KEPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_keeps_everything_is_told_so),
        cmocka_unit_test(each_promise_is_broken_by_itself),
        cmocka_unit_test(two_events_with_one_id_are_found),
        cmocka_unit_test(a_token_that_overtakes_its_grant_is_found),
        cmocka_unit_test(what_could_not_be_done_is_untried_and_not_broken),
        cmocka_unit_test(of_a_server_that_says_nothing_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
