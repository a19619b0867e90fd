"""Sections 1, 2 and 6 of the reference, one row per endpoint: who calls, what is sent, what is answered. Read it as a table.

by        "sandbox" and "live" are developers with an API key, "session" is a principal, "nobody" sends no key
id        what stands for ":id" in the path
body      what is sent; "$names" are made by the test (test_reference_fields.py)
status, answer
          every key of the answer with its shape. A key may bear a mark:
            "key?"   not always there
            "+key"   not in the reference: ours, and harms nobody
            "-key"   in the reference and not here
          A row with + or - says why.
also      further good calls, (changes to the call, status, answer), where the answer's keys depend on the call
errors    (changes to the call, status, code, message); a message of None is ours, the others are the reference's words

Shapes: text, bool, whole, number, time (RFC 3339, milliseconds, Z), money ("750.0000"), url, did, jwt, "48 hex", ulid, object;
"grnt_" is that prefix and a ULID; "a | b" is one of these words; "or null" may follow; [x] is an array of them."""

NO_ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"  # well-formed, and nobody's

PAGED = {"+total": "whole", "+page": "whole", "+pageSize": "whole"}
PAGED_WHY = "Lists are paged here, and say so as the Go SDK expects; without page and pageSize all up to 1000 come."

AGENT = {
    "agentId": "ag_", "did": "did", "developerId": "dev_", "name": "text", "description": "text", "scopes": ["text"],
    "status": "active | suspended", "createdAt": "time", "updatedAt": "time",
}
GRANT = {
    "grantId": "grnt_", "agentId": "ag_", "principalId": "text", "developerId": "dev_", "scopes": ["text"],
    "status": "active | revoked | expired", "issuedAt": "time", "expiresAt": "time", "revokedAt?": "time",
    "+revokedBy?": "developer | principal | system", "parentGrantId?": "grnt_", "delegationDepth": "whole",
}
GRANT_WHY = "revokedBy: the contract promises it in the event, and whoever looks later wants it as well."
TOKEN = {"grantToken": "jwt", "expiresAt": "time", "scopes": ["text"], "refreshToken": "ref_", "grantId": "grnt_"}
BUDGET = {
    "id": "bdg_", "grantId": "grnt_", "developerId": "dev_", "initialBudget": "money", "remainingBudget": "money", "currency": "text",
    "createdAt": "time", "updatedAt": "time",
}
AUDIT = {
    "entryId": "alog_", "agentId": "text", "agentDid": "text", "grantId": "text", "principalId": "text", "developerId": "dev_",
    "action": "text", "metadata": "object", "hash": "64 hex", "prevHash": "64 hex or null", "timestamp": "time",
    "status": "success | failure | blocked",
}
WEBHOOK = {"id": "wh_", "url": "url", "events": ["text"], "createdAt": "time", "+lag": "whole"}
WEBHOOK_WHY = "lag: how many events lie before it; a webhook is a cursor here."
DELIVERY = {
    "id": "whd_", "webhookId": "wh_", "eventId": "evt_",
    "eventType": "grant.created | grant.revoked | token.issued | budget.threshold | budget.exhausted",
    "status": "pending | delivered | failed", "attempts": "whole", "maxAttempts": "whole", "url": "url", "lastError": "text or null",
    "createdAt": "time", "deliveredAt": "time or null",
}
LOGGED = {
    "agentId": "$agent", "agentDid": "did:grantex:$agent", "grantId": "$grant", "principalId": "user_abc123", "action": "mail.sent",
}

KEY = {
    "id": "key_", "name": "text", "scopes": ["text"], "maskedKey": "text or null", "createdAt": "time", "expiresAt": "time or null",
    "lastUsedAt": "time or null",
}

ENDPOINTS = {
    # --- 1.1 developers ---
    "POST /v1/signup": {
        "by": "nobody",
        "body": {"name": " Acme ", "email": "Someone@Example.com", "mode": "sandbox"},
        "status": 201,
        "answer": {
            "developerId": "dev_", "apiKey": "api key", "name": "=Acme", "email": "=someone@example.com", "mode": "=sandbox",
            "createdAt": "time",
        },
        "also": [
            ({"body": {"name": "Acme"}}, 201, {
                "developerId": "dev_", "apiKey": "api key", "name": "text", "email": "null", "mode": "=live", "createdAt": "time",
            }),
        ],
        "errors": [
            ({"body": {"name": " "}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x" * 201}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "mode": "test"}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "email": "nobody"}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "email": "SOMEONE@example.com"}}, 409, "CONFLICT", None),
        ],
    },
    "POST /v1/keys/rotate": {
        "status": 200,
        "answer": {"apiKey": "api key", "rotatedAt": "time", "+previousKeyEndsAt": "time", "+key": KEY},
        "why": "There are several keys here, and the old one may work on for a while.",
        "errors": [
            ({"body": {"overlap": "8d"}}, 401, "UNAUTHORIZED", None),  # by the key that was rotated
            ({"body": {"overlap": "8d"}, "by": "live"}, 400, "BAD_REQUEST", None),
            ({"body": {"overlap": 60}, "by": "live"}, 400, "BAD_REQUEST", None),
        ],
    },
    "POST /v1/keys": {
        "body": {"name": " monitor ", "scopes": ["events:read"], "expiresIn": "90d"},
        "status": 201,
        "answer": {f"+{name}": shape for name, shape in {**KEY, "apiKey": "api key"}.items()},
        "why": "The reference knows one key per developer.",
        "errors": [
            ({"body": {"name": "x"}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "scopes": ["events:write"]}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "scopes": ["events:read grants:write"]}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": " ", "scopes": ["admin"]}}, 400, "BAD_REQUEST", None),
        ],
    },
    "GET /v1/keys": {"status": 200, "answer": {"+keys": [KEY]}, "why": "The reference knows one key per developer."},
    "DELETE /v1/keys/:id": {
        "id": "$key", "status": 204, "answer": None, "why": "The reference knows one key per developer.",
        "errors": [({"id": f"key_{NO_ID}"}, 404, "NOT_FOUND", None)],
    },
    "GET /v1/me": {
        "status": 200,
        "answer": {
            "developerId": "dev_", "name": "text", "email": "text or null", "mode": "live | sandbox", "plan": "free | pro | enterprise",
            "fidoRequired": "bool", "fidoRpName": "text or null", "createdAt": "time",
            "+key": KEY,
        },
        "why": "There are several keys here: which one asks, and what it may do.",
    },
    "PATCH /v1/me": {
        "body": {"fidoRequired": False, "fidoRpName": "Acme"},
        "status": 200,
        "answer": {"updated": "true"},
        "errors": [
            ({"body": {}}, 400, "BAD_REQUEST", None),
            ({"body": {"fidoRpName": "x" * 101}}, 400, "BAD_REQUEST", None),
            # There are no passkeys here, so none can be required; told, not ignored.
            ({"body": {"fidoRequired": True}}, 400, "BAD_REQUEST", None),
        ],
    },
    # --- 2.1 agents ---
    "POST /v1/agents": {
        "body": {"name": " payer ", "description": "Pays", "scopes": ["a:b"]},
        "status": 201,
        "answer": {**AGENT, "name": "=payer", "description": "=Pays"},
        "also": [({"body": {"name": "payer"}}, 201, {**AGENT, "description": "=", "scopes": []})],
        "errors": [
            ({"body": {}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "  "}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "scopes": ["s"] * 101}}, 400, "BAD_REQUEST", None),
            ({"body": {"name": "x", "scopes": ["s" * 257]}}, 400, "BAD_REQUEST", None),
        ],
    },
    "GET /v1/agents": {"needs": ["$agent"], "status": 200, "answer": {"agents": [AGENT], **PAGED}, "why": PAGED_WHY},
    "GET /v1/agents/:id": {
        "id": "$agent", "status": 200, "answer": AGENT, "errors": [({"id": f"ag_{NO_ID}"}, 404, "NOT_FOUND", "Agent not found")],
    },
    **{
        # POST is what the Python SDK sends to change an agent.
        f"{method} /v1/agents/:id": {
            "id": "$agent",
            "body": {"status": "suspended"},
            "status": 200,
            "answer": {**AGENT, "status": "=suspended"},
            "errors": [
                ({"body": {}}, 400, "BAD_REQUEST", None),
                ({"body": {"status": "gone"}}, 400, "BAD_REQUEST", None),
                ({"id": f"ag_{NO_ID}"}, 404, "NOT_FOUND", "Agent not found"),
            ],
        }
        for method in ("PATCH", "POST")
    },
    "DELETE /v1/agents/:id": {"id": "$agent", "status": 204, "errors": [({"id": f"ag_{NO_ID}"}, 404, "NOT_FOUND", "Agent not found")]},
    # --- 2.2 authorize ---
    "POST /v1/authorize": {
        "body": {"agentId": "$agent", "principalId": "user_abc123", "scopes": ["a:b"], "expiresIn": "2h"},
        "status": 201,
        "answer": {
            "authRequestId": "areq_", "consentUrl": "url", "expiresAt": "time", "sandbox": "true", "code": "ulid",
            "+agentId": "ag_", "+principalId": "text", "+scopes": ["text"], "+expiresIn": "=2h", "+status": "=approved", "+createdAt": "time",
        },
        "also": [
            ({"by": "live", "body": {"agentId": "$live_agent", "principalId": "user_abc123", "scopes": ["a:b"]}}, 201, {
                "authRequestId": "areq_", "consentUrl": "url", "expiresAt": "time", "+agentId": "ag_", "+principalId": "text",
                "+scopes": ["text"], "+expiresIn": "=24h", "+status": "=pending", "+createdAt": "time",
            }),
        ],
        "why": "The SDKs' types expect the six more fields; the reference leaves them undefined. Policies are not made here.",
        "errors": [
            ({"body": {"agentId": f"ag_{NO_ID}", "principalId": "u", "scopes": ["a"]}}, 404, "NOT_FOUND", "Agent not found"),
            ({"body": {"agentId": "$suspended", "principalId": "u", "scopes": ["a"]}}, 404, "NOT_FOUND", "Agent not found"),
            ({"body": {"agentId": "$agent", "principalId": "u", "scopes": []}}, 400, "BAD_REQUEST", None),
            ({"body": {"agentId": "$agent", "principalId": "u", "scopes": ["a"], "expiresIn": "0h"}}, 400, "BAD_REQUEST", None),
            ({"body": {"agentId": "$agent", "principalId": "u", "scopes": ["a"], "codeChallenge": "x" * 43}}, 400, "BAD_REQUEST", None),
            ({"body": {"agentId": "$agent", "principalId": "u", "scopes": ["a"], "redirectUri": "/back"}}, 400, "BAD_REQUEST", None),
        ],
    },
    "POST /v1/authorize/:id/approve": {
        "id": "$sandbox_request",
        "status": 200,
        "answer": {"requestId": "areq_", "status": "=approved", "code": "ulid"},
        "errors": [
            ({"id": f"areq_{NO_ID}"}, 404, "NOT_FOUND", None),
            ({"id": "$sandbox_request"}, 404, "NOT_FOUND", None),  # processed by now
            ({"by": "live", "id": "$request"}, 403, "CONSENT_REQUIRED", None),
        ],
    },
    "POST /v1/authorize/:id/deny": {
        "id": "$sandbox_request",
        "status": 200,
        "answer": {"requestId": "areq_", "status": "=denied"},
        "errors": [
            ({"id": f"areq_{NO_ID}"}, 404, "NOT_FOUND", None),
            ({"by": "live", "id": "$request"}, 403, "CONSENT_REQUIRED", None),
        ],
    },
    # --- 2.3 consent ---
    "GET /v1/consent/:id": {
        "by": "nobody",
        "id": "$request",
        "status": 200,
        "answer": {
            "id": "areq_", "agentName": "text", "agentDid": "did", "agentDescription": "text or null", "scopes": ["text"],
            "scopeDescriptions": ["text"], "+scopeWarnings": ["text or null"], "+developerName": "text", "+principalId": "text",
            "+redirectUri": "text or null", "+grantLifeSeconds": "whole", "expiresAt": "time", "status": "=pending", "fidoRequired": "bool",
        },
        "why": "scopeWarnings, developerName, principalId, redirectUri, grantLifeSeconds: the page shows what to think of, who asks "
        "whom, where one is taken afterwards, and for how long one allows it.",
        "errors": [
            ({"id": f"areq_{NO_ID}"}, 404, "NOT_FOUND", None),
            ({"id": "$decided_request"}, 410, "GONE", None),
            ({"id": "$expired_request"}, 410, "GONE", None),
        ],
    },
    "POST /v1/consent/:id/approve": {
        "by": "nobody",
        "id": "$request",
        "status": 200,
        "answer": {"code": "ulid"},
        "also": [({"id": "$request_with_redirect"}, 200, {"code": "ulid", "redirectUri": "=https://app.example/back", "state": "=s 1"})],
        "errors": [
            ({"id": "$decided_request"}, 410, "GONE", None),
            ({"id": "$expired_request"}, 410, "GONE", None),
            ({"id": f"areq_{NO_ID}"}, 410, "GONE", None),  # not 404: so the reference has it
        ],
    },
    "POST /v1/consent/:id/deny": {
        "by": "nobody",
        "id": "$request",
        "status": 200,
        "answer": {},
        "also": [({"id": "$request_with_redirect"}, 200, {"redirectUri": "=https://app.example/back", "state": "=s 1"})],
        "errors": [
            ({"id": "$decided_request"}, 404, "NOT_FOUND", None),
            ({"id": f"areq_{NO_ID}"}, 404, "NOT_FOUND", None),
        ],
    },
    # --- 2.4 to 2.6 tokens ---
    "POST /v1/token": {
        "body": {"code": "$code", "agentId": "$agent"},
        "status": 201,
        "answer": TOKEN,
        "why": "credentialFormat: only jwt is made here; the others are refused, not answered with less than was asked for.",
        "errors": [
            ({}, 400, "BAD_REQUEST", "Auth request not approved"),  # the code again
            ({"body": {"code": NO_ID, "agentId": "$agent"}}, 400, "BAD_REQUEST", "Invalid code"),
            ({"body": {"code": "$code", "agentId": "$other_agent"}}, 400, "BAD_REQUEST", "Invalid code"),
            ({"by": "live"}, 400, "BAD_REQUEST", "Invalid code"),
            ({"body": {"code": "$pkce_code", "agentId": "$agent"}}, 400, "BAD_REQUEST", None),
            ({"body": {"code": "$pkce_code", "agentId": "$agent", "codeVerifier": "x" * 43}}, 400, "BAD_REQUEST", None),
            ({"body": {"code": "$pkce_code", "agentId": "$agent", "credentialFormat": "vc-jwt"}}, 400, "BAD_REQUEST", None),
        ],
    },
    "POST /v1/token/refresh": {
        "body": {"refreshToken": "$refresh_token", "agentId": "$granted_agent"},
        "status": 201,
        "answer": TOKEN,
        "errors": [
            ({}, 400, "BAD_REQUEST", "Refresh token already used"),
            ({"body": {"refreshToken": f"ref_{NO_ID}", "agentId": "$agent"}}, 400, "BAD_REQUEST", "Invalid refresh token"),
            ({"by": "live"}, 400, "BAD_REQUEST", "Invalid refresh token"),
            ({"body": {"refreshToken": "$unused_refresh_token", "agentId": "$other_agent"}}, 400, "BAD_REQUEST", "Agent mismatch"),
            ({"body": {"refreshToken": "$expired_refresh_token", "agentId": "$expired_agent"}}, 400, "BAD_REQUEST", "Refresh token expired"),
            ({"body": {"refreshToken": "$revoked_refresh_token", "agentId": "$revoked_agent"}}, 400, "BAD_REQUEST", "Grant has been revoked"),
        ],
    },
    "POST /v1/tokens/verify": {
        "body": {"token": "$token"},
        "status": 200,
        "answer": {"valid": "true", "grantId": "grnt_", "scopes": ["text"], "principal": "text", "agent": "did", "expiresAt": "time"},
        "also": [
            ({"body": {"token": token}, "by": by}, 200, {"valid": "false"})
            for by, token in (
                ("sandbox", "x.y.z"), ("live", "$token"), ("sandbox", "$revoked_token"), ("sandbox", "$taken_back_token"),
                ("sandbox", "$expired_token"),
            )
        ],
        "errors": [({"body": {"token": ""}}, 400, "BAD_REQUEST", None), ({"body": {}}, 400, "BAD_REQUEST", None)],
    },
    "POST /v1/grants/verify": {
        "body": {"token": "$token"},
        "status": 200,
        "answer": {"active": "true", "claims": "object"},
        "also": [
            ({"body": {"token": token}, "by": by}, 200, {"active": "false", "reason": f"={reason}"})
            for by, token, reason in (
                ("live", "$token", "wrong_developer"),
                ("sandbox", "$revoked_token", "revoked"),
                ("sandbox", "$taken_back_token", "revoked"),
                # The reference says 400 to "bad signature/claims" and has `expired` among the reasons of a 200. A signature that is
                # right stays right when the time is over, so an expired token is answered by its reason, 200.
                ("sandbox", "$expired_token", "expired"),
                ("sandbox", "$forgotten_token", "not_found"),
            )
        ],
        "errors": [
            ({"body": {"token": "x.y.z"}}, 400, "BAD_REQUEST", "Invalid token"),
            ({"body": {"token": "$session_token"}}, 400, "BAD_REQUEST", "Invalid token"),
            ({"body": {}}, 400, "BAD_REQUEST", None),
        ],
    },
    "POST /v1/tokens/revoke": {
        "body": {"jti": "$jti"},
        "status": 204,
        "errors": [
            ({}, 404, "NOT_FOUND", None),  # revoked by now
            ({"body": {"jti": f"tok_{NO_ID}"}}, 404, "NOT_FOUND", None),
            ({"body": {"jti": "x" * 513}}, 400, "BAD_REQUEST", None),
        ],
    },
    # --- 2.7, 2.8 grants ---
    "GET /v1/grants": {
        "needs": ["$grant", "$revoked_grant", "$child"],
        "status": 200,
        "answer": {"grants": [GRANT], **PAGED},
        "why": f"{PAGED_WHY} {GRANT_WHY}",
        "errors": [],
    },
    "GET /v1/grants/:id": {
        "id": "$grant",
        "status": 200,
        "answer": {key: shape for key, shape in GRANT.items() if not key.endswith("?")} | {"status": "=active"},
        "also": [
            ({"id": "$revoked_grant"}, 200, {
                **{key.removesuffix("?"): shape for key, shape in GRANT.items() if key != "parentGrantId?"}, "status": "=revoked",
            }),
            ({"id": "$child"}, 200, {key.removesuffix("?"): shape for key, shape in GRANT.items() if "evoked" not in key}),
        ],
        "why": GRANT_WHY,
        "errors": [({"id": f"grnt_{NO_ID}"}, 404, "NOT_FOUND", None)],
    },
    "DELETE /v1/grants/:id": {
        "id": "$grant",
        "status": 204,
        "also": [({"id": "$expired_grant"}, 204, None)],
        "errors": [({"id": f"grnt_{NO_ID}"}, 404, "NOT_FOUND", None), ({}, 404, "NOT_FOUND", None)],
    },
    "POST /v1/grants/delegate": {
        "body": {"parentGrantToken": "$token", "subAgentId": "$agent", "scopes": ["calendar:read"]},
        "status": 201,
        "answer": TOKEN,
        "why": "credentialFormat: as with POST /v1/token.",
        "errors": [
            ({"body": {}}, 400, "BAD_REQUEST", None),
            ({"body": {"parentGrantToken": "$token", "subAgentId": f"ag_{NO_ID}", "scopes": ["calendar:read"]}}, 404, "NOT_FOUND", None),
            ({"body": {"parentGrantToken": "$token", "subAgentId": "$suspended", "scopes": ["calendar:read"]}}, 404, "NOT_FOUND", None),
            ({"body": {"parentGrantToken": "$token", "subAgentId": "$agent", "scopes": ["more"]}}, 400, "BAD_REQUEST", None),
            ({"body": {"parentGrantToken": "$revoked_token", "subAgentId": "$agent", "scopes": ["calendar:read"]}}, 400, "BAD_REQUEST", None),
            ({"body": {"parentGrantToken": "$expired_token", "subAgentId": "$agent", "scopes": ["calendar:read"]}}, 400, "BAD_REQUEST", None),
            ({"by": "live", "body": {"parentGrantToken": "$token", "subAgentId": "$live_agent", "scopes": ["calendar:read"]}},
             403, "FORBIDDEN", None),
            ({"body": {"parentGrantToken": "$deepest_token", "subAgentId": "$agent", "scopes": ["calendar:read"]}},
             403, "DELEGATION_DEPTH_EXCEEDED", None),
        ],
    },
    # --- 2.9 budgets ---
    "POST /v1/budget/allocate": {
        "body": {"grantId": "$grant", "initialBudget": 750},
        "status": 201,
        "answer": {**BUDGET, "initialBudget": "=750.0000", "remainingBudget": "=750.0000", "currency": "=USD"},
        "errors": [
            ({}, 409, "CONFLICT", None),
            ({"body": {"grantId": "$grant", "initialBudget": 0}}, 400, "BAD_REQUEST", None),
            ({"body": {"grantId": f"grnt_{NO_ID}", "initialBudget": 1}}, 404, "NOT_FOUND", None),
            ({"body": {"grantId": "$revoked_grant", "initialBudget": 1}}, 409, "GRANT_INACTIVE", None),
            ({"body": {"grantId": "$expired_grant", "initialBudget": 1}}, 409, "GRANT_INACTIVE", None),
        ],
    },
    "POST /v1/budget/debit": {
        "body": {"grantId": "$funded", "amount": "0.5", "description": "tea", "metadata": {"a": 1}},
        "status": 200,
        "answer": {"remaining": "=999.5000", "transactionId": "btx_", "grantId": "grnt_"},
        "errors": [
            ({"body": {"grantId": "$funded", "amount": -1}}, 400, "BAD_REQUEST", None),
            ({"body": {"grantId": "$funded", "amount": "much"}}, 400, "BAD_REQUEST", None),
            ({"body": {"grantId": "$funded", "amount": 1000}}, 402, "INSUFFICIENT_BUDGET", None),
            ({"body": {"grantId": "$grant", "amount": 1}}, 402, "INSUFFICIENT_BUDGET", None),  # no allocation
            ({"body": {"grantId": f"grnt_{NO_ID}", "amount": 1}}, 404, "NOT_FOUND", None),
            ({"body": {"grantId": "$revoked_grant", "amount": 1}}, 409, "GRANT_INACTIVE", None),
        ],
    },
    "GET /v1/budget/balance/:id": {
        "id": "$funded", "status": 200, "answer": BUDGET, "errors": [({"id": f"grnt_{NO_ID}"}, 404, "NOT_FOUND", None)],
    },
    "GET /v1/budget/allocations": {"needs": ["$funded"], "status": 200, "answer": {"allocations": [BUDGET], **PAGED}, "why": PAGED_WHY},
    "GET /v1/budget/burn": {
        "needs": ["$debited"],
        "status": 200,
        "answer": {
            "+asOf": "time", "+windowSeconds": "=300",
            "+budgets": [{
                "grantId": "grnt_", "agentId": "ag_", "agentName": "text", "principalId": "text", "budgetId": "bdg_", "initialBudget": "money",
                "remainingBudget": "money", "currency": "text", "usedPercent": "whole", "spentPerMinute": "money",
                "emptyInSeconds": "whole or null",
            }],
        },
        "why": "Not in the reference: for whoever watches budgets burn.",
    },
    "GET /v1/budget/transactions/:id": {
        "needs": ["$debited"],
        "id": "$debited",
        "status": 200,
        "answer": {
            "transactions": [{
                "id": "btx_", "grantId": "grnt_", "allocationId": "bdg_", "amount": "money", "description": "text or null",
                "metadata": "object", "createdAt": "time",
            }],
            "total": "whole", "+page": "whole", "+pageSize": "whole",
        },
        "also": [({"id": f"grnt_{NO_ID}"}, 200, {"transactions": [], "total": "whole", "+page": "whole", "+pageSize": "whole"})],
        "why": "page and pageSize: as every list here.",
        "errors": [
            ({"query": "page=0"}, 400, "BAD_REQUEST", None),
            ({"query": "pageSize=201"}, 400, "BAD_REQUEST", None),
            ({"query": "page=1.5"}, 400, "BAD_REQUEST", None),
        ],
    },
    # --- 2.10 principals ---
    "POST /v1/principal-sessions": {
        "needs": ["$grant"],
        "body": {"principalId": "user_abc123"},
        "status": 201,
        "answer": {"sessionToken": "jwt", "dashboardUrl": "url", "expiresAt": "time"},
        "errors": [({"body": {"principalId": "user_never"}}, 404, "NOT_FOUND", None), ({"body": {}}, 400, "BAD_REQUEST", None)],
    },
    "GET /v1/principal/grants": {
        "by": "session",
        "status": 200,
        "answer": {
            "grants": [{
                "grantId": "grnt_", "agentId": "ag_", "agentName": "text", "agentDescription": "text", "agentDid": "did",
                "scopes": ["text"], "+scopeDescriptions": ["text"], "+scopeWarnings": ["text or null"], "status": "=active",
                "issuedAt": "time", "expiresAt": "time", "delegationDepth": "whole", "+budget": "object or null",
            }],
            "principalId": "text",
            **PAGED,
        },
        "why": f"{PAGED_WHY} scopeDescriptions, scopeWarnings, budget: the page says in words what was allowed, as the "
        "consent page does, and what is left of it.",
        "errors": [({"by": "sandbox"}, 401, "UNAUTHORIZED", None)],
    },
    "GET /v1/principal/audit": {
        "by": "session",
        "needs": ["$entry"],
        "status": 200,
        "answer": {"entries": [AUDIT]},
        "errors": [({"by": "sandbox"}, 401, "UNAUTHORIZED", None)],
    },
    "DELETE /v1/principal/grants/:id": {
        "by": "session",
        "id": "$grant",
        "status": 204,
        "errors": [
            ({}, 404, "NOT_FOUND", None),
            ({"id": f"grnt_{NO_ID}"}, 404, "NOT_FOUND", None),
            ({"id": "$anothers_grant"}, 404, "NOT_FOUND", None),
        ],
    },
    # --- 2.11 webhooks ---
    "POST /v1/webhooks": {
        "body": {"url": "https://hooks.example/grantex", "events": ["grant.created", "grant.revoked", "token.issued"]},
        "status": 201,
        "answer": {"id": "wh_", "url": "url", "events": ["text"], "secret": "48 hex", "createdAt": "time"},
        "errors": [
            ({"body": {"url": "https://hooks.example/", "events": []}}, 400, "BAD_REQUEST", None),
            # The code is the contract's for an unknown type in a filter; the budget's types are known here.
            ({"body": {"url": "https://hooks.example/", "events": ["grant.shared"]}}, 400, "INVALID_EVENT_TYPE", None),
            ({"body": {"url": "hooks", "events": ["grant.created"]}}, 400, "BAD_REQUEST", None),
            ({"body": {"url": "https://h.example/" + "x" * 2048, "events": ["grant.created"]}}, 400, "BAD_REQUEST", None),
        ],
    },
    "GET /v1/webhooks": {"needs": ["$webhook"], "status": 200, "answer": {"webhooks": [WEBHOOK]}, "why": WEBHOOK_WHY},
    "DELETE /v1/webhooks/:id": {"id": "$webhook", "status": 204, "errors": [({"id": f"wh_{NO_ID}"}, 404, "NOT_FOUND", None)]},
    "GET /v1/webhooks/:id/deliveries": {
        "needs": ["$delivery"],
        "id": "$webhook",
        "status": 200,
        "answer": {"deliveries": [DELIVERY], "total": "whole", "page": "whole", "pageSize": "whole"},
        "also": [({"query": "status=delivered"}, 200, {"deliveries": [], "total": "whole", "page": "whole", "pageSize": "=20"})],
        "errors": [
            ({"id": f"wh_{NO_ID}"}, 404, "NOT_FOUND", None),
            ({"query": "status=lost"}, 400, "BAD_REQUEST", None),
            # The reference takes 100 instead; here what cannot be had is said.
            ({"query": "pageSize=0"}, 400, "BAD_REQUEST", None),
        ],
    },
    # --- 2.12 discovery, operations, audit ---
    "GET /.well-known/jwks.json": {
        "by": "nobody",
        "status": 200,
        "answer": {"keys": [{"kty": "=RSA", "alg": "=RS256", "use": "=sig", "kid": "text", "n": "text", "e": "text"}]},
        "why": "RSA only: what the conformance suite demands and the reference fails. The kid is made of the key, not of the month.",
    },
    "GET /.well-known/did.json": {
        "by": "nobody",
        "status": 200,
        "answer": {
            "@context": ["text"], "id": "text",
            "verificationMethod": [{"id": "text", "type": "=JsonWebKey2020", "controller": "text", "publicKeyJwk": "object"}],
            "assertionMethod": ["text"],
            "service": [{"id": "text", "type": "text", "serviceEndpoint": "url"}],
        },
    },
    "GET /health": {
        "by": "nobody",
        "status": 200,
        "answer": {"status": "=healthy", "database": "=ok", "+writes": "=ok", "-redis": "=ok"},
        "why": "redis: there is none here.",
    },
    "POST /v1/audit/log": {
        "body": LOGGED,
        "status": 201,
        "answer": {**AUDIT, "status": "=success", "prevHash": "null"},
        "also": [({"body": {**LOGGED, "status": "blocked", "metadata": {"b": [1]}}}, 201, {**AUDIT, "status": "=blocked", "prevHash": "64 hex"})],
        "errors": [
            ({"body": {key: value for key, value in LOGGED.items() if key != missing}}, 400, "BAD_REQUEST", None) for missing in LOGGED
        ],
    },
    "GET /v1/audit/entries": {"needs": ["$entry"], "status": 200, "answer": {"entries": [AUDIT], **PAGED}, "why": PAGED_WHY},
    "GET /v1/audit/:id": {
        "id": "$entry", "status": 200, "answer": AUDIT, "errors": [({"id": f"alog_{NO_ID}"}, 404, "NOT_FOUND", None)],
    },
}

# Pages and plain text: where else they are held to what is promised.
OTHER_KINDS = {
    "GET /consent": "a page: test_consent_page.py",
    "GET /permissions": "a page: test_permissions_page.py",
    "GET /monitor": "a page: test_monitor.py",
    "GET /metrics": "plain text: test_metrics.py; the reference's counters by name below",
}

# Not in the reference, so nothing to compare with: each is the contract's or our own.
OURS = {
    "GET /livez": "test_serve.py",
    "GET /readyz": "test_serve.py",
    "GET /consent.js": "what the pages are made of: test_page_headers.py",
    "GET /grant.js": "test_page_headers.py",
    "GET /icon.svg": "test_page_headers.py",
    "GET /page.css": "test_page_headers.py",
    "GET /person.css": "test_page_headers.py",
    "GET /page.js": "test_page_headers.py",
    "GET /permissions.js": "test_page_headers.py",
    "GET /monitor/:id": "what the monitor is made of: test_monitor.py",
    "GET /v1/webhooks/:id": "test_webhooks.py",
    "POST /v1/webhooks/deliveries/:id/redeliver": "test_webhooks.py",
    "GET /v1/events": "test_retention.py",
    "GET /v1/events/:id": "test_retention.py",
    "GET /v1/events/range": "test_event_range.py",
    "GET /v1/events/stream": "section 4 and the contract's section 3: test_stream.py",
    "DELETE /v1/me": "the contract's section 3: test_deletion.py",
    "POST /v1/events/tickets": "the contract's section 3: test_tickets.py",
    "GET /v1/events/streams": "test_stream_list.py",
    "GET /v1/events/rates": "test_event_rates.py",
    "POST /v1/session": "the monitor's sign-in: test_session.py",
    "GET /v1/session": "test_session.py",
    "DELETE /v1/session": "test_session.py",
    "GET /v1/events/ws": "the same: test_websocket.py, test_websocket_library.py",
}

# The series of 2.12. The durations' histograms of the reference are one here, with the route as a label.
METRICS = [
    "grantex_token_exchange_total", "grantex_authorize_total", "grantex_grants_revoked_total",
    "grantex_http_request_duration_seconds", "grantex_active_grants",
]
