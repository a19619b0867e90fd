#include "module.h"

PyObject *make_error(PyObject *module, const grantex_error *error)
{
    if (!error)
        Py_RETURN_NONE;
    return PyObject_CallFunction(state_of(module)->make_error, "isiss", (int)error->status, error->message,
                                 error->http_status, error->code, error->request_id);
}

PyObject *raise_error(PyObject *module, const grantex_error *error)
{
    if (error->status == GRANTEX_E_NO_MEMORY)
        return PyErr_NoMemory();
    PyObject *made = make_error(module, error);
    if (made)
        PyErr_SetObject((PyObject *)Py_TYPE(made), made);
    Py_XDECREF(made);
    return NULL;
}
