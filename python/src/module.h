/* grantex._grantex: libgrantex for Python, over its public headers. The files, from the ground up:
 *
 *   module.h, module.c   the module and its state; nothing of it is global
 *   errors.c             what the library refuses, as an exception
 *   payload.c            the data of an event, from JSON
 *   event.c              GrantexEvent
 *   ready.c              what `await stream.__anext__()` awaits when an event is there already
 *   stream.c             Stream: next, anext, close, notices
 *   client.c             Client: streams and calls
 *   arguments.c          the arguments of a call, from Python to C
 *   calls_*.c            one row for each call of the library
 *
 * Everything runs under the interpreter's lock but two waits: a call to the server, and a plain `for` that waits for
 * an event. Only the stable ABI of Python 3.9 is used, so one build serves all later ones. */
#ifndef GRANTEX_PYTHON_MODULE_H
#define GRANTEX_PYTHON_MODULE_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>

#include <stdbool.h>

#include "grantex/grantex.h"

#define PAYLOAD_KEYS 64

/* A key of payloads, kept to be used again. */
typedef struct payload_key {
    PyObject *key; /* NULL: free */
    unsigned char length;
    char text[31];
} payload_key;

typedef struct module_state {
    PyTypeObject *event_type, *ready_type, *stream_type, *client_type;
    PyObject *scan_json;    /* json.JSONDecoder().scan_once */
    PyObject *make_error;   /* grantex._errors.make */
    PyObject *running_loop; /* grantex._loop.running */
    PyObject *zero;
    payload_key keys[PAYLOAD_KEYS];
} module_state;

/* Of the module object that each object of ours keeps. */
module_state *state_of(PyObject *module);

/* errors.c: sets the exception that tells of `error`; returns NULL. */
PyObject *raise_error(PyObject *module, const grantex_error *error);
/* The same as an object, not raised; None when `error` is NULL. */
PyObject *make_error(PyObject *module, const grantex_error *error);

/* payload.c: a new object; NULL with an exception. */
PyObject *payload_read(PyObject *module, const char *text, size_t length);
void payload_forget_keys(module_state *state);

/* event.c */
extern PyType_Spec event_spec;
PyObject *event_from(PyObject *module, const grantex_event *event);

/* ready.c: an awaitable that ends at once with `value`, whose reference is taken; NULL: with StopAsyncIteration. It is
 * *kept, when only its owner has that, else a new one, which takes its place. */
PyTypeObject *ready_type(void);
PyObject *ready_again(PyObject *module, PyObject **kept, PyObject *value);

/* stream.c: fills `stream`, a fresh object of a class below Stream. */
extern PyType_Spec stream_spec;
bool stream_open(PyObject *stream, PyObject *module, grantex_client *client, const grantex_stream_options *options);

/* client.c */
extern PyType_Spec client_spec;
PyObject *client_open(PyObject *module, PyObject *arguments, PyObject *names);

/* What all deallocators of ours end with. */
void free_object(PyObject *self);

#endif
