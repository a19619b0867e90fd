/* Events inside a libuv loop: a uv_poll_t on the stream's descriptor.
 *
 *   cc uv_loop.c $(pkg-config --cflags --libs grantex libuv) -o uv_loop && GRANTEX_API_KEY=gx_live_… ./uv_loop */
#include <grantex/grantex.h>
#include <signal.h>
#include <stdio.h>
#include <uv.h>

typedef struct program {
    grantex_stream *stream;
    uv_poll_t poll;
    uv_signal_t interrupt;
    grantex_status status;
    grantex_error error;
} program;

/* Nothing is left to wait for, so uv_run returns. */
static void stop(program *self)
{
    uv_close((uv_handle_t *)&self->poll, NULL);
    uv_close((uv_handle_t *)&self->interrupt, NULL);
}

static void on_readable(uv_poll_t *poll, int failed, int events)
{
    program *self = poll->data;
    const grantex_event *event;
    (void)failed, (void)events;
    while ((self->status = grantex_stream_next(self->stream, &event, 0, &self->error)) == GRANTEX_OK)
        printf("%s %s\n", event->type.text, event->id.text);
    fflush(stdout);
    if (self->status < 0)
        stop(self);
}

static void on_interrupt(uv_signal_t *interrupt, int number)
{
    (void)number;
    stop(interrupt->data);
}

static void run(program *self)
{
    uv_loop_t *loop = uv_default_loop();
    uv_poll_init(loop, &self->poll, grantex_stream_fd(self->stream));
    uv_signal_init(loop, &self->interrupt);
    self->poll.data = self->interrupt.data = self;
    uv_poll_start(&self->poll, UV_READABLE, on_readable);
    uv_signal_start(&self->interrupt, on_interrupt, SIGINT);
    uv_run(loop, UV_RUN_DEFAULT);
    uv_loop_close(loop);
}

int main(void)
{
    program self = {.stream = NULL};
    grantex_client *client = NULL;

    self.status = grantex_client_open(NULL, &client, &self.error);
    if (self.status == GRANTEX_OK)
        self.status = grantex_events_stream(client, NULL, &self.stream, &self.error);
    if (self.status == GRANTEX_OK)
        run(&self);
    if (self.status < 0 && self.status != GRANTEX_END)
        fprintf(stderr, "%s: %s\n", grantex_status_name(self.status), self.error.message);

    grantex_stream_close(self.stream);
    grantex_client_close(client);
    return self.status >= 0 || self.status == GRANTEX_END ? 0 : 1;
}
