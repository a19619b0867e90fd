/* What went wrong, in a sentence, in the caller's own struct. For opening files, sockets and stores; what a client of
 * the API did wrong is a gx_problem (authority/problem.h). */
#ifndef GX_BASE_ERROR_H
#define GX_BASE_ERROR_H

#define GX_ERROR_SIZE 512

typedef struct gx_error {
    char message[GX_ERROR_SIZE];
} gx_error;

/* Writes the message (cut to the size) and returns -1, so that `return gx_error_set(error, …)` reads well. NULL is
 * allowed. */
int gx_error_set(gx_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
