/* A mailbox: messages from any thread to one. The senders push, the owner drains on its own thread; `wake` is called by
 * the sender that finds the mailbox empty (one wake for many messages). */
#ifndef GX_BASE_MAILBOX_H
#define GX_BASE_MAILBOX_H

#include <stdbool.h>

typedef struct gx_message gx_message;
struct gx_message {
    gx_message *next;
    void (*deliver)(gx_message *message); /* called on the owner's thread; the message is the receiver's then */
};

typedef struct gx_mailbox gx_mailbox;

/* `wake` may be called from any thread and must be safe there (uv_async_send is). NULL when out of memory. */
gx_mailbox *gx_mailbox_new(void (*wake)(void *context), void *context);

/* Messages still inside are delivered first. No sender may be left. */
void gx_mailbox_free(gx_mailbox *mailbox);

void gx_mailbox_post(gx_mailbox *mailbox, gx_message *message);

/* Delivers what was there when it was called, in the order of posting. Owner's thread. */
void gx_mailbox_drain(gx_mailbox *mailbox);

#endif
