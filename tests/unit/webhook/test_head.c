/* What a webhook's receiver gets beside the event: names, signatures, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "webhook/head.h"
#include "webhook/signature.h"

/* --- signatures: the expected ones are from openssl dgst -sha256 -hmac --- */

static const char SECRET[] = "0123456789abcdef0123456789abcdef0123456789abcdef";
static const char BODY[] = "{\"id\":\"evt_1\",\"seq\":1}";

static void a_signature_is_the_hmac_of_the_body(void **state)
{
    (void)state;
    char out[GX_SIGNATURE_SIZE];
    assert_true(gx_signature_write(out, gx_span_of(SECRET), gx_span_of(BODY)));
    assert_string_equal(out, "sha256=042cfe1a8acb8b969a0994f39150e22f77d9edb48ad244992458d67dd8ddfb4d");
    assert_true(gx_signature_write(out, gx_span_of(SECRET), GX_SPAN("")));
    assert_string_equal(out, "sha256=6a1c151c2429b493cab341760c82965330315775a94525f41762e0fff2709be9");
}

static void a_dated_signature_covers_timestamp_dot_body(void **state)
{
    (void)state;
    char out[GX_SIGNATURE_SIZE];
    assert_true(gx_signature_write_dated(out, gx_span_of(SECRET), GX_SPAN("1700000000"), gx_span_of(BODY)));
    assert_string_equal(out, "sha256=9711a8b0e5cedcf934f9e0e5882a0422019dda0c9d020d84524b44397068cccc");
}

/* RFC 4231, test case 2: a key that is shorter than the digest. */
static void a_secret_may_be_short(void **state)
{
    (void)state;
    char out[GX_SIGNATURE_SIZE];
    assert_true(gx_signature_write(out, GX_SPAN("Jefe"), GX_SPAN("what do ya want for nothing?")));
    assert_string_equal(out, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* --- the head --- */

static gx_webhook_sent sent(void)
{
    return (gx_webhook_sent){.secret = SECRET,
                             .now_s = 1700000000,
                             .event_id = "evt_1",
                             .delivery_id = "whd_1",
                             .body = BODY,
                             .length = strlen(BODY)};
}

static void the_head_is_what_receivers_know(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "Content-Type: application/json",
        "User-Agent: Grantex-Webhooks/0.1",
        "X-Grantex-Timestamp: 1700000000",
        "X-Grantex-Signature: sha256=042cfe1a8acb8b969a0994f39150e22f77d9edb48ad244992458d67dd8ddfb4d",
        "X-Grantex-Signature-V2: sha256=9711a8b0e5cedcf934f9e0e5882a0422019dda0c9d020d84524b44397068cccc",
        "X-Grantex-Event-Id: evt_1",
        "X-Grantex-Delivery-Id: whd_1",
        "Expect:",
    };
    gx_webhook_head head;
    gx_webhook_sent post = sent();
    assert_true(gx_webhook_head_write(&head, &post));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_string_equal(head.lines[i], wanted[i]);
    assert_null(head.lines[GX_WEBHOOK_HEAD_LINES - 1]);
}

static void names_that_are_too_long_are_cut_off(void **state)
{
    (void)state;
    char name[400];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    gx_webhook_head head;
    gx_webhook_sent post = sent();
    post.event_id = post.delivery_id = name;
    assert_true(gx_webhook_head_write(&head, &post));
    assert_int_equal(strlen(head.event), strlen("X-Grantex-Event-Id: ") + 128);
    assert_int_equal(strlen(head.delivery), strlen("X-Grantex-Delivery-Id: ") + 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_the_hmac_of_the_body),
        cmocka_unit_test(a_dated_signature_covers_timestamp_dot_body),
        cmocka_unit_test(a_secret_may_be_short),
        cmocka_unit_test(the_head_is_what_receivers_know),
        cmocka_unit_test(names_that_are_too_long_are_cut_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
