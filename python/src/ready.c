#include "module.h"

/* `async for` awaits what __anext__ returns. An event that is there already needs neither a coroutine nor a future nor
 * a way round by the event loop: this ends at its first step. */
typedef struct ready {
    PyObject_HEAD PyObject *value; /* NULL: the end of the iteration, or it was awaited */
} ready;

PyObject *ready_again(PyObject *module, PyObject **kept, PyObject *value)
{
    ready *self = (ready *)*kept;
    if (!self || Py_REFCNT(self) > 1) { /* somebody else has it still */
        self = PyObject_New(ready, state_of(module)->ready_type);
        if (!self) {
            Py_XDECREF(value);
            return NULL;
        }
        Py_XDECREF(*kept);
        *kept = (PyObject *)self;
        self->value = NULL;
    }
    PyObject *before = self->value; /* that nobody awaited */
    self->value = value;
    Py_XDECREF(before);
    Py_INCREF(self);
    return (PyObject *)self;
}

static void ready_dealloc(PyObject *self)
{
    Py_XDECREF(((ready *)self)->value);
    free_object(self);
}

static PyObject *ready_await(PyObject *self)
{
    Py_INCREF(self);
    return self;
}

/* The value, given away; NULL with StopAsyncIteration. */
static PyObject *take_value(ready *self)
{
    PyObject *value = self->value;
    self->value = NULL;
    if (!value)
        PyErr_SetNone(PyExc_StopAsyncIteration);
    return value;
}

static PyObject *ready_iternext(PyObject *self)
{
    PyObject *value = take_value((ready *)self);
    if (value) {
        PyErr_SetObject(PyExc_StopIteration, value);
        Py_DECREF(value);
    }
    return NULL;
}

/* PYGEN_RETURN is 0, PYGEN_ERROR -1; Python 3.9 has neither. */
static int ready_send(PyObject *self, PyObject *sent, PyObject **result)
{
    (void)sent;
    *result = take_value((ready *)self);
    return *result ? 0 : -1;
}

#define SEND_SLOT 81 /* Py_am_send, since Python 3.10 */

PyTypeObject *ready_type(void)
{
    PyObject *number = PySys_GetObject("hexversion"); /* lent */
    bool sends = number && PyLong_AsLong(number) >= 0x030A0000;
    PyType_Slot slots[] = {
        {Py_tp_dealloc, (void *)ready_dealloc},
        {Py_am_await, (void *)ready_await},
        {Py_tp_iter, (void *)ready_await},
        {Py_tp_iternext, (void *)ready_iternext},
        {sends ? SEND_SLOT : 0, (void *)ready_send}, /* 0 ends the list */
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "grantex._grantex.Ready",
        .basicsize = sizeof(ready),
        .flags = Py_TPFLAGS_DEFAULT,
        .slots = slots,
    };
    return (PyTypeObject *)PyType_FromSpec(&spec);
}
