#include "api/call_times.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/metrics_text.h"
#include "api/routes.h"

/* The statuses that an endpoint answers with; another one counts as the last of these that is below it. */
static const int STATUSES[] = {200, 201, 202, 204, 302, 400, 401, 402, 403, 404, 409,
                               410, 413, 415, 422, 429, 431, 500, 502, 503, 507};

enum { STATUS_COUNT = sizeof STATUSES / sizeof *STATUSES, US_PER_SECOND = 1000000 };

struct gx_call_times {
    size_t routes;
    gx_histogram histograms[][STATUS_COUNT]; /* by gx_route_number */
};

gx_call_times *gx_call_times_new(void)
{
    size_t routes = gx_route_count();
    gx_call_times *times = calloc(1, sizeof *times + routes * sizeof times->histograms[0]);
    if (times != NULL)
        times->routes = routes;
    return times;
}

void gx_call_times_free(gx_call_times *times)
{
    free(times);
}

static size_t column_of(int status)
{
    size_t column = STATUS_COUNT - 1;
    while (column > 0 && STATUSES[column] > status)
        column--;
    return column;
}

void gx_call_times_add(gx_call_times *times, const gx_endpoint *endpoint, int status, int64_t us)
{
    gx_histogram *histogram = &times->histograms[gx_route_number(endpoint)][column_of(status)];
    gx_histogram_add(histogram, &gx_scale_us, us > 0 ? (uint64_t)us : 0);
}

static uint64_t count_row(const gx_histogram *row, int least, int most)
{
    uint64_t count = 0;
    for (size_t column = 0; column < STATUS_COUNT; column++)
        if (STATUSES[column] >= least && STATUSES[column] <= most)
            count += gx_histogram_count(&row[column]);
    return count;
}

uint64_t gx_call_times_count(const gx_call_times *times, const char *method, const char *path, int least, int most)
{
    for (size_t route = 0; route < times->routes; route++) {
        const gx_endpoint *endpoint = gx_route_at(route);
        if (strcmp(endpoint->method, method) == 0 && strcmp(endpoint->path, path) == 0)
            return count_row(times->histograms[route], least, most);
    }
    return 0;
}

/* The route is the endpoint's pattern: with raw paths every id would be a series of its own. */
void gx_call_times_write(const gx_call_times *times, const char *name, gx_buffer *out)
{
    for (size_t route = 0; route < times->routes; route++) {
        const gx_endpoint *endpoint = gx_route_at(route);
        for (size_t column = 0; column < STATUS_COUNT; column++) {
            const gx_histogram *histogram = &times->histograms[route][column];
            char labels[256];
            if (gx_histogram_count(histogram) == 0)
                continue;
            snprintf(labels, sizeof labels, "method=\"%s\",route=\"%s\",status_code=\"%d\"", endpoint->method,
                     endpoint->path, STATUSES[column]);
            gx_metrics_histogram(out, name, labels, histogram, &gx_scale_us, US_PER_SECOND);
        }
    }
}
