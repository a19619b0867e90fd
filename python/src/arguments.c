#include "arguments.h"

#include <string.h>

/* A text with a NUL would be cut silently. */
static const char *text_of(PyObject *bytes)
{
    char *text;
    return PyBytes_AsStringAndSize(bytes, &text, NULL) == 0 ? text : NULL;
}

static PyObject *encode(PyObject *text)
{
    if (PyUnicode_Check(text))
        return PyUnicode_AsUTF8String(text);
    PyErr_SetString(PyExc_TypeError, "a str is expected");
    return NULL;
}

static bool fill(char **array, PyObject *kept, PyObject *sequence)
{
    for (Py_ssize_t i = 0; i < PyTuple_Size(kept); i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        PyObject *bytes = item ? encode(item) : NULL;
        Py_XDECREF(item);
        if (!bytes)
            return false;
        PyTuple_SetItem(kept, i, bytes);
        array[i] = (char *)text_of(bytes);
        if (!array[i])
            return false;
    }
    return true;
}

bool texts_read(PyObject *sequence, char ***array, PyObject **kept)
{
    *array = NULL;
    *kept = NULL;
    if (sequence == Py_None)
        return true;
    Py_ssize_t count = PySequence_Size(sequence);
    *kept = count < 0 ? NULL : PyTuple_New(count);
    *array = *kept ? PyMem_Calloc((size_t)count + 1, sizeof **array) : NULL;
    if (*kept && !*array)
        PyErr_NoMemory();
    if (*array && fill(*array, *kept, sequence))
        return true;
    PyMem_Free(*array);
    Py_CLEAR(*kept);
    *array = NULL;
    return false;
}

static bool read_text(call_arguments *read, size_t at, PyObject *item)
{
    if (item == Py_None)
        return true;
    read->kept[at] = encode(item);
    read->text[at] = read->kept[at] ? text_of(read->kept[at]) : NULL;
    return read->text[at] != NULL;
}

static bool read_number(int64_t *number, PyObject *item)
{
    *number = PyLong_AsLongLong(item);
    return !PyErr_Occurred();
}

bool call_arguments_read(call_arguments *read, const char *form, PyObject *tuple)
{
    size_t texts = 0, numbers = 0;
    *read = (call_arguments){0};
    if (PyTuple_Size(tuple) != (Py_ssize_t)strlen(form)) {
        PyErr_Format(PyExc_TypeError, "the call takes %zd arguments", (Py_ssize_t)strlen(form));
        return false;
    }
    for (Py_ssize_t i = 0; form[i]; i++) {
        PyObject *item = PyTuple_GetItem(tuple, i); /* lent */
        bool ok = form[i] == 's'   ? read_text(read, texts++, item)
                  : form[i] == 'i' ? read_number(&read->number[numbers++], item)
                                   : texts_read(item, &read->own_list, &read->kept[MOST_TEXTS]);
        if (!ok)
            return false;
    }
    read->list = (const char *const *)read->own_list;
    return true;
}

void call_arguments_free(call_arguments *read)
{
    PyMem_Free(read->own_list);
    for (size_t i = 0; i < MOST_TEXTS + 1; i++)
        Py_XDECREF(read->kept[i]);
}
