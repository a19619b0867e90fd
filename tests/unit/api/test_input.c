#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/input.h"
#include "support/failing_alloc.h"

/* A call with a body (which a copy of exactly its length holds, so that reading behind it is seen) and a query. */
typedef struct fixture {
    gx_http_request request;
    gx_call call;
    char *body;
} fixture;

static gx_call *call_with(fixture *f, const char *body, const char *query)
{
    size_t length = strlen(body);
    *f = (fixture){.body = malloc(length + (length == 0))};
    assert_non_null(f->body);
    memcpy(f->body, body, length);
    f->request.body = (gx_span){f->body, length};
    f->request.query = gx_span_of(query);
    f->call.request = &f->request;
    f->call.arena = GX_ARENA_INIT(0);
    f->call.body = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
    return &f->call;
}

static void done(fixture *f)
{
    json_decref(f->call.body);
    gx_arena_free(&f->call.arena);
    free(f->body);
}

static void assert_refused(fixture *f, bool result, const char *message)
{
    assert_false(result);
    assert_int_equal(f->call.problem.status, 400);
    assert_string_equal(f->call.problem.code, "BAD_REQUEST");
    assert_string_equal(f->call.problem.message, message);
    done(f);
}

/* The value by its address: `result` is what fills it. */
static void assert_text(fixture *f, bool result, const char *const *value, const char *expected)
{
    assert_true(result);
    assert_int_equal(f->call.problem.status, 0);
    if (expected == NULL)
        assert_null(*value);
    else
        assert_string_equal(*value, expected);
    done(f);
}

/* `count` times the text, in static storage. */
static const char *repeated(const char *text, size_t count)
{
    static char out[40000];
    out[0] = '\0';
    size_t width = strlen(text);
    assert_true(width * count < sizeof out);
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * width, text, width + 1);
    return out;
}

__attribute__((format(printf, 1, 2))) static const char *body_of(const char *format, ...)
{
    static char out[41000];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(out, sizeof out, format, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < sizeof out);
    return out;
}

/* --- texts --- */

static void a_text_is_taken_as_it_is(void **state)
{
    (void)state;
    fixture f;
    const char *text;
    gx_call *call = call_with(&f, "{\"f\":\" a\\u00e9\\n\\\"b \"}", "");
    assert_text(&f, gx_input_text(call, "f", GX_REQUIRED, 1, 8, &text), &text, " a\u00e9\n\"b ");
}

static void a_trimmed_text_loses_the_white_space_around_it(void **state)
{
    (void)state;
    fixture f;
    const char *text;
    gx_call *call = call_with(&f, "{\"f\":\" \\t\\r\\n a b \\u000b\\f\"}", "");
    assert_text(&f, gx_input_trimmed(call, "f", GX_REQUIRED, 1, 3, &text), &text, "a b");
    call = call_with(&f, "{\"f\":\" \\n\"}", "");
    assert_refused(&f, gx_input_trimmed(call, "f", GX_REQUIRED, 1, 3, &text), "f: must have 1 to 3 characters");
}

static void lengths_count_characters_not_bytes(void **state)
{
    (void)state;
    fixture f;
    const char *text;
    gx_call *call = call_with(&f, "{\"f\":\"\u20ac\U0001f511\u00e9\"}", "");
    assert_text(&f, gx_input_text(call, "f", GX_REQUIRED, 3, 3, &text), &text, "\u20ac\U0001f511\u00e9");
    call = call_with(&f, "{\"f\":\"\u20ac\U0001f511\u00e9x\"}", "");
    assert_refused(&f, gx_input_text(call, "f", GX_REQUIRED, 3, 3, &text), "f: must have 3 to 3 characters");
    call = call_with(&f, "{\"f\":\"\u20ac\U0001f511\"}", "");
    assert_refused(&f, gx_input_text(call, "f", GX_REQUIRED, 3, 3, &text), "f: must have 3 to 3 characters");
}

static void what_is_absent_or_null_is_missed_only_where_it_is_required(void **state)
{
    (void)state;
    static const char *const BODIES[] = {"{}", "{\"f\":null}", "{\"F\":\"x\"}"};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        const char *text = "untouched";
        gx_call *call = call_with(&f, BODIES[i], "");
        assert_text(&f, gx_input_text(call, "f", GX_OPTIONAL, 1, 8, &text), &text, NULL);
        text = "untouched";
        call = call_with(&f, BODIES[i], "");
        assert_text(&f, gx_input_trimmed(call, "f", GX_OPTIONAL, 1, 8, &text), &text, NULL);
        text = "untouched";
        call = call_with(&f, BODIES[i], "");
        assert_refused(&f, gx_input_text(call, "f", GX_REQUIRED, 1, 8, &text), "f: is required");
        assert_string_equal(text, "untouched");
    }
}

static void a_text_that_is_no_string_is_refused(void **state)
{
    (void)state;
    static const char *const VALUES[] = {"1", "1.5", "true", "false", "[]", "[\"a\"]", "{}"};
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
        fixture f;
        const char *text;
        gx_call *call = call_with(&f, body_of("{\"f\":%s}", VALUES[i]), "");
        assert_refused(&f, gx_input_text(call, "f", GX_OPTIONAL, 0, 8, &text), "f: must be a string");
    }
}

static void a_text_with_a_nul_inside_is_refused(void **state)
{
    (void)state;
    fixture f;
    const char *text;
    gx_call *call = call_with(&f, "{}", "");
    json_object_set_new(call->body, "f", json_stringn("a\0b", 3));
    assert_refused(&f, gx_input_text(call, "f", GX_REQUIRED, 0, 8, &text), "f: must not contain the character U+0000");
}

static void a_word_is_one_of_the_words(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"live", "sandbox", "other"};
    fixture f;
    const char *word;
    gx_call *call = call_with(&f, "{\"f\":\"sandbox\"}", "");
    assert_text(&f, gx_input_word(call, "f", GX_REQUIRED, WORDS, 3, &word), &word, "sandbox");
    call = call_with(&f, "{}", "");
    assert_text(&f, gx_input_word(call, "f", GX_OPTIONAL, WORDS, 3, &word), &word, NULL);
    call = call_with(&f, "{\"f\":\"Live\"}", "");
    assert_refused(&f, gx_input_word(call, "f", GX_OPTIONAL, WORDS, 3, &word),
                   "f: must be \"live\", \"sandbox\" or \"other\"");
    call = call_with(&f, "{\"f\":\"\"}", "");
    assert_refused(&f, gx_input_word(call, "f", GX_REQUIRED, WORDS, 2, &word), "f: must be \"live\" or \"sandbox\"");
    call = call_with(&f, "{}", "");
    assert_refused(&f, gx_input_word(call, "f", GX_REQUIRED, WORDS, 3, &word), "f: is required");
}

static void the_parameter_of_the_path_is_copied(void **state)
{
    (void)state;
    fixture f;
    const char *id;
    gx_call *call = call_with(&f, "", "");
    call->param = (gx_span){"ag_1/approve", 4};
    assert_text(&f, gx_input_param(call, &id), &id, "ag_1");
}

/* --- amounts and durations --- */

static void an_amount_is_a_number_or_a_decimal_string(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t amount;
    } CASES[] = {
        {"1", 10000},
        {"\"1\"", 10000},
        {"0.0001", 1},
        {"\"0.0001\"", 1},
        {"1e3", 10000000},
        {"12.5e-1", 12500},
        {"1.50000000", 15000},
        {"\"1000.0000\"", 10000000},
        {"0.1", 1000},
        /* neighbours that no double tells apart */
        {"99999999999999.9998", 999999999999999998},
        {"99999999999999.9999", 999999999999999999},
        {" \n 7 ", 70000},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        int64_t amount = 0;
        gx_call *call = call_with(&f, body_of("{\"before\":{\"f\":9},\"f\":%s,\"after\":1}", CASES[i].json), "");
        assert_true(gx_input_amount(call, "f", &amount));
        assert_true(amount == CASES[i].amount);
        done(&f);
    }
}

static void a_bad_amount_is_refused_with_the_rule_it_breaks(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } CASES[] = {
        {"0", "f: must be greater than 0"},
        {"\"0.0000\"", "f: must be greater than 0"},
        {"-0.0", "f: must be greater than 0"},
        {"-1", "f: must be greater than 0"},
        {"0.00001", "f: must have at most four decimals"},
        {"\"1.00001\"", "f: must have at most four decimals"},
        {"100000000000000", "f: is out of range, at most 99999999999999.9999 is possible"},
        {"\"100000000000000\"", "f: is out of range, at most 99999999999999.9999 is possible"},
        {"1e300", "f: is out of range, at most 99999999999999.9999 is possible"},
        {"null", "f: is required"},
        {"\"\"", "f: must be a number or a decimal string"},
        {"\" 1\"", "f: must be a number or a decimal string"},
        {"\"+1\"", "f: must be a number or a decimal string"},
        {"\"1e3\"", "f: must be a number or a decimal string"},
        {"\"1,5\"", "f: must be a number or a decimal string"},
        {"\"NaN\"", "f: must be a number or a decimal string"},
        {"\"\\u0031\"", "f: must be a number or a decimal string"},
        {"true", "f: must be a number or a decimal string"},
        {"[]", "f: must be a number or a decimal string"},
        {"[1]", "f: must be a number or a decimal string"},
        {"{}", "f: must be a number or a decimal string"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        int64_t amount = 77;
        gx_call *call = call_with(&f, body_of("{\"f\":%s}", CASES[i].json), "");
        assert_refused(&f, gx_input_amount(call, "f", &amount), CASES[i].message);
        assert_int_equal(amount, 77);
    }
}

static void an_absent_amount_is_missed(void **state)
{
    (void)state;
    fixture f;
    int64_t amount;
    gx_call *call = call_with(&f, "{\"before\":{\"f\":9}}", "");
    assert_refused(&f, gx_input_amount(call, "f", &amount), "f: is required");
}

/* Two spellings of one name: what is checked and what is read must be the same value. */
static void an_amount_whose_name_is_spelled_with_escapes_is_refused(void **state)
{
    (void)state;
    fixture f;
    int64_t amount;
    gx_call *call = call_with(&f, "{\"\\u0066\":5}", "");
    assert_refused(&f, gx_input_amount(call, "f", &amount), "f: must be a number or a decimal string");
}

static void a_duration_is_digits_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t ms;
    } CASES[] = {
        {"\"1s\"", 1000},
        {"\"30m\"", 1800000},
        {"\"24h\"", 86400000},
        {"\"7d\"", 604800000},
        {"\"007d\"", 604800000},
        {"\"3650d\"", 315360000000},
        {"\"315360000s\"", 315360000000},
        {"null", 42},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        int64_t ms = 0;
        gx_call *call = call_with(&f, body_of("{\"f\":%s}", CASES[i].json), "");
        assert_true(gx_input_duration(call, "f", 42, &ms));
        assert_true(ms == CASES[i].ms);
        done(&f);
    }
}

static void a_bad_duration_is_refused(void **state)
{
    (void)state;
    static const char FORM[] = "f: must be a whole number above 0 with s, m, h or d behind it, as in 24h";
    static const char LONG[] = "f: must be at most ten years";
    static const struct {
        const char *json, *message;
    } CASES[] = {
        {"24", "f: must be a string"},
        {"\"\"", FORM},
        {"\"h\"", FORM},
        {"\"24\"", FORM},
        {"\"0h\"", FORM},
        {"\"-1h\"", FORM},
        {"\"+1h\"", FORM},
        {"\"1.5h\"", FORM},
        {"\" 1h\"", FORM},
        {"\"1h \"", FORM},
        {"\"1H\"", FORM},
        {"\"1w\"", FORM},
        {"\"1hh\"", FORM},
        {"\"99999999999999999999999s\"", FORM},
        {"\"3651d\"", LONG},
        {"\"315360001s\"", LONG},
        {"\"18446744073709551615d\"", LONG},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        int64_t ms;
        gx_call *call = call_with(&f, body_of("{\"f\":%s}", CASES[i].json), "");
        assert_refused(&f, gx_input_duration(call, "f", 42, &ms), CASES[i].message);
    }
}

/* --- arrays and objects --- */

static void scopes_become_compact_json(void **state)
{
    (void)state;
    fixture f;
    const char *scopes;
    gx_call *call = call_with(&f, "{\"f\": [ \"a:b\" , \"\u00e9\\\"\\\\\" ]}", "");
    assert_text(&f, gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes), &scopes, "[\"a:b\",\"\u00e9\\\"\\\\\"]");
    call = call_with(&f, "{\"f\":[]}", "");
    assert_text(&f, gx_input_scopes(call, "f", GX_REQUIRED, 0, &scopes), &scopes, "[]");
    call = call_with(&f, "{}", "");
    assert_text(&f, gx_input_scopes(call, "f", GX_OPTIONAL, 0, &scopes), &scopes, "[]");
}

static void bad_scopes_are_refused_by_their_place(void **state)
{
    (void)state;
    static const char FORM[] = "f: must be an array of 1 to 100 strings";
    static const char SECOND[] = "f: element 2 must be a string of 1 to 256 characters, not blank";
    static const struct {
        const char *json, *message;
    } CASES[] = {
        {"null", "f: is required"},
        {"[]", FORM},
        {"\"a\"", FORM},
        {"{\"a\":1}", FORM},
        {"[\"a\",1]", SECOND},
        {"[\"a\",null]", SECOND},
        {"[\"a\",\"\"]", SECOND},
        {"[\"a\",\" \\t\"]", SECOND},
        {"[\"a\",[\"b\"]]", SECOND},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        const char *scopes;
        gx_call *call = call_with(&f, body_of("{\"f\":%s}", CASES[i].json), "");
        assert_refused(&f, gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes), CASES[i].message);
    }
}

static void there_may_be_100_scopes_of_256_characters(void **state)
{
    (void)state;
    fixture f;
    const char *scopes;
    gx_call *call = call_with(&f, body_of("{\"f\":[%s\"z\"]}", repeated("\"a\",", 99)), "");
    assert_true(gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes));
    done(&f);
    call = call_with(&f, body_of("{\"f\":[%s\"z\"]}", repeated("\"a\",", 100)), "");
    assert_refused(&f, gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes), "f: must be an array of 1 to 100 strings");
    call = call_with(&f, body_of("{\"f\":[\"%s\"]}", repeated("\u00e9", 256)), "");
    assert_true(gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes));
    done(&f);
    call = call_with(&f, body_of("{\"f\":[\"%s\"]}", repeated("\u00e9", 257)), "");
    assert_refused(&f, gx_input_scopes(call, "f", GX_REQUIRED, 1, &scopes),
                   "f: element 1 must be a string of 1 to 256 characters, not blank");
}

static void an_object_is_kept_digit_for_digit_without_white_space(void **state)
{
    (void)state;
    fixture f;
    const char *object;
    gx_call *call = call_with(&f, "{ \"f\" : { \"n\" : 0.10, \"t\" : \" \\\\\\\" x \" ,\n\t\"a\": [ 1 , { } ] } }", "");
    assert_text(&f, gx_input_object(call, "f", &object), &object, "{\"n\":0.10,\"t\":\" \\\\\\\" x \",\"a\":[1,{}]}");
    call = call_with(&f, "{}", "");
    assert_text(&f, gx_input_object(call, "f", &object), &object, "{}");
    call = call_with(&f, "{\"f\":[]}", "");
    assert_refused(&f, gx_input_object(call, "f", &object), "f: must be a JSON object");
    call = call_with(&f, "{\"f\":\"{}\"}", "");
    assert_refused(&f, gx_input_object(call, "f", &object), "f: must be a JSON object");
}

static void an_object_may_have_16_kib_when_compact(void **state)
{
    (void)state;
    fixture f;
    const char *object;
    gx_call *call = call_with(&f, body_of("{\"f\":   {\"a\":   \"%s\"}}", repeated("x", 16384 - 8)), "");
    assert_true(gx_input_object(call, "f", &object));
    assert_int_equal(strlen(object), 16384);
    done(&f);
    call = call_with(&f, body_of("{\"f\":{\"a\":\"%s\"}}", repeated("x", 16384 - 7)), "");
    assert_refused(&f, gx_input_object(call, "f", &object), "f: must be at most 16384 bytes of JSON");
}

/* --- addresses --- */

static void a_url_is_absolute_http(void **state)
{
    (void)state;
    static const char *const GOOD[] = {
        "https://acme.example",        "http://acme.example/",           "HTTPS://acme.example:443/a?b=c&d=%20#e",
        "http://127.0.0.1:8080/cb",    "http://[::1]:8080/cb",           "http://[2001:db8::1]",
        "https://b\u00fccher.example", "https://acme.example/user@home",
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        fixture f;
        const char *url;
        gx_call *call = call_with(&f, body_of("{\"f\":\"%s\"}", GOOD[i]), "");
        assert_text(&f, gx_input_url(call, "f", &url), &url, GOOD[i]);
    }
    fixture f;
    const char *url;
    gx_call *call = call_with(&f, "{}", "");
    assert_text(&f, gx_input_url(call, "f", &url), &url, NULL);
}

static void any_other_url_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "/cb",
        "acme.example",
        "//acme.example",
        "javascript:alert(1)",
        "ftp://acme.example",
        "http:acme.example",
        "http:/acme.example",
        "http://",
        "http:///path",
        "http://?q",
        "http://:80/",
        "http://user@acme.example/",
        "http://user:secret@acme.example/",
        "http://acme.example:x/",
        "http://acme.example:/",
        "http://acme.example:65536/",
        "http://[::1/",
        "http://[::1]x/",
        "http://acme.example\\\\@evil.example/",
        " http://acme.example",
        "http://acme.example/a b",
        "http://acme.example/\\n",
        "http://acme.example/<script>",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        fixture f;
        const char *url;
        gx_call *call = call_with(&f, body_of("{\"f\":\"%s\"}", BAD[i]), "");
        assert_non_null(call->body);
        assert_refused(&f, gx_input_url(call, "f", &url),
                       "f: must be an absolute http or https URL without user name or password");
    }
}

/* --- the query --- */

static void a_query_parameter_is_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *query, *expected;
    } CASES[] = {
        {"f=a", "a"},     {"", NULL},     {"g=a", NULL}, {"f=", ""}, {"f", ""}, {"f=a+b%20c%C3%A9", "a b c\u00e9"},
        {"f=a&g=x", "a"}, {"%66=a", "a"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        fixture f;
        const char *text = "untouched";
        gx_call *call = call_with(&f, "", CASES[i].query);
        assert_text(&f, gx_input_query(call, "f", &text), &text, CASES[i].expected);
    }
}

static void a_repeated_query_parameter_is_refused_unless_it_is_a_list(void **state)
{
    (void)state;
    fixture f;
    const char *text;
    gx_call *call = call_with(&f, "", "f=a&g=x&%66=b");
    assert_refused(&f, gx_input_query(call, "f", &text), "f: must not be repeated");
    call = call_with(&f, "", "f=a&g=x&%66=b");
    assert_text(&f, gx_input_query_list(call, "f", &text), &text, "a,b");
}

static void a_text_in_the_query_has_its_length(void **state)
{
    (void)state;
    static const char *const BAD[] = {"f=", "f", "f=abcd", "f=%C3%A9%C3%A9%C3%A9%C3%A9"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        fixture f;
        const char *text;
        gx_call *call = call_with(&f, "", BAD[i]);
        assert_refused(&f, gx_input_query_text(call, "f", 3, &text), "f: must have 1 to 3 characters");
    }
    fixture f;
    const char *text = "untouched";
    gx_call *call = call_with(&f, "", "f=%C3%A9%C3%A9%C3%A9");
    assert_text(&f, gx_input_query_text(call, "f", 3, &text), &text, "\u00e9\u00e9\u00e9");
    text = "untouched";
    call = call_with(&f, "", "");
    assert_text(&f, gx_input_query_text(call, "f", 3, &text), &text, NULL);
}

static void a_word_in_the_query_is_one_of_the_table(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"up", "down"};
    fixture f;
    const char *word = "untouched";
    gx_call *call = call_with(&f, "", "f=down");
    assert_true(gx_input_query_word(call, "f", WORDS, 2, &word));
    assert_ptr_equal(word, WORDS[1]);
    done(&f);
    call = call_with(&f, "", "f=DOWN");
    assert_refused(&f, gx_input_query_word(call, "f", WORDS, 2, &word), "f: must be \"up\" or \"down\"");
    call = call_with(&f, "", "");
    assert_text(&f, gx_input_query_word(call, "f", WORDS, 2, &word), &word, NULL);
}

static void a_query_that_is_no_encoded_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"f=%", "f=%4", "f=%zz", "f=%FF", "f=%00", "f=a%00b", "g=%zz"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        fixture f;
        const char *text;
        gx_call *call = call_with(&f, "", BAD[i]);
        assert_refused(&f, gx_input_query(call, "f", &text),
                       "f: the query string must be percent-encoded UTF-8 without U+0000");
    }
}

static void a_number_in_the_query_has_its_bounds(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        int64_t number;
    } GOOD[] = {{"", 7}, {"f=-2", -2}, {"f=200", 200}, {"f=007", 7}};
    static const char *const BAD[] = {"f=-3", "f=201", "f=",     "f=1.0",
                                      "f=x",  "f=1x",  "f=%201", "f=99999999999999999999"};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        fixture f;
        int64_t number = 0;
        gx_call *call = call_with(&f, "", GOOD[i].query);
        assert_true(gx_input_query_int(call, "f", -2, 200, 7, &number));
        assert_true(number == GOOD[i].number);
        done(&f);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        fixture f;
        int64_t number;
        gx_call *call = call_with(&f, "", BAD[i]);
        assert_refused(&f, gx_input_query_int(call, "f", -2, 200, 7, &number),
                       "f: must be a whole number from -2 to 200");
    }
}

/* --- without memory --- */

static bool read_everything(gx_call *call)
{
    const char *text;
    return gx_input_text(call, "text", GX_REQUIRED, 1, 8, &text) &&
           gx_input_scopes(call, "scopes", GX_REQUIRED, 1, &text) && gx_input_object(call, "object", &text) &&
           gx_input_url(call, "url", &text) && gx_input_query_list(call, "q", &text);
}

static void whichever_allocation_fails_the_answer_is_503(void **state)
{
    (void)state;
    static const char BODY[] =
        "{\"text\":\"a\",\"scopes\":[\"a\"],\"object\":{\"a\":1},\"url\":\"http://acme.example/\"}";
    bool failed = true;
    long n = 1;
    for (; failed; n++) {
        fixture f;
        gx_call *call = call_with(&f, BODY, "q=1&q=2");
        gx_fail_allocation(n);
        bool read = read_everything(call);
        failed = gx_allocation_failed();
        gx_fail_allocation(0);
        assert_int_equal(read, !failed);
        assert_int_equal(call->problem.status, failed ? 503 : 0);
        done(&f);
    }
    assert_true(n > 3); /* it came to several */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_taken_as_it_is),
        cmocka_unit_test(a_trimmed_text_loses_the_white_space_around_it),
        cmocka_unit_test(lengths_count_characters_not_bytes),
        cmocka_unit_test(what_is_absent_or_null_is_missed_only_where_it_is_required),
        cmocka_unit_test(a_text_that_is_no_string_is_refused),
        cmocka_unit_test(a_text_with_a_nul_inside_is_refused),
        cmocka_unit_test(a_word_is_one_of_the_words),
        cmocka_unit_test(the_parameter_of_the_path_is_copied),
        cmocka_unit_test(an_amount_is_a_number_or_a_decimal_string),
        cmocka_unit_test(a_bad_amount_is_refused_with_the_rule_it_breaks),
        cmocka_unit_test(an_absent_amount_is_missed),
        cmocka_unit_test(an_amount_whose_name_is_spelled_with_escapes_is_refused),
        cmocka_unit_test(a_duration_is_digits_and_a_unit),
        cmocka_unit_test(a_bad_duration_is_refused),
        cmocka_unit_test(scopes_become_compact_json),
        cmocka_unit_test(bad_scopes_are_refused_by_their_place),
        cmocka_unit_test(there_may_be_100_scopes_of_256_characters),
        cmocka_unit_test(an_object_is_kept_digit_for_digit_without_white_space),
        cmocka_unit_test(an_object_may_have_16_kib_when_compact),
        cmocka_unit_test(a_url_is_absolute_http),
        cmocka_unit_test(any_other_url_is_refused),
        cmocka_unit_test(a_query_parameter_is_decoded),
        cmocka_unit_test(a_repeated_query_parameter_is_refused_unless_it_is_a_list),
        cmocka_unit_test(a_text_in_the_query_has_its_length),
        cmocka_unit_test(a_word_in_the_query_is_one_of_the_table),
        cmocka_unit_test(a_query_that_is_no_encoded_utf8_is_refused),
        cmocka_unit_test(a_number_in_the_query_has_its_bounds),
        cmocka_unit_test(whichever_allocation_fails_the_answer_is_503),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
