/* A payload, from JSON to Python objects: a short way for what payloads are made of, strings without escapes, numbers
 * of a moderate length, lists and dicts that are not deep. Whatever differs is left to Python's own scanner, which also
 * judges it, so there is one meaning of JSON and it is Python's. */
#include "module.h"

#include <stddef.h>
#include <string.h>

#define DEEPEST     16
#define MOST_DIGITS 18 /* fit into 64 bits */

typedef struct reader {
    const char *at, *end;
    payload_key *keys;
    int depth;
    bool failed; /* an exception is set; otherwise NULL means: not by the short way */
} reader;

static PyObject *read_value(reader *in);

static PyObject *made(reader *in, PyObject *object)
{
    in->failed = !object;
    return object;
}

static bool skip(reader *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

/* --- strings ------------------------------------------------------------------------------------------------------ */

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))
#define ZEROS(word)      (((word)-EACH_BYTE(1)) & ~(word)&EACH_BYTE(0x80))

/* Moves on to a quote, a backslash or a control character, or near the end. Of what a word finds the lowest byte is
 * right; those above it may come from a borrow. */
static const char *skip_plain(const char *at, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (uint64_t word; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        uint64_t control = (word - EACH_BYTE(' ')) & ~word & EACH_BYTE(0x80);
        uint64_t found = control | ZEROS(word ^ EACH_BYTE('"')) | ZEROS(word ^ EACH_BYTE('\\'));
        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
#endif
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= ' ')
        at++;
    return at;
}

/* Behind the quote; moves on behind the closing one. False when there is an escape or a control character. */
static bool find_string(reader *in, const char **text, size_t *length)
{
    const char *at = skip_plain(in->at, in->end);
    if (at == in->end || *at != '"')
        return false;
    *text = in->at;
    *length = (size_t)(at - in->at);
    in->at = at + 1;
    return true;
}

static PyObject *read_string(reader *in)
{
    const char *text;
    size_t length;
    return find_string(in, &text, &length) ? made(in, PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace")) : NULL;
}

/* A few of its bytes tell the keys of payloads apart; those that meet in a slot take turns. */
static size_t slot_of(const char *text, size_t length)
{
    if (length == 0)
        return 0;
    size_t first = (unsigned char)text[0], middle = (unsigned char)text[length / 2],
           last = (unsigned char)text[length - 1];
    return (first * 2 + middle + last) % PAYLOAD_KEYS;
}

static void remember(payload_key *slot, const char *text, size_t length, PyObject *key)
{
    Py_XDECREF(slot->key);
    Py_INCREF(key);
    slot->key = key;
    slot->length = (unsigned char)length;
    memcpy(slot->text, text, length);
}

/* Payloads have few keys, over and over. */
static PyObject *read_key(reader *in)
{
    const char *text;
    size_t length;
    if (!skip(in, '"') || !find_string(in, &text, &length))
        return NULL;
    payload_key *slot = length < sizeof slot->text ? &in->keys[slot_of(text, length)] : NULL;
    if (slot && slot->key && slot->length == length && memcmp(slot->text, text, length) == 0) {
        Py_INCREF(slot->key);
        return slot->key;
    }
    PyObject *key = made(in, PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace"));
    if (key && slot)
        remember(slot, text, length, key);
    return key;
}

/* --- numbers, words ----------------------------------------------------------------------------------------------- */

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* An integer only; what a fraction or an exponent follows is left to Python. */
static PyObject *read_number(reader *in)
{
    const char *first = in->at + (*in->at == '-'), *last = skip_digits(first, in->end);
    bool plain = last > first && last - first <= MOST_DIGITS && (*first != '0' || last == first + 1);
    if (!plain || (last < in->end && (*last == '.' || *last == 'e' || *last == 'E')))
        return NULL;
    long long value = 0;
    for (const char *digit = first; digit < last; digit++)
        value = value * 10 + (*digit - '0');
    bool negative = first > in->at;
    in->at = last;
    return made(in, PyLong_FromLongLong(negative ? -value : value));
}

static PyObject *read_word(reader *in)
{
    static const struct {
        const char *text;
        size_t length;
    } words[] = {{"null", 4}, {"true", 4}, {"false", 5}};
    PyObject *const values[] = {Py_None, Py_True, Py_False};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((size_t)(in->end - in->at) >= words[i].length && memcmp(in->at, words[i].text, words[i].length) == 0) {
            in->at += words[i].length;
            Py_INCREF(values[i]);
            return values[i];
        }
    return NULL;
}

/* --- lists, dicts ------------------------------------------------------------------------------------------------- */

static bool append_item(reader *in, PyObject *list)
{
    PyObject *item = read_value(in);
    if (!item)
        return false;
    in->failed = PyList_Append(list, item) != 0;
    Py_DECREF(item);
    return !in->failed;
}

static bool add_pair(reader *in, PyObject *dict)
{
    PyObject *key = read_key(in);
    PyObject *value = key && skip(in, ':') ? read_value(in) : NULL;
    bool ok = value && PyDict_SetItem(dict, key, value) == 0;
    in->failed = in->failed || (value && !ok);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return ok;
}

/* Behind the opening bracket. */
static bool fill(reader *in, PyObject *container, char end, bool (*add)(reader *in, PyObject *container))
{
    if (skip(in, end))
        return true;
    do
        if (!add(in, container))
            return false;
    while (skip(in, ','));
    return skip(in, end);
}

static PyObject *read_many(reader *in, PyObject *container, char end, bool (*add)(reader *in, PyObject *container))
{
    if (!made(in, container))
        return NULL;
    in->at++;
    in->depth++;
    bool whole = fill(in, container, end, add);
    in->depth--;
    if (whole)
        return container;
    Py_DECREF(container);
    return NULL;
}

static PyObject *read_value(reader *in)
{
    if (in->at == in->end || in->depth == DEEPEST)
        return NULL;
    switch (*in->at) {
    case '"':
        in->at++;
        return read_string(in);
    case '{':
        return read_many(in, PyDict_New(), '}', add_pair);
    case '[':
        return read_many(in, PyList_New(0), ']', append_item);
    case 'n':
    case 't':
    case 'f':
        return read_word(in);
    default:
        return read_number(in);
    }
}

/* Of the scanner's pair the value, if it ends where the text ends. */
static PyObject *whole_value(PyObject *pair, PyObject *string)
{
    if (PyLong_AsSsize_t(PyTuple_GetItem(pair, 1)) != PyUnicode_GetLength(string)) {
        PyErr_SetNone(PyExc_StopIteration);
        return NULL;
    }
    PyObject *value = PyTuple_GetItem(pair, 0);
    Py_XINCREF(value);
    return value;
}

/* The scanner tells of a text that is no JSON by StopIteration, which must not end anybody's loop. */
static PyObject *read_by_python(const module_state *state, const char *text, size_t length)
{
    PyObject *string = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "replace");
    PyObject *pair = string ? PyObject_CallFunctionObjArgs(state->scan_json, string, state->zero, NULL) : NULL;
    PyObject *value = pair ? whole_value(pair, string) : NULL;
    Py_XDECREF(string);
    Py_XDECREF(pair);
    if (!value && PyErr_ExceptionMatches(PyExc_StopIteration))
        PyErr_SetString(PyExc_ValueError, "the data of the event is not JSON");
    return value;
}

PyObject *payload_read(PyObject *module, const char *text, size_t length)
{
    module_state *state = state_of(module);
    reader in = {.at = text, .end = text + length, .keys = state->keys};
    PyObject *value = read_value(&in);
    if (value && in.at == in.end)
        return value;
    Py_XDECREF(value);
    return in.failed ? NULL : read_by_python(state, text, length);
}

void payload_forget_keys(module_state *state)
{
    for (size_t i = 0; i < PAYLOAD_KEYS; i++)
        Py_CLEAR(state->keys[i].key);
}
