/* Until there is something to post, the thread only sleeps, and needs no libcurl for that. */
#include "hooks/sender.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/module.h"
#include "hooks/poster.h"

struct gx_sender {
    gx_sender_options options;
    int wake_fd;
    const gx_poster_module *module; /* NULL until the first post, as is the poster */
    gx_poster *poster;
    bool complained; /* that the module cannot be loaded */
};

gx_sender *gx_sender_new(const gx_sender_options *options)
{
    gx_sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL)
        return NULL;
    sender->options = *options;
    sender->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (sender->wake_fd >= 0)
        return sender;
    free(sender);
    return NULL;
}

void gx_sender_free(gx_sender *sender)
{
    if (sender == NULL)
        return;
    if (sender->poster != NULL)
        sender->module->free(sender->poster);
    close(sender->wake_fd);
    free(sender);
}

/* --- posts --- */

static bool load(gx_sender *sender)
{
    gx_error error;
    sender->module = gx_module_load("grantex-curl", "gx_curl_poster", &error);
    if (sender->module == NULL && !sender->complained)
        gx_log(sender->options.logger, GX_LEVEL_ERROR, "webhooks have to wait: %s", error.message);
    sender->complained = sender->module == NULL;
    return sender->module != NULL;
}

static bool make_ready(gx_sender *sender)
{
    if (sender->module == NULL && !load(sender))
        return false;
    if (sender->poster == NULL)
        sender->poster = sender->module->new (&sender->options);
    return sender->poster != NULL;
}

bool gx_sender_post(gx_sender *sender, const gx_post *post)
{
    return make_ready(sender) && sender->module->post(sender->poster, post);
}

void gx_sender_cut(gx_sender *sender)
{
    if (sender->poster != NULL)
        sender->module->cut(sender->poster);
}

/* --- sleep --- */

void gx_sender_wait(gx_sender *sender, int most_ms)
{
    uint64_t wakes;
    if (sender->poster != NULL)
        sender->module->wait(sender->poster, sender->wake_fd, most_ms);
    else
        poll(&(struct pollfd){.fd = sender->wake_fd, .events = POLLIN}, 1, most_ms);
    while (read(sender->wake_fd, &wakes, sizeof wakes) > 0)
        ;
}

void gx_sender_wake(void *context)
{
    const gx_sender *sender = context;
    while (write(sender->wake_fd, &(uint64_t){1}, sizeof(uint64_t)) < 0 && errno == EINTR)
        ;
}
