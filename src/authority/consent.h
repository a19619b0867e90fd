/* Consent: a developer asks for authority on an agent's behalf, the principal says yes or no, and a yes becomes a code
 * that is exchanged once (token.h), within ten minutes. A sandbox developer's requests approve themselves. */
#ifndef GX_AUTHORITY_CONSENT_H
#define GX_AUTHORITY_CONSENT_H

#include "authority/act.h"
#include "store/agents.h"
#include "store/auth_requests.h"

typedef struct gx_consent_ask_request {
    const char *agent_id;
    const char *principal_id;
    const char *scopes;         /* JSON array, not empty */
    const char *redirect_uri;   /* or NULL */
    const char *state;          /* or NULL */
    const char *audience;       /* or NULL */
    const char *code_challenge; /* PKCE S256, or NULL */
    int64_t life_ms;            /* of the request, and later of the grant */
} gx_consent_ask_request;

typedef struct gx_consent_asked {
    gx_auth_request_row request;
    const char *consent_url; /* where the principal decides */
    const char *code;        /* sandbox: already approved; NULL otherwise */
} gx_consent_asked;

/* What the principal is shown. */
typedef struct gx_consent_view {
    gx_auth_request_row request;
    gx_agent_row agent;
    const char *developer_name; /* who registered the agent, as they call themselves */
} gx_consent_view;

typedef struct gx_consent_decision {
    const char *request_id;
    const char *code;         /* shown once; NULL when denied */
    const char *redirect_uri; /* where the browser goes next, or NULL */
    const char *state;        /* for that address, or NULL */
} gx_consent_decision;

/* 404 when the developer has no such active agent. */
bool gx_consent_ask(gx_act *act, const gx_consent_ask_request *in, gx_consent_asked *out);

/* For the principal, who is known by the request's id alone: 404 unknown, 410 expired or decided already. */
bool gx_consent_show(gx_act *act, const char *request_id, gx_consent_view *out);

/* The principal's yes: 410 whenever there is nothing (more) to approve. */
bool gx_consent_approve(gx_act *act, const char *request_id, gx_consent_decision *out);

/* The principal's no: 404 when there is nothing to deny. A no comes never too late, so expiry does not matter. */
bool gx_consent_deny(gx_act *act, const char *request_id, gx_consent_decision *out);

/* The same in the principal's place, by API key and for requests of one's own: sandbox only, 403 CONSENT_REQUIRED
 * otherwise. 404 when there is nothing to decide. */
bool gx_consent_approve_as_developer(gx_act *act, const char *request_id, gx_consent_decision *out);
bool gx_consent_deny_as_developer(gx_act *act, const char *request_id, gx_consent_decision *out);

#endif
