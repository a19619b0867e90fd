/* The command line of grantexd: what each option takes, what it refuses, and what becomes of the words afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/options.h"

enum { MOST_WORDS = 6, MOST_WORD = 128 };

/* What main() is given: words that may be written into. The options point into them. */
typedef struct line {
    char text[MOST_WORDS][MOST_WORD];
    char *words[MOST_WORDS + 1];
    gx_options options;
} line;

/* Two words stand before the options; the messages are for people, and go where tests do not look. */
static bool read_line(line *at, int command, int count, const char *const *words)
{
    for (int i = 0; i < MOST_WORDS; i++)
        at->words[i] = at->text[i];
    strcpy(at->text[0], "grantexd");
    strcpy(at->text[1], "command");
    for (int i = 0; i < count; i++)
        strcpy(at->text[2 + i], words[i]);
    at->words[2 + count] = NULL;
    return gx_options_read(&at->options, command, 2 + count, at->words);
}

static bool read_one(line *at, int command, const char *name, const char *value)
{
    return read_line(at, command, value != NULL ? 2 : 1, (const char *const[]){name, value});
}

/* --- numbers --- */

typedef struct number {
    const char *name;
    size_t place, size;
    const char *least, *most, *below, *above;
} number;

#define NUMBER(name, member, ...)                                                                                      \
    {                                                                                                                  \
        name, offsetof(gx_options, member), sizeof((gx_options *)0)->member, __VA_ARGS__                               \
    }

static long long number_at(const gx_options *options, const number *of)
{
    const char *at = (const char *)options + of->place;
    int small;
    long long large;
    memcpy(&small, at, sizeof small);
    memcpy(&large, at, sizeof large);
    return of->size == sizeof small ? small : large;
}

static void a_number_keeps_its_bounds(void **state)
{
    (void)state;
    static const number NUMBERS[] = {
        NUMBER("--webhook-timeout", webhook_timeout_ms, "50", "600000", "49", "600001"),
        NUMBER("--heartbeat", heartbeat_ms, "50", "3600000", "49", "3600001"),
        NUMBER("--drain", drain_ms, "1", "3600000", "0", "3600001"),
        NUMBER("--poll", poll_ms, "0", "3600000", "49", "3600001"),
        NUMBER("--poll", poll_ms, "50", "3600000", "1", "-1"),
        NUMBER("--threads", threads, "1", "256", "0", "257"),
        NUMBER("--connections-per-address", address_connections, "0", "1000000", "-1", "1000001"),
        NUMBER("--max-streams", most_streams, "1", "1000000", "0", "1000001"),
        NUMBER("--max-streams-total", most_streams_total, "1", "1000000", "0", "1000001"),
        NUMBER("--max-delegation-depth", delegation_depth, "1", "10", "0", "11"),
        NUMBER("--retain-every", retain_every_ms, "50", "3600000", "49", "3600001"),
        NUMBER("--retain-events", keep.events, "1", "1000000000000", "0", "1000000000001"),
        NUMBER("--rate-limit-ip", rate_of_client, "0", "1000000000", "-1", "1000000001"),
        NUMBER("--rate-limit-key", rate_of_key, "0", "1000000000", "", "1000000001"),
    };
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        const number *one = &NUMBERS[i];
        line at;
        assert_true(read_one(&at, GX_FOR_SERVE, one->name, one->least));
        assert_int_equal(number_at(&at.options, one), strtoll(one->least, NULL, 10));
        assert_true(read_one(&at, GX_FOR_SERVE, one->name, one->most));
        assert_int_equal(number_at(&at.options, one), strtoll(one->most, NULL, 10));
        assert_false(read_one(&at, GX_FOR_SERVE, one->name, one->below));
        assert_false(read_one(&at, GX_FOR_SERVE, one->name, one->above));
        assert_false(read_one(&at, GX_FOR_SERVE, one->name, "7x"));
        assert_false(read_one(&at, GX_FOR_SERVE, one->name, "99999999999999999999999"));
    }
}

static void an_age_has_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } AGES[] = {{"1s", 1000},
                {"45m", 45 * INT64_C(60000)},
                {"12h", 12 * INT64_C(3600000)},
                {"30d", 30 * INT64_C(86400000)},
                {"100000d", 100000 * INT64_C(86400000)}};
    static const char *const WRONG[] = {"", "d", "30", "0d", "-1d", "100001s", "30w", "1.5h", "30 d"};
    line at;
    for (size_t i = 0; i < sizeof AGES / sizeof *AGES; i++) {
        assert_true(read_one(&at, GX_FOR_DEV, "--retain-age", AGES[i].text));
        assert_int_equal(at.options.keep.age_ms, AGES[i].ms);
    }
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(read_one(&at, GX_FOR_DEV, "--retain-age", WRONG[i]));
}

static void bytes_may_have_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t bytes;
    } SIZES[] = {
        {"1", 1}, {"12K", 12 << 10}, {"500M", 500 << 20}, {"20G", INT64_C(20) << 30}, {"1024T", INT64_C(1) << 50}};
    static const char *const WRONG[] = {"", "K", "0", "0G", "1025T", "1P", "1m", "-1", "9999999999999999T"};
    line at;
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        assert_true(read_one(&at, GX_FOR_DEV, "--retain-bytes", SIZES[i].text));
        assert_int_equal(at.options.keep.bytes, SIZES[i].bytes);
    }
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(read_one(&at, GX_FOR_DEV, "--retain-bytes", WRONG[i]));
}

/* --- addresses and URLs --- */

static void an_address_is_a_host_and_a_port(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "127.0.0.1", ":80", "h:", "h:65536", "h:-1", "h:http"};
    line at;
    assert_true(read_one(&at, GX_FOR_SERVE, "--listen", "[::1]:0"));
    assert_string_equal(at.options.host, "::1");
    assert_int_equal(at.options.port, 0);
    assert_true(read_one(&at, GX_FOR_SERVE, "--listen", "example.test:65535"));
    assert_string_equal(at.options.host, "example.test");
    assert_int_equal(at.options.port, 65535);
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(read_one(&at, GX_FOR_SERVE, "--listen", WRONG[i]));
}

static void a_public_url_loses_its_last_slashes(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "ftp://x", "http://", "https://h?x", "https://h#x", "https://h /", "h"};
    line at;
    assert_true(read_one(&at, GX_FOR_SERVE, "--public-url", "https://events.example//"));
    assert_string_equal(at.options.public_url, "https://events.example");
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        assert_false(read_one(&at, GX_FOR_SERVE, "--public-url", WRONG[i]));
}

/* ps shows every user of the machine the words of a command. */
static void a_url_that_may_hold_a_password_is_blanked_where_it_was_read(void **state)
{
    (void)state;
    line at;
    assert_true(read_one(&at, GX_FOR_SERVE, "--store", "postgres://u:secret@h/d"));
    assert_string_equal(at.options.store, "postgres://u:secret@h/d");
    assert_string_equal(at.text[3], "postgres://************");
    assert_true(read_one(&at, GX_FOR_SERVE, "--bus=nats://u:secret@h,tls://i", NULL));
    assert_string_equal(at.options.bus, "nats://u:secret@h,tls://i");
    assert_string_equal(at.text[2], "--bus=nats://******************");
    const char *const both[] = {"--from", "postgresql://u:p@h/d", "--to", "sqlite:there"};
    assert_true(read_line(&at, GX_FOR_MIGRATE, 4, both));
    assert_string_equal(at.options.from, both[1]);
    assert_string_equal(at.options.to, both[3]);
    assert_string_equal(at.text[3], "postgresql://*******");
    assert_string_equal(at.text[5], both[3]);
}

static void a_store_or_a_bus_of_another_kind_is_refused(void **state)
{
    (void)state;
    static const char *const STORES[] = {"", "sqlite:", "sqlite::memory:", "mysql://h/d", "grantex.db"};
    static const char *const BUSES[] = {"",           "h:4222",          ",nats://a",
                                        "nats://a,b", "nats://a,",       "nats://a,,nats://b",
                                        "nats://",    "tls://,nats://a", "http://a"};
    line at;
    for (size_t i = 0; i < sizeof STORES / sizeof *STORES; i++)
        assert_false(read_one(&at, GX_FOR_SERVE, "--store", STORES[i]));
    for (size_t i = 0; i < sizeof BUSES / sizeof *BUSES; i++)
        assert_false(read_one(&at, GX_FOR_SERVE, "--bus", BUSES[i]));
}

/* --- words, flags --- */

static void a_text_is_kept_as_it_is_and_not_empty(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int command;
        size_t place;
    } TEXTS[] = {
        {"--data", GX_FOR_SERVE, offsetof(gx_options, data)},
        {"--bus-credentials", GX_FOR_SERVE, offsetof(gx_options, bus_credentials)},
        {"--bus-ca", GX_FOR_SERVE, offsetof(gx_options, bus_ca)},
        {"--name", GX_FOR_ADD_DEVELOPER, offsetof(gx_options, name)},
        {"--email", GX_FOR_ADD_DEVELOPER, offsetof(gx_options, email)},
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        line at;
        const char *kept;
        assert_true(read_one(&at, TEXTS[i].command, TEXTS[i].name, "a text"));
        memcpy(&kept, (const char *)&at.options + TEXTS[i].place, sizeof kept);
        assert_string_equal(kept, "a text");
        assert_false(read_one(&at, TEXTS[i].command, TEXTS[i].name, ""));
        assert_false(read_one(&at, TEXTS[i].command, TEXTS[i].name, NULL));
    }
}

static void a_word_is_one_of_its_words(void **state)
{
    (void)state;
    line at;
    assert_true(read_one(&at, GX_FOR_DEV, "--log-level", "warn"));
    assert_int_equal(at.options.log_level, GX_LEVEL_WARN);
    assert_false(read_one(&at, GX_FOR_DEV, "--log-level", "loud"));
    assert_true(read_one(&at, GX_FOR_ADD_DEVELOPER, "--mode", "sandbox"));
    assert_string_equal(at.options.mode, "sandbox");
    assert_false(read_one(&at, GX_FOR_ADD_DEVELOPER, "--mode", "dead"));
    assert_true(read_one(&at, GX_FOR_DEV, "--rate-limits", "reference"));
    assert_int_equal(at.options.rates, GX_RATES_REFERENCE);
    assert_false(read_one(&at, GX_FOR_DEV, "--rate-limits", "some"));
    assert_false(read_one(&at, GX_FOR_DEV, "--plan", "gold"));
    assert_true(read_one(&at, GX_FOR_DEV, "--key", "0123456789abcdef"));
    assert_false(read_one(&at, GX_FOR_DEV, "--key", "0123456789abcde"));
    assert_false(read_one(&at, GX_FOR_DEV, "--key", "0123456789 abcdef"));
}

static void a_flag_takes_no_value(void **state)
{
    (void)state;
    line at;
    const char *const flags[] = {"--behind-proxy", "--open-signup", "--allow-private-webhooks"};
    assert_true(read_line(&at, GX_FOR_SERVE, 3, flags));
    assert_true(at.options.behind_proxy && at.options.open_signup && at.options.private_webhooks);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char valued[64];
        snprintf(valued, sizeof valued, "%s=yes", flags[i]);
        assert_false(read_one(&at, GX_FOR_SERVE, valued, NULL));
    }
}

static void an_option_that_may_be_repeated_is_kept_each_time(void **state)
{
    (void)state;
    line at;
    const char *const origins[] = {"--cors-origin", "https://a.example", "--cors-origin=http://b.example:8080"};
    assert_true(read_line(&at, GX_FOR_DEV, 3, origins));
    assert_int_equal(at.options.cors_count, 2);
    assert_string_equal(at.options.cors_origins[0], "https://a.example");
    assert_string_equal(at.options.cors_origins[1], "http://b.example:8080");
    assert_false(read_one(&at, GX_FOR_DEV, "--cors-origin", "https://a.example/"));
}

static void a_certificate_and_its_key_come_together(void **state)
{
    (void)state;
    line at;
    const char *const both[] = {"--tls-cert", "chain.pem", "--tls-key", "key.pem"};
    assert_true(read_line(&at, GX_FOR_SERVE, 4, both));
    assert_string_equal(at.options.tls_cert, "chain.pem");
    assert_string_equal(at.options.tls_key, "key.pem");
    assert_false(read_line(&at, GX_FOR_SERVE, 2, both));
    assert_false(read_line(&at, GX_FOR_SERVE, 2, both + 2));
}

static void each_command_has_its_options(void **state)
{
    (void)state;
    line at;
    assert_false(read_one(&at, GX_FOR_SERVE, "--key", "0123456789abcdef"));
    assert_false(read_one(&at, GX_FOR_DEV, "--behind-proxy", NULL));
    assert_false(read_one(&at, GX_FOR_DEV, "--hsts", "1"));
    assert_false(read_one(&at, GX_FOR_DEV, "--name", "x"));
    assert_false(read_one(&at, GX_FOR_ADD_DEVELOPER, "--listen", "127.0.0.1:1"));
    assert_false(read_one(&at, GX_FOR_MIGRATE, "--store", "sqlite:x"));
    assert_false(read_one(&at, GX_FOR_DEV, "--nonsense", NULL));
    assert_false(read_one(&at, GX_FOR_DEV, "stray", NULL));
    assert_true(read_one(&at, GX_FOR_ADD_DEVELOPER, "--data", "x"));
}

static void without_options_the_defaults_stand(void **state)
{
    (void)state;
    line at;
    assert_true(read_line(&at, GX_FOR_SERVE, 0, NULL));
    assert_string_equal(at.options.host, "127.0.0.1");
    assert_int_equal(at.options.port, 8480);
    assert_int_equal(at.options.poll_ms, -1);
    assert_int_equal(at.options.rates, GX_RATES_DEFAULT);
    assert_int_equal(at.options.hsts_s, 365 * 24 * 3600);
    assert_int_equal(at.options.rate_of_client, -1);
    assert_true(gx_retains_all(&at.options.keep));
    assert_true(gx_options_loopback(&at.options));
    assert_true(read_line(&at, GX_FOR_DEV, 0, NULL));
    assert_int_equal(at.options.rates, GX_RATES_OFF);
    assert_int_equal(at.options.hsts_s, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_keeps_its_bounds),
        cmocka_unit_test(an_age_has_a_unit),
        cmocka_unit_test(bytes_may_have_a_unit),
        cmocka_unit_test(an_address_is_a_host_and_a_port),
        cmocka_unit_test(a_public_url_loses_its_last_slashes),
        cmocka_unit_test(a_url_that_may_hold_a_password_is_blanked_where_it_was_read),
        cmocka_unit_test(a_store_or_a_bus_of_another_kind_is_refused),
        cmocka_unit_test(a_text_is_kept_as_it_is_and_not_empty),
        cmocka_unit_test(a_word_is_one_of_its_words),
        cmocka_unit_test(a_flag_takes_no_value),
        cmocka_unit_test(an_option_that_may_be_repeated_is_kept_each_time),
        cmocka_unit_test(a_certificate_and_its_key_come_together),
        cmocka_unit_test(each_command_has_its_options),
        cmocka_unit_test(without_options_the_defaults_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
