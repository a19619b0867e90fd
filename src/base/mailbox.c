#include "base/mailbox.h"

#include <pthread.h>
#include <stdlib.h>

struct gx_mailbox {
    pthread_mutex_t lock;
    gx_message *first;
    gx_message **end; /* where the next message is hung */
    void (*wake)(void *context);
    void *context;
};

gx_mailbox *gx_mailbox_new(void (*wake)(void *context), void *context)
{
    gx_mailbox *mailbox = malloc(sizeof *mailbox);
    if (!mailbox)
        return NULL;
    *mailbox = (gx_mailbox){.wake = wake, .context = context};
    mailbox->end = &mailbox->first;
    if (pthread_mutex_init(&mailbox->lock, NULL) != 0) {
        free(mailbox);
        return NULL;
    }
    return mailbox;
}

static gx_message *take_all(gx_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->lock);
    gx_message *messages = mailbox->first;
    mailbox->first = NULL;
    mailbox->end = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return messages;
}

/* Without the lock: a delivery may post again. */
static void deliver_all(gx_message *messages)
{
    while (messages) {
        gx_message *message = messages;
        messages = message->next; /* before the delivery, which may free the message */
        message->deliver(message);
    }
}

void gx_mailbox_free(gx_mailbox *mailbox)
{
    if (!mailbox)
        return;
    for (gx_message *messages; (messages = take_all(mailbox));)
        deliver_all(messages);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

void gx_mailbox_post(gx_mailbox *mailbox, gx_message *message)
{
    message->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    bool was_empty = !mailbox->first;
    *mailbox->end = message;
    mailbox->end = &message->next;
    pthread_mutex_unlock(&mailbox->lock);
    if (was_empty)
        mailbox->wake(mailbox->context);
}

void gx_mailbox_drain(gx_mailbox *mailbox)
{
    deliver_all(take_all(mailbox));
}
