#include "module.h"

#include <string.h>

enum { ID, TYPE, TIMESTAMP, DATA, FIELDS };

/* The texts are copied once; a Python object is made of one when it is first asked for. An event that nobody looks
 * into costs one block of memory. */
typedef struct event {
    PyObject_VAR_HEAD PyObject *module; /* NULL when Python made the event: then all fields are there */
    PyObject *fields[FIELDS];           /* NULL: not asked for yet */
    int64_t seq;
    size_t length[FIELDS];
    char text[]; /* the texts, one after the other */
} event;

static size_t put(event *self, size_t at, int field, grantex_text text)
{
    self->length[field] = text.length;
    memcpy(self->text + at, text.text, text.length);
    return at + text.length;
}

static event *new_event(PyTypeObject *type, size_t size)
{
    event *self = PyObject_GC_NewVar(event, type, (Py_ssize_t)size);
    if (self)
        memset(&self->module, 0, offsetof(event, text) - offsetof(event, module));
    return self;
}

/* The collector has nothing to look for in texts: it hears of the event when `data` is made (event_data). */
PyObject *event_from(PyObject *module, const grantex_event *from)
{
    size_t size = from->id.length + from->type.length + from->timestamp.length + from->data.length;
    event *self = new_event(state_of(module)->event_type, size);
    if (!self)
        return NULL;
    Py_INCREF(module);
    self->module = module;
    self->seq = from->seq;
    size_t at = put(self, 0, ID, from->id);
    at = put(self, at, TYPE, from->type);
    at = put(self, at, TIMESTAMP, from->timestamp);
    put(self, at, DATA, from->data);
    return (PyObject *)self;
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

static PyObject *text_of(const event *self, int field)
{
    size_t at = 0;
    for (int before = 0; before < field; before++)
        at += self->length[before];
    return PyUnicode_DecodeUTF8(self->text + at, (Py_ssize_t)self->length[field], "replace");
}

static PyObject *share(PyObject *object)
{
    Py_XINCREF(object);
    return object;
}

static PyObject *event_text(PyObject *object, void *closure)
{
    event *self = (event *)object;
    int field = (int)(intptr_t)closure;
    if (!self->fields[field])
        self->fields[field] = text_of(self, field);
    return share(self->fields[field]);
}

static PyObject *decode(const event *self)
{
    const char *text = self->text + self->length[ID] + self->length[TYPE] + self->length[TIMESTAMP];
    return payload_read(self->module, text, self->length[DATA]);
}

static PyObject *event_data(PyObject *object, void *closure)
{
    (void)closure;
    event *self = (event *)object;
    if (self->fields[DATA])
        return share(self->fields[DATA]);
    PyObject *made = decode(self);
    if (!made)
        return NULL;
    if (self->fields[DATA]) { /* another thread was quicker, while the scanner ran Python code */
        Py_DECREF(made);
        return share(self->fields[DATA]);
    }
    self->fields[DATA] = made;
    PyObject_GC_Track(object);
    return share(made);
}

static PyObject *event_seq(PyObject *object, void *closure)
{
    (void)closure;
    return PyLong_FromLongLong(((event *)object)->seq);
}

static PyGetSetDef getters[] = {
    {"id", event_text, NULL, "Unique: \"evt_01…\" (str). Ids increase in the order of the events.", (void *)ID},
    {"type", event_text, NULL, "What happened, \"grant.created\" for example (str).", (void *)TYPE},
    {"timestamp", event_text, NULL, "When: RFC 3339, UTC, milliseconds (str).", (void *)TIMESTAMP},
    {"data", event_data, NULL, "The payload (dict), decoded when it is first read; always the same object.", NULL},
    {"seq", event_seq, NULL, "1, 2, 3 … per developer, without holes (int); 0 when the server does not count.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* --- made by Python ----------------------------------------------------------------------------------------------- */

static PyObject *event_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    static char *keywords[] = {"id", "type", "timestamp", "data", "seq", NULL};
    PyObject *given[FIELDS];
    long long seq = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, names, "UUUO!|L:GrantexEvent", keywords, &given[ID], &given[TYPE],
                                     &given[TIMESTAMP], &PyDict_Type, &given[DATA], &seq))
        return NULL;
    event *self = new_event(type, 0);
    if (!self)
        return NULL;
    for (int field = 0; field < FIELDS; field++)
        self->fields[field] = share(given[field]);
    self->seq = seq;
    PyObject_GC_Track((PyObject *)self);
    return (PyObject *)self;
}

/* --- what every object has ---------------------------------------------------------------------------------------- */

static PyObject *event_field(PyObject *self, int field)
{
    return field == DATA ? event_data(self, NULL) : event_text(self, (void *)(intptr_t)field);
}

/* (id, type, timestamp, data) */
static PyObject *event_tuple(PyObject *self)
{
    PyObject *tuple = PyTuple_New(FIELDS);
    for (int field = 0; tuple && field < FIELDS; field++) {
        PyObject *value = event_field(self, field);
        if (!value) {
            Py_DECREF(tuple);
            return NULL;
        }
        PyTuple_SetItem(tuple, field, value);
    }
    return tuple;
}

static PyObject *event_repr(PyObject *self)
{
    PyObject *tuple = event_tuple(self);
    PyObject *form = tuple ? PyUnicode_FromString("GrantexEvent(id=%r, type=%r, timestamp=%r, data=%r)") : NULL;
    PyObject *text = form ? PyUnicode_Format(form, tuple) : NULL;
    Py_XDECREF(form);
    Py_XDECREF(tuple);
    return text;
}

static PyObject *event_compare(PyObject *self, PyObject *other, int how)
{
    if ((how != Py_EQ && how != Py_NE) || Py_TYPE(self) != Py_TYPE(other))
        Py_RETURN_NOTIMPLEMENTED;
    PyObject *mine = event_tuple(self), *others = mine ? event_tuple(other) : NULL;
    PyObject *answer = others ? PyObject_RichCompare(mine, others, how) : NULL;
    Py_XDECREF(mine);
    Py_XDECREF(others);
    return answer;
}

static Py_hash_t event_hash(PyObject *self)
{
    PyObject *id = event_field(self, ID);
    Py_hash_t hash = id ? PyObject_Hash(id) : -1;
    Py_XDECREF(id);
    return hash;
}

/* For pickle and copy. */
static PyObject *event_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *fields = event_tuple(self);
    if (!fields)
        return NULL;
    PyObject *reduced = Py_BuildValue("O(OOOOL)", Py_TYPE(self), PyTuple_GetItem(fields, ID),
                                      PyTuple_GetItem(fields, TYPE), PyTuple_GetItem(fields, TIMESTAMP),
                                      PyTuple_GetItem(fields, DATA), (long long)((event *)self)->seq);
    Py_DECREF(fields);
    return reduced;
}

static int event_traverse(PyObject *object, visitproc visit, void *arg)
{
    event *self = (event *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->module);
    for (int field = 0; field < FIELDS; field++)
        Py_VISIT(self->fields[field]);
    return 0;
}

static int event_clear(PyObject *object)
{
    event *self = (event *)object;
    PyObject *data = self->fields[DATA];
    Py_INCREF(Py_None); /* a finalizer may still look */
    self->fields[DATA] = Py_None;
    Py_XDECREF(data);
    return 0;
}

static void event_dealloc(PyObject *object)
{
    event *self = (event *)object;
    PyObject_GC_UnTrack(object);
    for (int field = 0; field < FIELDS; field++)
        Py_XDECREF(self->fields[field]);
    Py_XDECREF(self->module);
    free_object(object);
}

static PyMethodDef methods[] = {
    {"__reduce__", event_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static const char doc[] =
    "One authorization event; it never changes.\n\n"
    "id (str), type (str), timestamp (str: RFC 3339, UTC, milliseconds), data (dict, decoded when first read),\n"
    "seq (int: counts per developer without holes; 0 when the server does not count).\n\n"
    "GrantexEvent(id, type, timestamp, data, seq=0) makes one by hand, to test a handler for example.";

static PyType_Slot slots[] = {
    {Py_tp_doc, (void *)doc},
    {Py_tp_new, (void *)event_new},
    {Py_tp_dealloc, (void *)event_dealloc},
    {Py_tp_traverse, (void *)event_traverse},
    {Py_tp_clear, (void *)event_clear},
    {Py_tp_getset, getters},
    {Py_tp_methods, methods},
    {Py_tp_repr, (void *)event_repr},
    {Py_tp_richcompare, (void *)event_compare},
    {Py_tp_hash, (void *)event_hash},
    {0, NULL},
};

PyType_Spec event_spec = {
    .name = "grantex.GrantexEvent",
    .basicsize = offsetof(event, text),
    .itemsize = 1,
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};
