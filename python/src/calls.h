/* The calls of the library as rows of a table: name, form of the arguments (arguments.h), function. Every result of
 * the library has the server's answer as JSON, which is what Python gets. */
#ifndef GRANTEX_PYTHON_CALLS_H
#define GRANTEX_PYTHON_CALLS_H

#include "arguments.h"

/* What a call gave: the answer lives as long as `given`. */
typedef struct call_result {
    void *given;
    void (*release)(void *given); /* NULL: nothing was given */
    grantex_text json;
    uint64_t total; /* of a list */
} call_result;

typedef grantex_status call_function(grantex_client *client, const call_arguments *in, call_result *out,
                                     grantex_error *error);

typedef struct call_row {
    const char *name;
    const char *form;
    call_function *call;
} call_row;

/* Each ends with a row without a name. */
extern const call_row authority_calls[], token_calls[], budget_calls[], other_calls[];

/* DEFINE_RESULT(agent): give_agent(out, agent) hands a grantex_agent over. */
#define DEFINE_RESULT(NAME)                                                                                            \
    static void release_##NAME(void *given)                                                                            \
    {                                                                                                                  \
        grantex_##NAME##_free(given);                                                                                  \
    }                                                                                                                  \
    static grantex_status give_##NAME(grantex_status status, call_result *out, grantex_##NAME **given)                 \
    {                                                                                                                  \
        if (status == GRANTEX_OK)                                                                                      \
            *out = (call_result){*given, release_##NAME, (*given)->json, 0};                                           \
        return status;                                                                                                 \
    }

/* The same for a list, which has a total. */
#define DEFINE_LIST(NAME)                                                                                              \
    static void release_##NAME(void *given)                                                                            \
    {                                                                                                                  \
        grantex_##NAME##_free(given);                                                                                  \
    }                                                                                                                  \
    static grantex_status give_##NAME(grantex_status status, call_result *out, grantex_##NAME **given)                 \
    {                                                                                                                  \
        if (status == GRANTEX_OK)                                                                                      \
            *out = (call_result){*given, release_##NAME, (*given)->json, (*given)->total};                             \
        return status;                                                                                                 \
    }

#endif
