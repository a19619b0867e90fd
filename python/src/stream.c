/* Stream: the base of grantex's EventStream. Who iterates is served from what has been read already, as long as there
 * is something, and waits by one descriptor: by poll in a plain `for`, by the event loop in `async for` (that is in
 * Python: EventStream._later).
 *
 * grantex_stream_next is called under the interpreter's lock and with no timeout, so it never waits, and notices can
 * call Python. Only poll runs without the lock. */
#include "module.h"

#include <poll.h>
#include <time.h>

#define TICK_MS     1000    /* a signal that came just before poll is seen that late */
#define TURN_NS     2000000 /* other tasks of the loop wait that long while events are there */
#define CLOCK_EVERY 8       /* events; a power of two */

typedef struct stream {
    PyObject_HEAD PyObject *module;
    grantex_stream *stream; /* NULL: closed */
    PyObject *held;         /* an event that came together with an exception: it is next */
    PyObject *ready;        /* what __anext__ returned last, to be used again */
    PyObject *cursor;       /* told instead of the library's: of before an event that nobody has got, or at the end */
    bool busy;              /* a thread is inside; it closes the stream if told so meanwhile */
    bool closing;
    int64_t turn_ends; /* monotonic ns; 0: no turn has begun */
    unsigned taken;    /* by `async for` */
} stream;

typedef enum outcome {
    TAKEN,
    NOTHING, /* yet */
    OVER,
    FAILED, /* an exception is set */
} outcome;

/* --- closing ------------------------------------------------------------------------------------------------------ */

static PyObject *cursor_text(const stream *self)
{
    grantex_text cursor = grantex_stream_cursor(self->stream);
    return PyUnicode_DecodeUTF8(cursor.text, (Py_ssize_t)cursor.length, "replace");
}

static void hold_cursor(stream *self, PyObject *text)
{
    PyObject *before = self->cursor;
    self->cursor = text;
    Py_XDECREF(before);
}

static void close_now(stream *self)
{
    grantex_stream *closed = self->stream;
    if (!closed)
        return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!self->cursor)
        hold_cursor(self, cursor_text(self));
    PyErr_Restore(type, value, traceback);
    self->stream = NULL;
    grantex_stream_close(closed);
}

/* From any thread. Who is inside, a poll or a notice, ends at once and closes. */
static void close_or_cancel(stream *self)
{
    self->closing = true;
    if (self->busy)
        grantex_stream_cancel(self->stream);
    else
        close_now(self);
}

static void leave(stream *self)
{
    self->busy = false;
    if (self->closing)
        close_now(self);
}

static bool enter(stream *self)
{
    if (!self->module) {
        PyErr_SetString(PyExc_RuntimeError, "a stream comes from client.events.stream()");
        return false;
    }
    if (self->busy) {
        PyErr_SetString(PyExc_RuntimeError, "the stream is being read already, by another thread or by its own notice");
        return false;
    }
    self->busy = true;
    return true;
}

/* --- notices ------------------------------------------------------------------------------------------------------ */

/* An exception stays set until grantex_stream_next has returned; what comes after it is not told. */
static void on_notice(const grantex_notice *notice, void *user)
{
    stream *self = user;
    if (PyErr_Occurred())
        return;
    hold_cursor(self, cursor_text(self));
    PyObject *error = make_error(self->module, notice->error);
    PyObject *done = error
                         ? PyObject_CallMethod((PyObject *)self, "_on_notice", "iiLLOs#", (int)notice->kind,
                                               notice->attempt, (long long)notice->delay_ms, (long long)notice->missed,
                                               error, notice->detail.text, (Py_ssize_t)notice->detail.length)
                         : NULL;
    Py_XDECREF(error);
    if (done)
        hold_cursor(self, NULL);
    Py_XDECREF(done);
}

bool stream_open(PyObject *object, PyObject *module, grantex_client *client, const grantex_stream_options *options)
{
    stream *self = (stream *)object;
    grantex_stream_options own = *options;
    grantex_error error = {0};
    own.on_notice = on_notice;
    own.notice_user = self;
    if (grantex_events_stream(client, &own, &self->stream, &error) != GRANTEX_OK) {
        raise_error(module, &error);
        return false;
    }
    Py_INCREF(module);
    self->module = module;
    return true;
}

/* --- taking an event ---------------------------------------------------------------------------------------------- */

static outcome end_of(stream *self, grantex_status status, const grantex_error *error)
{
    self->closing = true; /* it is final: the descriptors go as the caller leaves */
    if (PyErr_Occurred())
        return FAILED;
    if (status == GRANTEX_END || status == GRANTEX_E_CANCELLED)
        return OVER;
    raise_error(self->module, error);
    return FAILED;
}

static outcome take_held(stream *self, PyObject **event)
{
    *event = self->held;
    self->held = NULL;
    if (self->stream)
        hold_cursor(self, NULL);
    return TAKEN;
}

/* Inside enter and leave. */
static outcome take(stream *self, PyObject **event)
{
    if (self->held)
        return take_held(self, event);
    if (!self->stream || self->closing)
        return OVER;
    hold_cursor(self, NULL);
    const grantex_event *lent;
    grantex_error error = {0};
    grantex_status status = grantex_stream_next(self->stream, &lent, 0, &error);
    if (status < 0)
        return end_of(self, status, &error);
    if (PyErr_Occurred()) { /* a notice has raised */
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        self->held = status == GRANTEX_OK ? event_from(self->module, lent) : NULL;
        PyErr_Restore(type, value, traceback);
        return FAILED;
    }
    if (status == GRANTEX_TIMEOUT)
        return NOTHING;
    *event = event_from(self->module, lent);
    return *event ? TAKEN : FAILED;
}

static outcome take_once(stream *self, PyObject **event)
{
    if (!enter(self))
        return FAILED;
    outcome came = take(self, event);
    leave(self);
    return came;
}

/* --- for ---------------------------------------------------------------------------------------------------------- */

/* Blocking a running loop is always a mistake. */
static bool may_block(const stream *self)
{
    PyObject *loop = PyObject_CallObject(state_of(self->module)->running_loop, NULL);
    bool may = loop == Py_None;
    if (loop && !may)
        PyErr_SetString(PyExc_RuntimeError, "an event loop is running: use \"async for\"");
    Py_XDECREF(loop);
    return may;
}

static bool wait_for_bytes(const stream *self)
{
    struct pollfd watched = {.fd = grantex_stream_fd(self->stream), .events = POLLIN};
    Py_BEGIN_ALLOW_THREADS poll(&watched, 1, TICK_MS);
    Py_END_ALLOW_THREADS return PyErr_CheckSignals() == 0;
}

static PyObject *stream_iternext(PyObject *object)
{
    stream *self = (stream *)object;
    PyObject *event = NULL;
    if (!enter(self))
        return NULL;
    outcome came = take(self, &event);
    if (came == NOTHING && !may_block(self))
        came = FAILED;
    while (came == NOTHING)
        came = wait_for_bytes(self) ? take(self, &event) : FAILED;
    leave(self);
    return event;
}

/* --- async for ---------------------------------------------------------------------------------------------------- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Whether others have waited long enough. */
static bool turn_is_over(stream *self)
{
    if (self->taken++ % CLOCK_EVERY != 0)
        return false;
    int64_t now = now_ns();
    bool over = self->turn_ends > 0 && now >= self->turn_ends;
    if (over || self->turn_ends == 0)
        self->turn_ends = now + TURN_NS;
    return over;
}

/* Who waits gives others their turn. */
static void begin_turn(stream *self)
{
    self->taken = 0;
    self->turn_ends = 0;
}

static PyObject *stream_anext(PyObject *object)
{
    stream *self = (stream *)object;
    PyObject *event = NULL;
    bool yield = turn_is_over(self);
    outcome came = yield ? NOTHING : take_once(self, &event);
    if (came == FAILED)
        return NULL;
    if (came != NOTHING)
        return ready_again(self->module, &self->ready, event);
    if (!yield)
        begin_turn(self);
    return PyObject_CallMethod(object, "_later", "O", yield ? Py_True : Py_False);
}

static PyObject *stream_self(PyObject *self)
{
    Py_INCREF(self);
    return self;
}

/* --- for EventStream ---------------------------------------------------------------------------------------------- */

static PyObject *stream_take(PyObject *object, PyObject *unused)
{
    (void)unused;
    PyObject *event = NULL;
    outcome came = take_once((stream *)object, &event);
    if (came == OVER)
        PyErr_SetNone(PyExc_StopAsyncIteration);
    if (came == NOTHING)
        Py_RETURN_NONE;
    return event;
}

static PyObject *stream_close(PyObject *object, PyObject *unused)
{
    (void)unused;
    stream *self = (stream *)object;
    Py_CLEAR(self->held);
    close_or_cancel(self);
    Py_RETURN_NONE;
}

static PyObject *stream_fileno(PyObject *object, PyObject *unused)
{
    (void)unused;
    stream *self = (stream *)object;
    if (!self->stream) {
        PyErr_SetString(PyExc_ValueError, "the stream is closed");
        return NULL;
    }
    return PyLong_FromLong(grantex_stream_fd(self->stream));
}

/* Meanwhile the cursor is that of before an event which was taken and may never arrive. */
static PyObject *stream_hold(PyObject *object, PyObject *text)
{
    Py_INCREF(text);
    hold_cursor((stream *)object, text);
    Py_RETURN_NONE;
}

static PyObject *stream_release(PyObject *object, PyObject *unused)
{
    (void)unused;
    stream *self = (stream *)object;
    if (self->stream)
        hold_cursor(self, NULL);
    Py_RETURN_NONE;
}

static PyObject *stream_cursor(PyObject *object, void *closure)
{
    (void)closure;
    const stream *self = (stream *)object;
    if (!self->cursor)
        return cursor_text(self);
    Py_INCREF(self->cursor);
    return self->cursor;
}

static PyObject *stream_restart(PyObject *object, PyObject *unused)
{
    (void)unused;
    stream *self = (stream *)object;
    if (!enter(self))
        return NULL;
    if (self->stream)
        grantex_stream_restart(self->stream);
    leave(self);
    Py_RETURN_NONE;
}

static PyObject *stream_stats(PyObject *object, PyObject *unused)
{
    (void)unused;
    grantex_stream_stats stats = {.last_byte_age_ms = -1, .connected_for_ms = -1};
    grantex_stream_get_stats(((stream *)object)->stream, &stats, sizeof stats);
    return Py_BuildValue("{sKsKsKsKsKsKsKsKsLsL}", "bytes", stats.bytes, "events", stats.events, "duplicates",
                         stats.duplicates, "filtered", stats.filtered, "dropped", stats.dropped, "gaps", stats.gaps,
                         "attempts", stats.attempts, "connections", stats.connections, "last_byte_age_ms",
                         (long long)stats.last_byte_age_ms, "connected_for_ms", (long long)stats.connected_for_ms);
}

static PyObject *stream_closed(PyObject *object, void *closure)
{
    (void)closure;
    const stream *self = (stream *)object;
    return PyBool_FromLong(!self->stream || self->closing);
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static int stream_traverse(PyObject *object, visitproc visit, void *arg)
{
    stream *self = (stream *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->module);
    Py_VISIT(self->held);
    return 0;
}

static int stream_clear(PyObject *object)
{
    Py_CLEAR(((stream *)object)->held);
    return 0;
}

static void stream_dealloc(PyObject *object)
{
    stream *self = (stream *)object;
    PyObject_GC_UnTrack(object);
    close_now(self);
    Py_XDECREF(self->ready);
    Py_XDECREF(self->held);
    Py_XDECREF(self->cursor);
    Py_XDECREF(self->module);
    free_object(object);
}

static PyMethodDef methods[] = {
    {"_take", stream_take, METH_NOARGS, "An event, None when there is none yet; StopAsyncIteration at the end."},
    {"_close", stream_close, METH_NOARGS, "Closes the connection at once."},
    {"_restart", stream_restart, METH_NOARGS, "A new connection, after the last event."},
    {"_hold", stream_hold, METH_O, "Lets `cursor` be the given text until _release()."},
    {"_release", stream_release, METH_NOARGS, "Lets `cursor` be where the stream is."},
    {"_stats", stream_stats, METH_NOARGS, "What the stream has done."},
    {"fileno", stream_fileno, METH_NOARGS, "The one descriptor of the stream (int); ValueError when it is closed."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"cursor", stream_cursor, NULL,
     "Where to go on after the event that was handed out last (str; \"\" before the first): for stream(cursor=…), of\n"
     "another process too. Store it together with the effect of the event and each event counts once.",
     NULL},
    {"closed", stream_closed, NULL, "Whether the connection is closed for good (bool).", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, (void *)stream_dealloc},
    {Py_tp_traverse, (void *)stream_traverse},
    {Py_tp_clear, (void *)stream_clear},
    {Py_tp_iter, (void *)stream_self},
    {Py_tp_iternext, (void *)stream_iternext},
    {Py_am_aiter, (void *)stream_self},
    {Py_am_anext, (void *)stream_anext},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

PyType_Spec stream_spec = {
    .name = "grantex._grantex.Stream",
    .basicsize = sizeof(stream),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .slots = slots,
};
