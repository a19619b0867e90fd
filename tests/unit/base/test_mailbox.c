#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "support/failing_alloc.h"

#define SENDERS     4
#define EACH_SENDS  5000
#define DEADLINE_MS 60000

typedef struct note {
    gx_message message; /* first: a message is its note */
    int sender, number;
    struct office *office;
} note;

typedef struct office {
    gx_mailbox *mailbox;
    int wakes; /* of the tests with one thread */
    int eventfd;
    int received, last[SENDERS];
    note again; /* posted out of a delivery */
} office;

static void count_wake(void *context)
{
    ((office *)context)->wakes++;
}

static void check_order(gx_message *message)
{
    note *n = (note *)message;
    assert_int_equal(n->number, n->office->last[n->sender] + 1);
    n->office->last[n->sender] = n->number;
    n->office->received++;
}

static void one_wake_tells_of_many_messages(void **state)
{
    (void)state;
    office o = {0};
    o.mailbox = gx_mailbox_new(count_wake, &o);
    note notes[3];
    for (int i = 0; i < 3; i++) {
        notes[i] = (note){{.deliver = check_order}, .number = i + 1, .office = &o};
        gx_mailbox_post(o.mailbox, &notes[i].message);
        assert_int_equal(o.wakes, 1);
    }
    gx_mailbox_drain(o.mailbox);
    assert_int_equal(o.received, 3);
    gx_mailbox_drain(o.mailbox);
    assert_int_equal(o.received, 3);

    notes[0].number = 4;
    gx_mailbox_post(o.mailbox, &notes[0].message);
    assert_int_equal(o.wakes, 2);
    gx_mailbox_free(o.mailbox);
    assert_int_equal(o.received, 4); /* free delivers what is inside */
}

static void post_again(gx_message *message)
{
    office *o = ((note *)message)->office;
    o->again = (note){{.deliver = check_order}, .number = 1, .office = o};
    gx_mailbox_post(o->mailbox, &o->again.message);
}

static void a_message_posted_by_a_delivery_waits_for_the_next_drain(void **state)
{
    (void)state;
    office o = {0};
    o.mailbox = gx_mailbox_new(count_wake, &o);
    note first = {{.deliver = post_again}, .office = &o};
    gx_mailbox_post(o.mailbox, &first.message);
    gx_mailbox_drain(o.mailbox);
    assert_int_equal(o.received, 0);
    assert_int_equal(o.wakes, 2);
    gx_mailbox_drain(o.mailbox);
    assert_int_equal(o.received, 1);

    gx_mailbox_post(o.mailbox, &first.message);
    o.last[0] = 0;
    gx_mailbox_free(o.mailbox); /* and so does what the last deliveries post */
    assert_int_equal(o.received, 2);
}

static void signal_eventfd(void *context)
{
    uint64_t one = 1;
    assert_int_equal(write(((office *)context)->eventfd, &one, sizeof one), sizeof one);
}

static void *send_all(void *first_note)
{
    note *notes = first_note;
    for (int i = 0; i < EACH_SENDS; i++)
        gx_mailbox_post(notes->office->mailbox, &notes[i].message);
    return NULL;
}

static void messages_of_many_threads_all_arrive_each_sender_in_order(void **state)
{
    (void)state;
    office o = {.eventfd = eventfd(0, 0)};
    o.mailbox = gx_mailbox_new(signal_eventfd, &o);
    note *notes = calloc(SENDERS * EACH_SENDS, sizeof *notes);
    pthread_t threads[SENDERS];
    for (int s = 0; s < SENDERS; s++) {
        for (int i = 0; i < EACH_SENDS; i++)
            notes[s * EACH_SENDS + i] = (note){{.deliver = check_order}, s, i + 1, &o};
        assert_int_equal(pthread_create(&threads[s], NULL, send_all, notes + s * EACH_SENDS), 0);
    }
    while (o.received < SENDERS * EACH_SENDS) {
        uint64_t wakes;
        assert_int_equal(poll(&(struct pollfd){.fd = o.eventfd, .events = POLLIN}, 1, DEADLINE_MS), 1);
        assert_int_equal(read(o.eventfd, &wakes, sizeof wakes), sizeof wakes);
        gx_mailbox_drain(o.mailbox);
    }
    for (int s = 0; s < SENDERS; s++)
        pthread_join(threads[s], NULL);
    gx_mailbox_free(o.mailbox);
    free(notes);
    close(o.eventfd);
}

static void without_memory_there_is_no_mailbox(void **state)
{
    (void)state;
    gx_fail_allocation(1);
    assert_null(gx_mailbox_new(count_wake, NULL));
    assert_true(gx_allocation_failed());
    gx_fail_allocation(0);
    gx_mailbox_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wake_tells_of_many_messages),
        cmocka_unit_test(a_message_posted_by_a_delivery_waits_for_the_next_drain),
        cmocka_unit_test(messages_of_many_threads_all_arrive_each_sender_in_order),
        cmocka_unit_test(without_memory_there_is_no_mailbox),
    };
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
