#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed/follower.h"

void follow_with_room(follower *f, desk *d, gx_view view, gx_log_position after, size_t room)
{
    memory_sink_init(&f->sink, room);
    f->view = view;
    gx_subscription subscription = {.developer_id = DEVELOPER, .key_hash = DEVELOPER, .after = after, .view = view};
    gx_sink sink = memory_sink_as_sink(&f->sink);
    f->sink.subscriber = gx_subscriber_open(d->feed, &subscription, &sink);
    assert_non_null(f->sink.subscriber);
}

void follow_from(follower *f, desk *d, gx_view view, gx_log_position after)
{
    follow_with_room(f, d, view, after, SIZE_MAX);
}

void follow(follower *f, stage *s, gx_view view)
{
    follow_from(f, &s->desk, view, stage_head(s, DEVELOPER));
}

void unfollow(follower *f)
{
    memory_sink_close(&f->sink);
    memory_sink_free(&f->sink);
}

static bool is_there(void *context)
{
    const follower *f = context;
    return gx_subscriber_position(f->sink.subscriber)->seq >= f->wanted;
}

void until_seq(follower *f, desk *d, int64_t seq)
{
    f->wanted = seq;
    desk_until(d, is_there, f);
}

const received *read_all(const follower *f)
{
    static _Thread_local received r;
    assert_int_equal(memory_sink_read(&f->sink, f->view.framing, &r), f->sink.got.length);
    return &r;
}
