"""Bad input beside the body: query parameters, ids in paths, headers. A clear 4xx that names what is wrong, and nothing has changed."""

import http.client
import json
import urllib.parse

import pytest

from support import build, life, routes, store
from support.api import Answer
from support.refusal import check_refusal

NO_ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

# --- what can be wrong with a parameter; as it stands in the URL ---

NO_TEXT = ["%ff", "%c3%28", "%ed%a0%80", "a%00b", "%00"]
NO_ESCAPE = ["%", "%4", "%zz", "a%"]  # whose the fault is cannot be said: the message speaks of the query
DEEP = "[" * 4000
LONG = "x" * 5000
NO_WORD = ["", "x", "null", "NaN", "-1", "ACTIVE", "%20", LONG, DEEP, "%F0%9F%92%A9"]
NO_NUMBER = [
    "", "0", "-1", "+1", "%2B1", "1.5", "1e2", "0x10", "x", "null", "NaN", "Infinity", "%20", "%201", "1%20", "1,2", "99999999999999999999", "9" * 5000,
    LONG, DEEP, "%D9%A1",
]
NO_NAME = ["", "x" * 257, "%C3%A9" * 257, LONG, DEEP]
NO_TYPE = ["x", "null", "NaN", "-1", "grant", "GRANT.created", "grant.created%20x", "grant.*.x", "**", "grant.created,x", LONG, DEEP]
NO_TIME = [
    "", "x", "null", "NaN", "-1", "0", "1700000000", "2026", "2026-11-24", "2026-11-24T00:00:00", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
    "2026-11-24T25:00:00Z", "2026-11-24T00:00:00%2B99:00", "2026-11-24T00:00:00.1234567890Z", LONG, DEEP,
]
NO_CURSOR = ["x", "null", "NaN", "-1", "0", "evt_", f"evt_{NO_ULID.lower()}", f"evt_{NO_ULID}0", f"grnt_{NO_ULID}", NO_ULID, LONG, DEEP]

# How to add a parameter: a row here, or test_every_parameter_has_a_row fails. It is then tried on every endpoint that reads it.
# name: (what is bad for it, a good value)
PARAMETERS = {
    "page": (NO_NUMBER + ["1000001"], "1"),
    "pageSize": (NO_NUMBER + ["1000001"], "1"),
    "last": (NO_NUMBER + ["1001"], "1"),
    "limit": (NO_NUMBER + ["1000001"], "1"),
    "named": ([value for value in NO_NUMBER if value != "0"] + ["2"], "1"),
    "probe": (NO_NUMBER + ["49", "3600001"], "50"),
    "status": (NO_WORD, "failed"),
    "on_gap": (NO_WORD, "fail"),
    "agentId": (NO_NAME, "x"),
    "grantId": (NO_NAME, "x"),
    "principalId": (NO_NAME, "x"),
    "action": (NO_NAME, "x"),
    "confirm": (NO_WORD, f"dev_{NO_ULID}"),
    "types": (NO_TYPE, None),  # may be repeated, and be empty for all
    "event_types": (NO_TYPE, None),
    "since": (NO_TIME, "2026-11-24T00:00:00Z"),
    "last_event_id": (NO_CURSOR, f"evt_{NO_ULID}"),  # empty: of a client that has seen nothing yet
    "after": (NO_CURSOR, f"evt_{NO_ULID}"),
}

ODD_IDS = [
    "%00", "%ff%fe", "%zz", "%", "%2e%2e%2f", "%2F", "..", "-1", "0", "null", "NaN", "[]", "x" * 5000, "[" * 4000, "%F0%9F%92%A9", "%20",
    "'%3B%20DROP%20TABLE%20grants%3B%20--", f"grnt_{NO_ULID}%00", f"grnt_{NO_ULID}%20", f"evt_{NO_ULID}",
]

NO_KEYS = [b"", b" ", b"a b", b"a\tb", b"\xff", "é".encode(), b"x" * 256, b"x" * 5000, b"[" * 4000]
NO_BEARERS = [
    b"", b"Bearer", b"Bearer ", b"Basic {key}", b"{key}", b"Bearer {key} x", b"Bearer x", b"Bearer " + b"x" * 513, b"Bearer " + b"x" * 5000,
    b"Bearer \xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe", b"Bearer NaN", b"Bearer -1", b"Bearer {key}x", b"Bearer " + b"[" * 4000,
]

# Good bodies, so that what stands beside them is what is wrong; an empty one where none is read.
BODIES = {"PATCH /v1/agents/:id": {"name": "x"}, "POST /v1/agents/:id": {"name": "x"}}
# The same of a query that must be there.
QUERIES = {"DELETE /v1/me": f"?confirm=dev_{NO_ULID}"}

# What makes of a request one for a WebSocket: without it nothing else is looked at.
UPGRADES = {
    "GET /v1/events/ws": [
        ("Connection", b"Upgrade"), ("Upgrade", b"websocket"), ("Sec-WebSocket-Version", b"13"), ("Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
    ],
}

READS = [endpoint for endpoint in routes.endpoints() if endpoint.names("query")]
WITH_ID = [endpoint for endpoint in routes.endpoints() if ":id" in endpoint.path]
POSTS = [endpoint for endpoint in routes.endpoints() if endpoint.writes and endpoint.method == "POST"]
LOCKED = [endpoint for endpoint in routes.endpoints() if endpoint.access != "PUBLIC"]


def by_key(endpoint):
    return endpoint.key


@pytest.fixture(name="house")
def fixture_house(server, sandbox):
    """A server with something in it, a developer and a principal."""
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    session = sandbox.post("/v1/principal-sessions", {"principalId": grant.principal_id}).expect(201)["sessionToken"]
    return server, {"PUBLIC": server.anonymous(), "KEY": sandbox, "SESSION": server.api(session)}


def send(api, endpoint, identifier="x", query="", headers=()):
    """As it is, also what no proper client sends: headers are (name, bytes), and may come twice."""
    address = urllib.parse.urlsplit(api.url).netloc
    connection = http.client.HTTPConnection(address, timeout=build.PATIENCE)
    try:
        connection.putrequest(endpoint.method, endpoint.path.replace(":id", identifier) + query)
        if api.key is not None and "Authorization" not in dict(headers):
            connection.putheader("Authorization", f"Bearer {api.key}")
        for name, value in UPGRADES.get(endpoint.key, []) + list(headers):
            connection._buffer.append(name.encode() + b": " + value)  # putheader would refuse some of what is to be refused
        body = json.dumps(BODIES.get(endpoint.key, {})).encode() if endpoint.method in ("POST", "PATCH") else b""
        if body:
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def shown(value):
    return value if len(value) < 60 else value[:60] + value[:0] + ("..." if isinstance(value, str) else b"...")


def names(answer, *words):
    """What is wrong with a refusal that should name one of the words."""
    fault = check_refusal(answer)
    if not fault and not any(word in answer.json["message"] for word in words):
        fault = f"the message names none of {words}: {answer.json['message']}"
    return fault


# --- query parameters ---


def test_every_parameter_and_every_header_has_a_row():
    for endpoint in routes.endpoints():
        assert endpoint.names("query") - set(PARAMETERS) == set(), endpoint.key
        assert {name.lower() for name in endpoint.names("header")} <= {"authorization", "last-event-id"}, endpoint.key


def bad_queries(endpoint):
    """(query, words of which the message must have one)."""
    for name in sorted(endpoint.names("query")):
        bad, good = PARAMETERS[name]
        for value in bad + NO_TEXT:
            yield f"?{name}={value}", (name,)
        for value in NO_ESCAPE:
            yield f"?{name}={value}", ("query",)
        if good is not None:
            yield f"?{name}={good}&{name}={good}", (name,)


@pytest.mark.parametrize("endpoint", READS, ids=by_key)
def test_a_bad_parameter_is_refused_by_name(house, endpoint):
    server, callers = house
    before = store.dump(server.database)
    wrong = []
    for query, words in bad_queries(endpoint):
        fault = names(send(callers[endpoint.access], endpoint, query=query), *words)
        if fault:
            wrong.append((shown(query), fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []


# --- ids in paths ---


@pytest.mark.parametrize("endpoint", WITH_ID, ids=by_key)
def test_an_odd_id_is_refused_and_nothing_changes(house, endpoint):
    server, callers = house
    before = store.dump(server.database)
    wrong = []
    for identifier in ODD_IDS:
        answer = send(callers[endpoint.access], endpoint, identifier)
        if endpoint.path.startswith("/v1/budget/transactions/") and answer.status == 200:  # the reference: an empty list
            fault = "" if answer.json["transactions"] == [] else "somebody's ledger"
        else:
            fault = check_refusal(answer)
        if fault:
            wrong.append((shown(identifier), fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []


# --- headers ---


@pytest.mark.parametrize("endpoint", POSTS, ids=by_key)
def test_a_bad_idempotency_key_is_refused_by_name(house, endpoint):
    server, callers = house
    before = store.dump(server.database)
    good = b"k" * 32
    wrong = []
    bad = [[value] for value in NO_KEYS] + [[good, good], [good, b"other" * 8]]
    if endpoint.access == "PUBLIC":
        bad.append([b"k" * 31])  # whoever guesses it would be given another one's answer
    for values in bad:
        answer = send(callers[endpoint.access], endpoint, headers=[("Idempotency-Key", value) for value in values])
        fault = names(answer, "Idempotency-Key")
        if fault:
            wrong.append((shown(values[0]), len(values), fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []


@pytest.mark.parametrize("endpoint", [e for e in routes.endpoints() if "Last-Event-ID" in e.names("header")], ids=by_key)
def test_a_bad_last_event_id_is_refused_by_name(house, endpoint):
    _, callers = house
    wrong = []
    bad = [[value.encode()] for value in NO_CURSOR] + [[b"\xff"], [f"evt_{NO_ULID}".encode()], [b"", b""]]
    for values in bad:
        answer = send(callers[endpoint.access], endpoint, headers=[("Last-Event-ID", value) for value in values])
        fault = names(answer, "Last-Event-ID")
        if fault:
            wrong.append((shown(values[0]), len(values), fault))
    assert wrong == []


def test_without_the_right_key_every_locked_endpoint_is_401(house):
    server, callers = house
    before = store.dump(server.database)
    wrong = []
    for endpoint in LOCKED:
        key = callers[endpoint.access].key.encode()
        bad = [[value.replace(b"{key}", key)] for value in NO_BEARERS] + [[], [b"Bearer " + key, b"Bearer " + key]]
        for values in bad:
            answer = send(
                server.anonymous(), endpoint, query=QUERIES.get(endpoint.key, ""), headers=[("Authorization", value) for value in values])
            # What a body lacks may be said first to somebody whose key looks like one; nothing is done either way.
            fault = check_refusal(answer, {401, 400} if endpoint.takes_body and answer.status != 401 else {401})
            if fault:
                wrong.append((endpoint.key, [shown(value) for value in values], fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []


def test_what_a_session_call_writes_nothing_for_takes_any_idempotency_key(house):
    """POST /v1/principal-sessions keeps nothing, so there is nothing to repeat: the header is not read, and each call signs anew."""
    server, callers = house
    before = store.dump(server.database)
    for headers in ({"Idempotency-Key": "once"}, {"Idempotency-Key": "once"}, {"Idempotency-Key": "a b"}):
        opened = callers["KEY"].post("/v1/principal-sessions", {"principalId": "user_abc123"}, headers=headers).expect(201)
        assert server.api(opened["sessionToken"]).get("/v1/principal/grants").status == 200
    other = callers["KEY"].post("/v1/principal-sessions", {"principalId": "user_never"}, headers={"Idempotency-Key": "once"})
    assert other.status == 404  # not 422: nothing was kept under that key
    assert store.difference(before, store.dump(server.database)) == []
