/* The one form of a complaint about a field; for the files that read requests. */
#ifndef GX_API_INPUT_FAULT_H
#define GX_API_INPUT_FAULT_H

#include "api/call.h"

/* 400 "field: rule". Returns false. */
bool gx_input_refuse(gx_call *call, const char *field, const char *rule, ...) __attribute__((format(printf, 3, 4)));

/* Whether the text is one of the words; *out is then the table's. False: refused, with all of them named. */
bool gx_input_pick_word(gx_call *call, const char *field, gx_span text, const char *const *words, size_t count,
                        const char **out);

static inline bool gx_input_no_memory(gx_call *call)
{
    return gx_refuse(&call->problem, 503, "SERVICE_UNAVAILABLE",
                     "The server is short of memory at the moment; nothing was done, try again");
}

#endif
