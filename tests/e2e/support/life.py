"""The steps of a grant's life, each a call of the public API that must succeed."""

import base64
import dataclasses
import hashlib
import itertools
import secrets

SCOPES = ["calendar:read", "contacts:read"]
_numbers = itertools.count(1)


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def register(api, name=None, scopes=None):
    body = {"name": name or f"agent {next(_numbers)}", "scopes": scopes or SCOPES}
    return api.post("/v1/agents", body).expect(201)["agentId"]


def pkce():
    """A verifier and its S256 challenge (RFC 7636)."""
    verifier = base64url(secrets.token_bytes(32))
    return verifier, base64url(hashlib.sha256(verifier.encode()).digest())


def authorize(api, agent_id, principal_id="user_abc123", **more):
    body = {"agentId": agent_id, "principalId": principal_id, "scopes": SCOPES, **more}
    return api.post("/v1/authorize", body).expect(201)


def approve(api, request_id):
    """What the consent page sends, by nobody in particular. Returns the code."""
    return api.request("POST", f"/v1/consent/{request_id}/approve").expect(200)["code"]


def obtain_code(api, asked):
    """Of a sandbox developer the code is there at once; otherwise the principal consents."""
    return asked.get("code") or approve(api, asked["authRequestId"])


def exchange(api, code, agent_id, **more):
    return api.post("/v1/token", {"code": code, "agentId": agent_id, **more}).expect(201)


@dataclasses.dataclass
class Grant:
    id: str
    agent_id: str
    principal_id: str
    token: str
    refresh_token: str
    answer: dict


def new_grant(api, principal_id="user_abc123", agent_id=None, **more):
    """A grant with its first token: two events."""
    agent_id = agent_id or register(api)
    asked = authorize(api, agent_id, principal_id, **more)
    answer = exchange(api, obtain_code(api, asked), agent_id)
    return Grant(answer["grantId"], agent_id, principal_id, answer["grantToken"], answer["refreshToken"], answer)


def delegate(api, parent, agent_id=None, scopes=None, **more):
    """A grant below another one: two events."""
    agent_id = agent_id or register(api)
    body = {"parentGrantToken": parent.token, "subAgentId": agent_id, "scopes": scopes or SCOPES, **more}
    answer = api.post("/v1/grants/delegate", body).expect(201)
    return Grant(answer["grantId"], agent_id, parent.principal_id, answer["grantToken"], answer["refreshToken"], answer)


def refresh(api, grant):
    answer = api.post("/v1/token/refresh", {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}).expect(201)
    grant.refresh_token = answer["refreshToken"]
    return answer


def allocate(api, grant, amount, **more):
    return api.post("/v1/budget/allocate", {"grantId": grant.id, "initialBudget": amount, **more}).expect(201)


def debit(api, grant, amount, **more):
    return api.post("/v1/budget/debit", {"grantId": grant.id, "amount": amount, **more}).expect(200)


def revoke(api, grant):
    answer = api.delete(f"/v1/grants/{grant.id}")
    assert answer.status == 204 and answer.body == b"", answer


def revoke_as_principal(principal, grant_id):
    answer = principal.delete(f"/v1/principal/grants/{grant_id}")
    assert answer.status == 204 and answer.body == b"", answer
