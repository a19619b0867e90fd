/* GET /consent, GET /permissions, GET /monitor and what they are made of: the files of src/web, as they are. */
#include "api/nouns.h"
#include "web/web.h"

/* A page runs its own script and style and talks to its own server; nothing may frame it (a hidden frame under a decoy
 * would collect clicks). */
#define PAGE_POLICY                                                                                                    \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "                    \
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/* Of those below /monitor/ there are many, in one row. */
static bool parse_file(gx_call *call)
{
    return gx_web_find(call->request->path) != NULL ||
           gx_refuse(&call->problem, 404, "NOT_FOUND", "There is nothing at this path");
}

/* The one that is served at the request's path. */
static void render_file(const gx_call *call, gx_answer *answer)
{
    const gx_web_file *file = gx_web_find(call->request->path);
    answer->content_type = file->content_type;
    answer->content_policy = PAGE_POLICY;
    gx_buffer_append_span(&answer->body, gx_web_bytes(file));
}

#define FILE_ROW(at)                                                                                                   \
    {                                                                                                                  \
        .method = "GET", .path = at, .access = GX_ACCESS_PUBLIC, .work = GX_WORK_NONE, .success = 200,                 \
        .parse = parse_file, .render = render_file                                                                     \
    }

static const gx_endpoint ROWS[] = {
    FILE_ROW("/consent"),    FILE_ROW("/consent.js"), FILE_ROW("/grant.js"),      FILE_ROW("/icon.svg"),
    FILE_ROW("/page.css"),   FILE_ROW("/page.js"),    FILE_ROW("/permissions"),   FILE_ROW("/permissions.js"),
    FILE_ROW("/person.css"), FILE_ROW("/monitor"),    FILE_ROW("/monitor/:file"),
};

const gx_endpoints gx_page_file_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
