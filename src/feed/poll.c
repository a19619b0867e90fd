#include "feed/poll.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "feed/subscriber.h"

/* A stream whose key was good a moment ago may need so long to open. */
enum { LOOK_MS = 3000 };

/* Owned by its feed, and by the question that is on its way. */
struct gx_poll {
    gx_job job;
    gx_message message;
    gx_mailbox *mailbox;
    gx_feed *feed; /* NULL: it is gone */
    int64_t next_ms, look_until_ms;
    bool asking;
    gx_arena question;
    gx_log_reach *reaches; /* in `question` */
    size_t count;
    int64_t asked_ms;         /* wall clock */
    int64_t next_key_ends_ms; /* wall clock: then somebody's key or session is over, as far as is known here */
    gx_job_end end;
};

static gx_poll *poll_of(gx_job *job)
{
    return (gx_poll *)(void *)((char *)job - offsetof(gx_poll, job));
}

gx_poll *gx_poll_new(gx_feed *feed)
{
    gx_poll *poll = calloc(1, sizeof *poll);
    if (!poll)
        return NULL;
    poll->feed = feed;
    poll->mailbox = feed->options.mailbox;
    poll->question = GX_ARENA_INIT(0);
    poll->next_key_ends_ms = INT64_MAX;
    return poll;
}

void gx_poll_look(gx_poll *poll, int64_t now_ms)
{
    poll->look_until_ms = now_ms + LOOK_MS;
}

void gx_poll_expect_end(gx_poll *poll, int64_t wall_ms)
{
    if (wall_ms < poll->next_key_ends_ms)
        poll->next_key_ends_ms = wall_ms;
}

static void forget_question(gx_poll *poll)
{
    gx_arena_free(&poll->question);
    poll->count = 0;
    poll->asking = false;
}

void gx_poll_free(gx_poll *poll)
{
    if (!poll)
        return;
    poll->feed = NULL;
    if (poll->asking)
        return;
    forget_question(poll);
    free(poll);
}

/* --- the question --- */

static void add(void *context, gx_tail *tail)
{
    gx_poll *poll = context;
    poll->reaches[poll->count++] = (gx_log_reach){.developer_id = gx_arena_text(&poll->question, tail->developer_id)};
}

static bool write_question(gx_poll *poll)
{
    const gx_tail_table *tails = &poll->feed->tails;
    poll->reaches = gx_arena_alloc(&poll->question, tails->count * sizeof *poll->reaches);
    if (poll->reaches)
        gx_tail_table_each(tails, add, poll);
    return !poll->question.failed;
}

static bool run(gx_job *job, gx_txn *txn)
{
    gx_poll *poll = poll_of(job);
    for (size_t i = 0; i < poll->count; i++) /* a lane may run a job twice */
        poll->reaches[i].keys = NULL;
    poll->asked_ms = txn->now_ms;
    return gx_log_read_reaches(txn->database, poll->reaches, poll->count) &&
           gx_log_read_keys(txn->database, &poll->question, poll->reaches, poll->count, txn->now_ms);
}

static void finish(gx_job *job, gx_job_end end)
{
    gx_poll *poll = poll_of(job);
    poll->end = end;
    gx_mailbox_post(poll->mailbox, &poll->message);
}

/* --- the answer --- */

static const gx_reader_key *key_of(const gx_subscriber *subscriber, const gx_reader_key *keys)
{
    char mark[GX_KEY_MARK_SIZE];
    for (; keys != NULL; keys = keys->next) {
        gx_key_mark_of(mark, keys->hash);
        if (memcmp(subscriber->key_mark, mark, sizeof mark) == 0)
            return keys;
    }
    return NULL;
}

/* Why the key is over. One that nobody remembers was taken away. */
static const char *reason_of(const gx_reader_key *key)
{
    if (key == NULL || key->revoked)
        return "key_revoked";
    return key->rotated ? "key_rotated" : "key_expired";
}

static void expect_end_of(gx_poll *poll, const gx_subscriber *subscriber, const gx_reader_key *key)
{
    gx_poll_expect_end(poll, key->expires_at);
    gx_poll_expect_end(poll, subscriber->session_ends_ms);
}

static void end_strangers(gx_poll *poll, gx_tail *tail, const gx_reader_key *keys)
{
    for (gx_list *node = tail->subscribers.next; node != &tail->subscribers; node = node->next) {
        gx_subscriber *subscriber = GX_LIST_ENTRY(node, gx_subscriber, in_tail);
        const gx_reader_key *key = subscriber->ended ? NULL : key_of(subscriber, keys);
        bool good = key != NULL && key->expires_at > poll->asked_ms;
        if (good && subscriber->session_ends_ms > poll->asked_ms)
            expect_end_of(poll, subscriber, key);
        else if (!subscriber->ended)
            gx_subscriber_end(subscriber, good ? "session_expired" : reason_of(key), 0);
    }
}

static void end_all(gx_tail *tail)
{
    for (gx_list *node = tail->subscribers.next; node != &tail->subscribers; node = node->next) {
        gx_subscriber *subscriber = GX_LIST_ENTRY(node, gx_subscriber, in_tail);
        if (!subscriber->ended)
            gx_subscriber_end(subscriber, "developer_deleted", 0);
    }
}

/* Whoever waits for the tail to bring something waits for what will not come. Who is behind for another reason reads
 * pages already, or has a full socket. */
static void compare(gx_poll *poll, const gx_log_reach *reach)
{
    const gx_feed *feed = poll->feed;
    gx_tail *tail = gx_tail_table_find(&feed->tails, reach->developer_id);
    if (!tail)
        return;
    if (!reach->found) {
        end_all(tail);
        return;
    }
    end_strangers(poll, tail, reach->keys);
    if (tail->newest >= reach->last_seq)
        return;
    for (gx_list *node = tail->subscribers.next; node != &tail->subscribers; node = node->next) {
        gx_subscriber *subscriber = GX_LIST_ENTRY(node, gx_subscriber, in_tail);
        if (!subscriber->ended && subscriber->state == GX_LIVE && subscriber->position.seq < reach->last_seq)
            gx_subscriber_doubt(subscriber);
    }
}

static void deliver(gx_message *message)
{
    gx_poll *poll = (gx_poll *)(void *)((char *)message - offsetof(gx_poll, message));
    bool answered = poll->end == GX_JOB_KEPT && poll->feed && !poll->feed->closing;
    for (size_t i = 0; answered && i < poll->count; i++)
        compare(poll, &poll->reaches[i]);
    forget_question(poll);
    if (!poll->feed)
        free(poll);
}

void gx_poll_tick(gx_poll *poll, int64_t now_ms)
{
    if (poll->next_key_ends_ms < INT64_MAX && gx_clock_wall_ms() >= poll->next_key_ends_ms) {
        poll->next_key_ends_ms = INT64_MAX; /* the answers tell the next */
        gx_poll_look(poll, now_ms);
    }
    bool due = poll->feed->options.poll_ms > 0 && now_ms >= poll->next_ms;
    bool idle = poll->asking || poll->feed->tails.count == 0 || poll->feed->closing;
    if (idle || (!due && now_ms >= poll->look_until_ms))
        return;
    poll->next_ms = now_ms + poll->feed->options.poll_ms;
    poll->job = (gx_job){.run = run, .finish = finish};
    poll->message = (gx_message){.deliver = deliver};
    poll->asking = true;
    if (!write_question(poll) || !gx_lanes_read(poll->feed->options.lanes, &poll->job))
        forget_question(poll);
}
