#include "api/metrics_text.h"

void gx_metrics_head(gx_buffer *out, const char *name, const char *type, const char *help)
{
    gx_buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void gx_metrics_sample(gx_buffer *out, const char *name, const char *labels, uint64_t value)
{
    const char *open = labels[0] != '\0' ? "{" : "", *close = labels[0] != '\0' ? "}" : "";
    gx_buffer_printf(out, "%s%s%s%s %llu\n", name, open, labels, close, (unsigned long long)value);
}

/* As a decimal without needless digits at its end: 0.0025, 1, 10. */
static void append_scaled(gx_buffer *out, uint64_t value, uint64_t unit)
{
    gx_buffer_append_int(out, (long long)(value / unit));
    uint64_t rest = value % unit;
    if (rest > 0)
        gx_buffer_append_char(out, '.');
    while (rest > 0) {
        rest *= 10;
        gx_buffer_append_char(out, (char)('0' + rest / unit));
        rest %= unit;
    }
}

static void write_bucket(gx_buffer *out, const char *name, const char *labels, const uint64_t *bound, uint64_t unit,
                         uint64_t count)
{
    gx_buffer_printf(out, "%s_bucket{%s%sle=\"", name, labels, labels[0] != '\0' ? "," : "");
    if (bound != NULL)
        append_scaled(out, *bound, unit);
    else
        gx_buffer_append_text(out, "+Inf");
    gx_buffer_printf(out, "\"} %llu\n", (unsigned long long)count);
}

/* The count is that of the last bucket, not read once more: they must agree while others add. */
void gx_metrics_histogram(gx_buffer *out, const char *name, const char *labels, const gx_histogram *histogram,
                          const gx_scale *scale, uint64_t unit)
{
    const char *open = labels[0] != '\0' ? "{" : "", *close = labels[0] != '\0' ? "}" : "";
    uint64_t count = 0;
    for (size_t i = 0; i <= scale->count; i++) {
        count += gx_counted(&histogram->buckets[i]);
        write_bucket(out, name, labels, i < scale->count ? &scale->bounds[i] : NULL, unit, count);
    }
    gx_buffer_printf(out, "%s_sum%s%s%s ", name, open, labels, close);
    append_scaled(out, gx_counted(&histogram->sum), unit);
    gx_buffer_printf(out, "\n%s_count%s%s%s %llu\n", name, open, labels, close, (unsigned long long)count);
}
