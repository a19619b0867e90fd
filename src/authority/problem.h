/* Why a request is refused, in the words of the API: HTTP status, code, and a sentence that names the field and the
 * rule. It becomes {"message","code","requestId"} at the edge. */
#ifndef GX_AUTHORITY_PROBLEM_H
#define GX_AUTHORITY_PROBLEM_H

#include <stdbool.h>

#define GX_PROBLEM_MESSAGE_SIZE 256

typedef struct gx_problem {
    int status;       /* 0: no problem */
    const char *code; /* static, e.g. "BAD_REQUEST" */
    char message[GX_PROBLEM_MESSAGE_SIZE];
    int retry_after_s; /* when it may be worth trying again; 0: not known */
} gx_problem;

/* Fills it and returns false, so that `return gx_refuse(act->problem, 404, "NOT_FOUND", …)` reads well. Valid UTF-8
 * stays valid when the message is cut. */
bool gx_refuse(gx_problem *problem, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The store is full, and nothing was done: 507. */
bool gx_refuse_no_room(gx_problem *problem);

#endif
