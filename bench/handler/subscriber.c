/* A subscriber by libgrantex: how old each event is when its handler has it.
 *
 *   bench-handler-subscriber URL KEY EVENTS WARM-UP → "ready", then the times as a line of JSON */
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <grantex/grantex.h>

#include "handler/samples.h"

typedef struct subscriber {
    samples ages;
    size_t wanted;
    sem_t done;
} subscriber;

static void handle(const grantex_event *event, void *user)
{
    subscriber *self = user;
    const char *at = strstr(event->data.text, "\"at\":");
    if (at == NULL)
        return;
    samples_add(&self->ages, samples_now() - atoll(at + 5));
    if (self->ages.count == self->wanted)
        sem_post(&self->done);
}

static void notice(const grantex_notice *what, void *user)
{
    (void)user;
    if (what->kind == GRANTEX_NOTICE_OPEN) {
        puts("ready");
        fflush(stdout);
    } else {
        fprintf(stderr, "bench-handler-subscriber: %s\n", what->error ? what->error->message : "the stream broke");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static subscriber self;
    if (argc != 5) {
        fprintf(stderr, "usage: bench-handler-subscriber URL KEY EVENTS WARM-UP\n");
        return 2;
    }
    self.wanted = (size_t)atol(argv[3]);
    sem_init(&self.done, 0, 0);
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT;
    options.base_url = argv[1];
    options.api_key = argv[2];
    grantex_client *client;
    grantex_subscription *subscription;
    grantex_error error = {0};
    if (grantex_client_open(&options, &client, &error) != GRANTEX_OK ||
        grantex_events_subscribe(client, &(grantex_stream_options){.on_notice = notice}, handle, &self, &subscription,
                                 &error) != GRANTEX_OK) {
        fprintf(stderr, "bench-handler-subscriber: %s\n", error.message);
        return 1;
    }
    sem_wait(&self.done);
    samples_print(&self.ages, (size_t)atol(argv[4]));
    grantex_unsubscribe(subscription);
    grantex_client_close(client);
    return 0;
}
