/* POST /v1/events/tickets */
#include "authority/stream_ticket.h"
#include "api/nouns.h"
#include "wire/json_writer.h"

static bool run(gx_call *call, gx_act *act)
{
    return gx_stream_ticket_issue(act, call->args);
}

static void render(const gx_call *call, gx_answer *answer)
{
    const gx_stream_ticket *ticket = call->args;
    gx_json json = gx_json_on(&answer->body);
    gx_json_open_object(&json, NULL);
    gx_json_text(&json, "ticket", ticket->text);
    gx_json_time(&json, "expiresAt", ticket->expires_at);
    gx_json_close_object(&json);
}

static const gx_endpoint ROWS[] = {
    {
        .method = "POST",
        .path = "/v1/events/tickets",
        .access = GX_KEY_EVENTS_READ,
        .work = GX_WORK_WRITE,
        .body = GX_BODY_NONE,
        .args_size = sizeof(gx_stream_ticket),
        .success = 201,
        .run = run,
        .render = render,
    },
};

const gx_endpoints gx_stream_ticket_endpoints = {ROWS, sizeof ROWS / sizeof *ROWS};
