/* Every noun's endpoints, for the table in routes.c. One line, one file. */
#ifndef GX_API_NOUNS_H
#define GX_API_NOUNS_H

#include "api/call.h"

extern const gx_endpoints gx_agent_endpoints;           /* agent.c */
extern const gx_endpoints gx_api_key_endpoints;         /* api_key.c */
extern const gx_endpoints gx_audit_endpoints;           /* audit.c */
extern const gx_endpoints gx_authorize_endpoints;       /* authorize.c */
extern const gx_endpoints gx_browser_session_endpoints; /* browser_session.c */
extern const gx_endpoints gx_budget_endpoints;          /* budget.c */
extern const gx_endpoints gx_budget_burn_endpoints;     /* budget_burn.c */
extern const gx_endpoints gx_consent_endpoints;         /* consent.c */
extern const gx_endpoints gx_developer_endpoints;       /* developer.c */
extern const gx_endpoints gx_discovery_endpoints;       /* discovery.c */
extern const gx_endpoints gx_event_endpoints;           /* event.c */
extern const gx_endpoints gx_event_range_endpoints;     /* event_range.c */
extern const gx_endpoints gx_grant_endpoints;           /* grant.c */
extern const gx_endpoints gx_health_endpoints;          /* health.c */
extern const gx_endpoints gx_metrics_endpoints;         /* metrics.c */
extern const gx_endpoints gx_page_file_endpoints;       /* page_files.c */
extern const gx_endpoints gx_principal_endpoints;       /* principal.c */
extern const gx_endpoints gx_event_rates_endpoints;     /* event_rates.c */
extern const gx_endpoints gx_stream_list_endpoints;     /* stream_list.c */
extern const gx_endpoints gx_stream_sse_endpoints;      /* stream_sse.c */
extern const gx_endpoints gx_stream_ticket_endpoints;   /* stream_ticket.c */
extern const gx_endpoints gx_stream_ws_endpoints;       /* stream_ws.c */
extern const gx_endpoints gx_token_check_endpoints;     /* token_check.c */
extern const gx_endpoints gx_token_endpoints;           /* token.c */
extern const gx_endpoints gx_webhook_endpoints;         /* webhook.c */

#endif
