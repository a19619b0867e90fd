"""What belongs to another developer answers, byte for byte, like what does not exist."""

import json

import pytest

from support import jwt, life, routes, store
from support.receiver import Receiver
from test_bad_parameters import UPGRADES
from test_webhooks_delivery import deliveries, eventually, hook

NOTHING = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
UNKNOWN = {
    "agent": f"ag_{NOTHING}", "grant": f"grnt_{NOTHING}", "request": f"areq_{NOTHING}", "code": NOTHING, "refresh": f"ref_{NOTHING}", "jti": f"tok_{NOTHING}",
    "event": f"evt_{NOTHING}", "entry": f"alog_{NOTHING}", "webhook": f"wh_{NOTHING}", "delivery": f"whd_{NOTHING}", "key": f"key_{NOTHING}",
}

# How to add an endpoint that is given a name of something: a row here, or test_every_endpoint_that_names_something_has_a_row fails.
# endpoint: (body, {":id" or a field or a query parameter: what it names})
NAMED = {
    "GET /v1/agents/:id": (None, {":id": "agent"}),
    "PATCH /v1/agents/:id": ({"name": "x"}, {":id": "agent"}),
    "POST /v1/agents/:id": ({"name": "x"}, {":id": "agent"}),
    "DELETE /v1/agents/:id": (None, {":id": "agent"}),
    "GET /v1/audit/entries": (None, {"agentId": "agent", "grantId": "grant"}),
    "GET /v1/audit/:id": (None, {":id": "entry"}),
    "POST /v1/authorize": ({"principalId": "u", "scopes": ["a:b"]}, {"agentId": "agent"}),
    "POST /v1/authorize/:id/approve": ({}, {":id": "request"}),
    "POST /v1/authorize/:id/deny": ({}, {":id": "request"}),
    "POST /v1/budget/allocate": ({"initialBudget": 5}, {"grantId": "grant"}),
    "POST /v1/budget/debit": ({"amount": 1}, {"grantId": "grant"}),
    "GET /v1/budget/balance/:id": (None, {":id": "grant"}),
    "GET /v1/budget/transactions/:id": (None, {":id": "grant"}),
    "GET /v1/events": (None, {"after": "event"}),
    "GET /v1/events/range": (None, {"after": "event"}),
    "GET /v1/events/:id": (None, {":id": "event"}),
    "GET /v1/events/stream": (None, {"last_event_id": "event"}),
    "GET /v1/events/ws": (None, {"last_event_id": "event"}),
    "GET /v1/grants": (None, {"agentId": "agent"}),
    "GET /v1/grants/:id": (None, {":id": "grant"}),
    "DELETE /v1/grants/:id": (None, {":id": "grant"}),
    "DELETE /v1/principal/grants/:id": (None, {":id": "grant"}),
    "POST /v1/token": ({}, {"code": "code", "agentId": "agent"}),
    "POST /v1/token/refresh": ({}, {"refreshToken": "refresh", "agentId": "agent"}),
    "POST /v1/tokens/revoke": ({}, {"jti": "jti"}),
    "DELETE /v1/keys/:id": (None, {":id": "key"}),
    "GET /v1/webhooks/:id": (None, {":id": "webhook"}),
    "DELETE /v1/webhooks/:id": (None, {":id": "webhook"}),
    "GET /v1/webhooks/:id/deliveries": (None, {":id": "webhook"}),
    "POST /v1/webhooks/deliveries/:id/redeliver": ({}, {":id": "delivery"}),
}

# What names something and is no id of the caller's: a capability, a text that the caller makes up, a signed token (test_delegation.py,
# test_tokens.py: another developer's is no good), a file of a page.
OTHERWISE = {"GET /monitor/:id", "GET /v1/consent/:id", "POST /v1/consent/:id/approve", "POST /v1/consent/:id/deny", "POST /v1/audit/log", "POST /v1/grants/delegate"}
IDS = {"agentId", "grantId", "code", "refreshToken", "jti", "after", "last_event_id"}


def test_every_endpoint_that_names_something_has_a_row():
    missing = []
    for endpoint in routes.endpoints():
        names = {name for _, name in endpoint.fields} & IDS | ({":id"} if ":id" in endpoint.path else set())
        if endpoint.key not in OTHERWISE and not names <= set(NAMED.get(endpoint.key, (None, {}))[1]):
            missing.append((endpoint.key, names))
    assert missing == []


@pytest.fixture(name="theirs")
def fixture_theirs(start):
    """A server, and the names of what its other developer has."""
    receiver = Receiver()
    receiver.answer = lambda post: 500
    server = start("--webhook-retry", "20")
    other = server.sign_up("Other", "sandbox")
    webhook = hook(other, receiver.url(), "grant.created")
    grant = life.new_grant(other)
    life.allocate(other, grant, 10)
    asked = life.authorize(other, grant.agent_id)
    entry = {"agentId": grant.agent_id, "agentDid": "did:grantex:x", "grantId": grant.id, "principalId": "u", "action": "read"}
    names = {
        "agent": grant.agent_id, "grant": grant.id, "request": asked["authRequestId"], "code": asked["code"], "refresh": grant.refresh_token,
        "jti": json.loads(jwt.decode(grant.token.split(".")[1]))["jti"], "event": other.get("/v1/events").expect(200)["events"][0]["id"],
        "entry": other.post("/v1/audit/log", entry).expect(201)["entryId"], "webhook": webhook["id"],
        "delivery": eventually(lambda: deliveries(other, webhook, "?status=failed"), lambda got: len(got) == 1)[0]["id"],
    }
    names["key"] = other.post("/v1/keys", {"name": "theirs", "scopes": ["admin"]}).expect(201)["id"]
    assert set(names) == set(UNKNOWN)
    receiver.close()
    return server, names


def ask(api, key, names):
    """The request with these names in it, as (status, headers, body) without what differs from one answer to the next."""
    method, path = key.split(" ")
    body, fields = NAMED[key]
    values = {field: names[what] for field, what in fields.items()}
    path = path.replace(":id", values.pop(":id", ""))
    if method == "GET" and values:
        path += "?" + "&".join(f"{field}={value}" for field, value in values.items())
    upgrade = {name: value.decode() for name, value in UPGRADES.get(key, [])}
    answer = api.request(method, path, None if body is None else {**body, **values}, headers=upgrade)
    headers = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id") and "ratelimit" not in name}
    return answer.status, headers, {name: value for name, value in answer.json.items() if name != "requestId"}


def test_what_belongs_to_another_developer_answers_like_what_does_not_exist(theirs):
    server, names = theirs
    mine = server.api()
    grant = life.new_grant(mine)
    session = server.api(mine.post("/v1/principal-sessions", {"principalId": grant.principal_id}).expect(201)["sessionToken"])
    accesses = {endpoint.key: endpoint.access for endpoint in routes.endpoints()}
    before = store.dump(server.database)
    for key in NAMED:
        api = session if accesses[key] == "SESSION" else mine
        foreign, unknown = ask(api, key, names), ask(api, key, UNKNOWN)
        assert foreign == unknown, key
    assert store.difference(before, store.dump(server.database)) == []
