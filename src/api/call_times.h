/* How long the calls of each endpoint took, by the status of their answer. Shared by all network threads. */
#ifndef GX_API_CALL_TIMES_H
#define GX_API_CALL_TIMES_H

#include "api/call.h"
#include "base/buffer.h"

typedef struct gx_call_times gx_call_times;

gx_call_times *gx_call_times_new(void); /* NULL when out of memory */
void gx_call_times_free(gx_call_times *times);

void gx_call_times_add(gx_call_times *times, const gx_endpoint *endpoint, int status, int64_t us);

/* How many calls of an endpoint were answered with a status from `least` to `most`. */
uint64_t gx_call_times_count(const gx_call_times *times, const char *method, const char *path, int least, int most);

/* As the samples of a Prometheus histogram in seconds, labelled method, route, status_code. */
void gx_call_times_write(const gx_call_times *times, const char *name, gx_buffer *out);

#endif
