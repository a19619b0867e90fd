/* The arguments of a call, as Python gives them and as the library takes them. */
#ifndef GRANTEX_PYTHON_ARGUMENTS_H
#define GRANTEX_PYTHON_ARGUMENTS_H

#include "module.h"

#define MOST_TEXTS   8
#define MOST_NUMBERS 2

typedef struct call_arguments {
    const char *text[MOST_TEXTS]; /* NULL: None */
    const char *const *list;      /* ends with NULL; NULL: None */
    int64_t number[MOST_NUMBERS];
    PyObject *kept[MOST_TEXTS + 1]; /* what the texts live in */
    char **own_list;
} call_arguments;

/* Reads the tuple by its form, one letter each: s a text, l a list of texts, i a number; None for s and l means none.
 * False with an exception. Free in any case. */
bool call_arguments_read(call_arguments *read, const char *form, PyObject *tuple);
void call_arguments_free(call_arguments *read);

/* A sequence of str as an array that ends with NULL, with the bytes objects that it points into as a tuple. None: NULL.
 * False with an exception. */
bool texts_read(PyObject *sequence, char ***array, PyObject **kept);

#endif
