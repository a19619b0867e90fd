/* Client: where the server is and who asks. A call runs without the interpreter's lock and holds the object, so that
 * it closes when neither a call nor anybody else needs it. */
#include "calls.h"

#include <string.h>

typedef struct client {
    PyObject_HEAD PyObject *module;
    grantex_client *client;
} client;

/* --- opening ------------------------------------------------------------------------------------------------------ */

PyObject *client_open(PyObject *module, PyObject *arguments, PyObject *names)
{
    static char *keywords[] = {"api_key",     "base_url", "ca_file", "connect_timeout_ms", "request_timeout_ms",
                               "max_retries", NULL};
    grantex_client_options options = GRANTEX_CLIENT_OPTIONS_INIT;
    grantex_error error = {0};
    if (!PyArg_ParseTupleAndKeywords(arguments, names, "|zzziii:open", keywords, &options.api_key, &options.base_url,
                                     &options.ca_file, &options.connect_timeout_ms, &options.request_timeout_ms,
                                     &options.max_retries))
        return NULL;
    client *self = PyObject_New(client, state_of(module)->client_type);
    if (!self)
        return NULL;
    Py_INCREF(module);
    self->module = module;
    self->client = NULL;
    if (grantex_client_open(&options, &self->client, &error) == GRANTEX_OK)
        return (PyObject *)self;
    raise_error(module, &error);
    Py_DECREF(self);
    return NULL;
}

static void client_dealloc(PyObject *object)
{
    client *self = (client *)object;
    grantex_client_close(self->client);
    Py_XDECREF(self->module);
    free_object(object);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static PyObject *open_stream(client *self, PyObject *type, const grantex_stream_options *options)
{
    PyObject *made = PyObject_CallObject(type, NULL);
    if (made && !PyObject_TypeCheck(made, state_of(self->module)->stream_type)) {
        PyErr_SetString(PyExc_TypeError, "the class must be one below Stream");
        Py_CLEAR(made);
    }
    if (made && !stream_open(made, self->module, self->client, options))
        Py_CLEAR(made);
    return made;
}

static PyObject *client_stream(PyObject *object, PyObject *arguments, PyObject *names)
{
    static char *keywords[] = {
        "type",           "event_types",  "since",  "cursor", "reconnect", "header_timeout_ms", "idle_timeout_ms",
        "max_backoff_ms", "max_attempts", "window", NULL};
    client *self = (client *)object;
    grantex_stream_options options = {0};
    PyObject *type, *types = Py_None, *kept;
    char **array;
    int reconnect = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, names, "O|OzziiiiiI:stream", keywords, &type, &types, &options.since,
                                     &options.cursor, &reconnect, &options.header_timeout_ms, &options.idle_timeout_ms,
                                     &options.max_backoff_ms, &options.max_attempts, &options.window) ||
        !texts_read(types, &array, &kept))
        return NULL;
    options.event_types = (const char *const *)array;
    options.reconnect = (grantex_reconnect)reconnect;
    PyObject *made = open_stream(self, type, &options);
    PyMem_Free(array);
    Py_XDECREF(kept);
    return made;
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

static const call_row *find_call(const char *name)
{
    static const call_row *const tables[] = {authority_calls, token_calls, budget_calls, other_calls};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (const call_row *row = tables[i]; row->name; row++)
            if (strcmp(row->name, name) == 0)
                return row;
    return NULL;
}

static PyObject *answer_of(const call_result *result)
{
    return Py_BuildValue("(NK)", PyUnicode_DecodeUTF8(result->json.text, (Py_ssize_t)result->json.length, "replace"),
                         (unsigned long long)result->total);
}

static PyObject *perform(client *self, const call_row *row, const call_arguments *in)
{
    call_result result = {.json = {"", 0}};
    grantex_error error = {0};
    grantex_status status;
    Py_BEGIN_ALLOW_THREADS status = row->call(self->client, in, &result, &error);
    Py_END_ALLOW_THREADS if (status != GRANTEX_OK) return raise_error(self->module, &error);
    PyObject *answer = answer_of(&result);
    if (result.release)
        result.release(result.given);
    return answer;
}

/* call(name, *arguments) -> (json, total) */
static PyObject *client_call(PyObject *object, PyObject *arguments)
{
    client *self = (client *)object;
    const char *name;
    PyObject *rest, *answer = NULL;
    if (!PyArg_ParseTuple(arguments, "sO!:call", &name, &PyTuple_Type, &rest))
        return NULL;
    const call_row *row = find_call(name);
    if (!row)
        return PyErr_Format(PyExc_ValueError, "there is no call \"%.60s\"", name);
    call_arguments in;
    if (call_arguments_read(&in, row->form, rest))
        answer = perform(self, row, &in);
    call_arguments_free(&in);
    return answer;
}

static PyObject *client_base_url(PyObject *object, void *closure)
{
    (void)closure;
    return PyUnicode_FromString(grantex_client_base_url(((client *)object)->client));
}

static PyMethodDef methods[] = {
    {"stream", (PyCFunction)(void (*)(void))client_stream, METH_VARARGS | METH_KEYWORDS, "Opens a stream."},
    {"call", client_call, METH_VARARGS, "call(name, arguments): the server's answer as JSON, and the total of a list."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getters[] = {
    {"base_url", client_base_url, NULL, "The base URL that is in use.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, (void *)client_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, getters},
    {0, NULL},
};

PyType_Spec client_spec = {
    .name = "grantex._grantex.Client",
    .basicsize = sizeof(client),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};
