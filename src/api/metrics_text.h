/* Prometheus' text format, version 0.0.4. */
#ifndef GX_API_METRICS_TEXT_H
#define GX_API_METRICS_TEXT_H

#include "base/buffer.h"
#include "base/metrics.h"

/* "# HELP" and "# TYPE": before the samples of each name. `type`: "counter", "gauge", "histogram". */
void gx_metrics_head(gx_buffer *out, const char *name, const char *type, const char *help);

/* One sample. `labels` is "" or "a=\"b\",c=\"d\"" of our own words: nothing in it needs escaping. */
void gx_metrics_sample(gx_buffer *out, const char *name, const char *labels, uint64_t value);

/* All samples of a histogram. The values are divided by `unit`, a power of ten: 1000000 makes seconds of microseconds.
 */
void gx_metrics_histogram(gx_buffer *out, const char *name, const char *labels, const gx_histogram *histogram,
                          const gx_scale *scale, uint64_t unit);

#endif
