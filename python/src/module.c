#include "module.h"

#include <string.h>

module_state *state_of(PyObject *module)
{
    return PyModule_GetState(module);
}

void free_object(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyObject *version(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyUnicode_FromString(grantex_version());
}

/* "20.5" to 205000; ValueError when it is no amount. */
static PyObject *money_parse(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *text;
    int64_t amount;
    if (!PyArg_ParseTuple(arguments, "s:money_parse", &text))
        return NULL;
    if (grantex_money_parse(text, &amount) != GRANTEX_OK)
        return PyErr_Format(PyExc_ValueError, "not an amount with at most four decimals: %.60s", text);
    return PyLong_FromLongLong(amount);
}

/* For the tests: what event.data does. */
static PyObject *payload(PyObject *module, PyObject *bytes)
{
    char *text;
    Py_ssize_t length;
    return PyBytes_AsStringAndSize(bytes, &text, &length) == 0 ? payload_read(module, text, (size_t)length) : NULL;
}

static PyMethodDef functions[] = {
    {"payload", payload, METH_O, "The payload of an event from its JSON (bytes)."},
    {"open", (PyCFunction)(void (*)(void))client_open, METH_VARARGS | METH_KEYWORDS, "Opens a Client."},
    {"version", version, METH_NOARGS, "The version of the libgrantex that runs."},
    {"money_parse", money_parse, METH_VARARGS, "An amount as a count of ten-thousandths."},
    {NULL, NULL, 0, NULL},
};

/* --- the state ---------------------------------------------------------------------------------------------------- */

static bool add_type(PyObject *module, PyType_Spec *spec, PyTypeObject **type)
{
    *type = (PyTypeObject *)PyType_FromSpec(spec);
    if (!*type)
        return false;
    Py_INCREF(*type);
    if (PyModule_AddObject(module, strrchr(spec->name, '.') + 1, (PyObject *)*type) == 0)
        return true;
    Py_DECREF(*type);
    return false;
}

static PyObject *import_from(const char *module_name, const char *name)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *found = module ? PyObject_GetAttrString(module, name) : NULL;
    Py_XDECREF(module);
    return found;
}

static PyObject *json_scanner(void)
{
    PyObject *type = import_from("json", "JSONDecoder");
    PyObject *decoder = type ? PyObject_CallObject(type, NULL) : NULL;
    PyObject *scanner = decoder ? PyObject_GetAttrString(decoder, "scan_once") : NULL;
    Py_XDECREF(decoder);
    Py_XDECREF(type);
    return scanner;
}

static int module_exec(PyObject *module)
{
    module_state *state = state_of(module);
    bool ok = add_type(module, &event_spec, &state->event_type) && (state->ready_type = ready_type()) &&
              add_type(module, &stream_spec, &state->stream_type) &&
              add_type(module, &client_spec, &state->client_type) && (state->scan_json = json_scanner()) &&
              (state->make_error = import_from("grantex._errors", "make")) &&
              (state->running_loop = import_from("grantex._loop", "running")) && (state->zero = PyLong_FromLong(0));
    return ok ? 0 : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    module_state *state = state_of(module);
    Py_VISIT(state->event_type);
    Py_VISIT(state->ready_type);
    Py_VISIT(state->stream_type);
    Py_VISIT(state->client_type);
    Py_VISIT(state->scan_json);
    Py_VISIT(state->make_error);
    Py_VISIT(state->running_loop);
    return 0;
}

static int module_clear(PyObject *module)
{
    module_state *state = state_of(module);
    Py_CLEAR(state->event_type);
    Py_CLEAR(state->ready_type);
    Py_CLEAR(state->stream_type);
    Py_CLEAR(state->client_type);
    Py_CLEAR(state->scan_json);
    Py_CLEAR(state->make_error);
    Py_CLEAR(state->running_loop);
    Py_CLEAR(state->zero);
    payload_forget_keys(state);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)module_exec},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "grantex._grantex",
    .m_doc = "libgrantex for the package grantex, which alone should use it.",
    .m_size = sizeof(module_state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__grantex(void);

PyMODINIT_FUNC PyInit__grantex(void)
{
    return PyModuleDef_Init(&definition);
}
