#include "web/web.h"

#include <string.h>

#include "base/embedded.h"

GX_EMBEDDED(web);

#define HTML   "text/html; charset=utf-8"
#define CSS    "text/css; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"

static const gx_web_file FILES[] = {
    {"/consent", HTML, "consent.html"},
    {"/consent.js", SCRIPT, "consent.js"},
    {"/grant.js", SCRIPT, "grant.js"},
    {"/icon.svg", "image/svg+xml", "icon.svg"},
    {"/monitor", HTML, "monitor.html"},
    {"/monitor/api.js", SCRIPT, "api.js"},
    {"/monitor/budgets.js", SCRIPT, "budgets.js"},
    {"/monitor/connection.js", SCRIPT, "connection.js"},
    {"/monitor/dom.js", SCRIPT, "dom.js"},
    {"/monitor/feed.js", SCRIPT, "feed.js"},
    {"/monitor/format.js", SCRIPT, "format.js"},
    {"/monitor/grants.js", SCRIPT, "grants.js"},
    {"/monitor/hub.js", SCRIPT, "hub.js"},
    {"/monitor/inspector.js", SCRIPT, "inspector.js"},
    {"/monitor/keys.js", SCRIPT, "keys.js"},
    {"/monitor/main.js", SCRIPT, "main.js"},
    {"/monitor/monitor.css", CSS, "monitor.css"},
    {"/monitor/names.js", SCRIPT, "names.js"},
    {"/monitor/rates.js", SCRIPT, "rates.js"},
    {"/monitor/share.js", SCRIPT, "share.js"},
    {"/monitor/sse.js", SCRIPT, "sse.js"},
    {"/monitor/status.js", SCRIPT, "status.js"},
    {"/monitor/streams.js", SCRIPT, "streams.js"},
    {"/monitor/types.js", SCRIPT, "types.js"},
    {"/monitor/worker.js", SCRIPT, "worker.js"},
    {"/page.css", CSS, "page.css"},
    {"/page.js", SCRIPT, "page.js"},
    {"/permissions", HTML, "permissions.html"},
    {"/permissions.js", SCRIPT, "permissions.js"},
    {"/person.css", CSS, "person.css"},
};

const gx_web_file *gx_web_find(gx_span path)
{
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        if (gx_span_equal(gx_span_of(FILES[i].path), path))
            return &FILES[i];
    }
    return NULL;
}

const gx_web_file *gx_web_at(size_t number)
{
    return number < sizeof FILES / sizeof *FILES ? &FILES[number] : NULL;
}

gx_span gx_web_bytes(const gx_web_file *file)
{
    const gx_embedded_file *embedded = gx_embedded_web;
    while (embedded->name != NULL && strcmp(embedded->name, file->name) != 0)
        embedded++;
    return (gx_span){embedded->bytes, embedded->length};
}
