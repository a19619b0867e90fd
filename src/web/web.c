#include "web/web.h"

#include <string.h>

#include "base/embedded.h"

GX_EMBEDDED(web);

static const gx_web_file FILES[] = {
    {"/consent", "text/html; charset=utf-8", "consent.html"},
    {"/consent.js", "text/javascript; charset=utf-8", "consent.js"},
    {"/grant.js", "text/javascript; charset=utf-8", "grant.js"},
    {"/icon.svg", "image/svg+xml", "icon.svg"},
    {"/page.css", "text/css; charset=utf-8", "page.css"},
    {"/page.js", "text/javascript; charset=utf-8", "page.js"},
    {"/permissions", "text/html; charset=utf-8", "permissions.html"},
    {"/permissions.js", "text/javascript; charset=utf-8", "permissions.js"},
    {"/person.css", "text/css; charset=utf-8", "person.css"},
};

const gx_web_file *gx_web_find(const char *path)
{
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        if (strcmp(FILES[i].path, path) == 0)
            return &FILES[i];
    }
    return NULL;
}

gx_span gx_web_bytes(const gx_web_file *file)
{
    const gx_embedded_file *embedded = gx_embedded_web;
    while (embedded->name != NULL && strcmp(embedded->name, file->name) != 0)
        embedded++;
    return (gx_span){embedded->bytes, embedded->length};
}
