"""What existing clients that cannot be had here would make of this server: small models of how the hosted service's SDKs for
TypeScript and Go, its command and its portal read, run on what is really sent. (tests/sdk/ runs the Python SDK itself.)"""

import codecs
import contextlib
import json

import pytest

from support import jwt, life
from support.stream import SseReader

# --- the stream: each model takes the body in pieces and gives the events that its client would ---


def lines_of(pieces):
    """At LF only, and never the last one when it is not finished."""
    decode, rest = codecs.getincrementaldecoder("utf-8")("strict").decode, ""
    for piece in pieces:
        *lines, rest = (rest + decode(piece)).split("\n")
        yield from lines


def typescript(pieces):
    """Also the command and the destinations, which are made of it. Malformed JSON is skipped, nothing is checked."""
    for line in lines_of(pieces):
        if line.startswith("data: "):
            with contextlib.suppress(ValueError):
                yield json.loads(line[6:])


def python(pieces):
    """The same, but what lacks one of these is dropped."""
    return (event for event in typescript(pieces) if {"id", "type", "createdAt"} <= event.keys())


def go(pieces):
    """A line of 64 KiB ends the stream with an error; a CR before the LF is taken off."""
    for line in lines_of(pieces):
        if len(line.encode()) >= 64 * 1024:
            raise ValueError("bufio.Scanner: token too long")
        line = line.removesuffix("\r")
        if line.startswith("data: "):
            with contextlib.suppress(ValueError):
                yield json.loads(line[6:])


def portal(pieces):
    """The only one that knows blocks, so it sees control frames too; what has no id, type and createdAt is not shown."""
    block = []
    for line in lines_of(pieces):
        line = line.removesuffix("\r")
        if line:
            block.append(line)
            continue
        data = [line[5:].removeprefix(" ") for line in block if line.startswith("data:")]
        block = []
        with contextlib.suppress(ValueError):
            event = json.loads("\n".join(data))
            if all(isinstance(event.get(name), str) for name in ("id", "type", "createdAt")):
                yield event


CLIENTS = {"typescript": typescript, "python": python, "go": go, "portal": portal}
FILTER = "?types=grant.created%2Cgrant.revoked"  # as both SDKs encode the comma


def cut(body, size):
    return [body[i : i + size] for i in range(0, len(body), size)]


def recorded(server, api, query=""):
    """All that a stream ever says: events with letters of several bytes, heartbeats, frames with an id only, the goodbye."""
    with SseReader(api, query).wait_open() as stream:
        grant = life.new_grant(api, "анна-☃\u2028data: no event")
        life.allocate(api, grant, 10)
        life.debit(api, grant, 10)
        life.revoke(api, grant)
        life.new_grant(api)
        stream.wait_events(3 if query else 8)
        stream.wait_for(lambda wire: b"\n: hb\n\n" in wire.body)
        assert server.terminate() == 0 and stream.wait_end() == "clean"
    assert b"\nevent: stream.closing\ndata:{" in stream.body
    return stream


@pytest.mark.parametrize("query, count", [("", 8), (FILTER, 3)], ids=["all", "filtered"])
def test_every_client_sees_every_event_and_nothing_else(start, query, count):
    server = start("--heartbeat", 50)
    stream = recorded(server, server.api(), query)
    assert len(stream.events) == count
    assert all(event["createdAt"] == event["timestamp"] for event in stream.events)
    for name, client in CLIENTS.items():
        for size in (1, 2, 3, 7, 64, len(stream.body)):
            assert list(client(cut(stream.body, size))) == stream.events, f"{name}, in pieces of {size}"


def test_the_models_can_tell():
    """What the contract forbids on the wire must be seen by the model that it would hurt."""
    control = b'event: stream.closing\ndata: {"reason":"drain"}\n\n'
    assert list(typescript([control])) and not list(python([control]))
    assert not list(typescript([b'data:{"id":"1"}\n\n'])) and not list(python([b'data: {"id":"1","type":"t","timestamp":"x"}\n\n']))
    assert not list(typescript([b'data: {"a":\ndata: 1}\n\n'])) and not list(typescript([b'data: {"a":1}']))
    with pytest.raises(ValueError):
        list(go([b"data: " + b"x" * 65536 + b"\n"]))


def test_the_largest_grant_of_plain_letters_does_not_end_the_stream_of_the_go_sdk(sandbox):
    scopes = [f"{number:03}:".ljust(256, "x") for number in range(100)]
    with SseReader(sandbox).wait_open() as stream:
        life.new_grant(sandbox, "u" * 256, scopes=scopes)
        stream.wait_events(2)
    assert [event["data"].get("scopes", scopes) for event in go([stream.body])] == [scopes, scopes]


@pytest.mark.parametrize("accept", [None, "*/*", "text/event-stream", "application/json, text/plain"])
def test_the_stream_opens_whatever_a_client_says_it_accepts(sandbox, accept):
    """The TypeScript SDK says nothing of what it expects, the others say different things."""
    with SseReader(sandbox, headers={"Accept": accept} if accept else {}).wait_open() as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")


# --- answers: a Go client's decoder ends at a wrong type, the other two read what is not there as nothing ---


class Maybe:
    def __init__(self, shape):
        self.shape = shape


AGENT = dict(agentId=str, did=str, developerId=str, name=str, description=str, scopes=[str], status=str, createdAt=str, updatedAt=str)
GRANT = dict(grantId=str, agentId=str, principalId=str, developerId=str, scopes=[str], status=str, issuedAt=str, expiresAt=str)
GRANT |= dict(revokedAt=Maybe(str), parentGrantId=Maybe(str), delegationDepth=int)
TOKEN = dict(grantToken=str, expiresAt=str, scopes=[str], refreshToken=str, grantId=str)
BUDGET = dict(id=str, grantId=str, developerId=str, initialBudget=str, remainingBudget=str, currency=str, createdAt=str, updatedAt=str)
DEBIT = dict(id=str, grantId=str, allocationId=str, amount=str, description=Maybe(str), metadata=Maybe(dict), createdAt=str)
ENTRY = dict(entryId=str, agentId=str, agentDid=str, grantId=str, principalId=str, developerId=str, action=str, metadata=dict, hash=str)
ENTRY |= dict(prevHash=Maybe(str), timestamp=str, status=str)
HOOK = dict(id=str, url=str, events=[str], createdAt=str)
PAGE = dict(total=int, page=int, pageSize=int)
CLAIMS = dict(iss=str, sub=str, agt=str, dev=str, scp=[str], jti=str, grnt=str, iat=int, exp=int)


def faults(shape, value, place="answer"):
    """Where the value is not what the client's type says."""
    if isinstance(shape, Maybe):
        return [] if value is None else faults(shape.shape, value, place)
    if isinstance(shape, list):
        wrong = [] if isinstance(value, list) and value else [f"{place}: no list with anything in it"]
        return wrong or [fault for item in value for fault in faults(shape[0], item, f"{place}[]")]
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{place}: no object"]
        return [fault for name, inner in shape.items() for fault in faults(inner, value.get(name), f"{place}.{name}")]
    return [] if type(value) is shape else [f"{place}: {value!r} is no {shape.__name__}"]


def answers(api, receiver):
    """Every answer that an SDK has a type for, as (what was asked, the answer, the type)."""
    body = {"name": "planner", "description": "", "scopes": life.SCOPES}
    agent = api.post("/v1/agents", body).expect(201)
    yield "register", agent, AGENT
    yield "update", api.patch(f"/v1/agents/{agent['agentId']}", {"name": "payer"}).expect(200), AGENT
    yield "agents", api.get("/v1/agents?page=1&pageSize=10").expect(200), dict(agents=[AGENT], **PAGE)
    asked = life.authorize(api, agent["agentId"])
    yield "authorize", asked, dict(authRequestId=str, consentUrl=str, expiresAt=str, code=str, sandbox=bool)
    token = life.exchange(api, asked["code"], agent["agentId"])
    yield "exchange", token, TOKEN
    grant = life.Grant(token["grantId"], agent["agentId"], "user_abc123", token["grantToken"], token["refreshToken"], token)
    yield "refresh", life.refresh(api, grant), TOKEN
    known = dict(valid=bool, grantId=str, scopes=[str], principal=str, agent=str, expiresAt=str)
    yield "verify", api.post("/v1/tokens/verify", {"token": grant.token}).expect(200), known
    yield "claims", api.post("/v1/grants/verify", {"token": grant.token}).expect(200), dict(active=bool, claims=CLAIMS)
    yield "delegate", life.delegate(api, grant).answer, TOKEN
    yield "grant", api.get(f"/v1/grants/{grant.id}").expect(200), GRANT
    yield "grants", api.get("/v1/grants?page=1&pageSize=10").expect(200), dict(grants=[GRANT], **PAGE)
    yield "allocate", life.allocate(api, grant, 12.5), BUDGET
    yield "debit", life.debit(api, grant, 0.1), dict(remaining=str, transactionId=str, grantId=str)
    yield "balance", api.get(f"/v1/budget/balance/{grant.id}").expect(200), BUDGET
    yield "allocations", api.get("/v1/budget/allocations").expect(200), dict(allocations=[BUDGET])
    yield "ledger", api.get(f"/v1/budget/transactions/{grant.id}").expect(200), dict(transactions=[DEBIT], total=int)
    entry = {"agentId": "ag_1", "agentDid": "did:x", "grantId": grant.id, "principalId": "anna", "action": "read"}
    yield "log", api.post("/v1/audit/log", entry).expect(201), ENTRY
    yield "entries", api.get("/v1/audit/entries?page=1&pageSize=10").expect(200), dict(entries=[ENTRY], **PAGE)
    session = api.post("/v1/principal-sessions", {"principalId": "user_abc123"}).expect(201)
    yield "session", session, dict(sessionToken=str, dashboardUrl=str, expiresAt=str)
    hook = api.post("/v1/webhooks", {"url": receiver.url(), "events": ["grant.created"]}).expect(201)
    yield "webhook", hook, dict(**HOOK, secret=str)
    yield "webhooks", api.get("/v1/webhooks").expect(200), dict(webhooks=[HOOK])
    life.revoke(api, grant)
    yield "revoked", api.get(f"/v1/grants/{grant.id}").expect(200), dict(GRANT, revokedAt=str)
    yield "rotate", api.post("/v1/keys/rotate").expect(200), dict(apiKey=str, rotatedAt=str)


def test_every_answer_has_the_fields_and_the_types_that_the_sdks_read(sandbox, receiver):
    seen = {name: faults(shape, answer) for name, answer, shape in answers(sandbox, receiver)}
    assert len(seen) == 23 and {name: wrong for name, wrong in seen.items() if wrong} == {}


def test_the_sdks_find_the_issuer_and_the_key_by_themselves(server, sandbox):
    """They take the issuer from where the keys are, and the key by its exact id; RSA keys only."""
    token = life.new_grant(sandbox).token
    keys = server.anonymous().get("/.well-known/jwks.json").expect(200)
    claims = jwt.verify(token, keys)
    assert claims["iss"] == server.url and faults(CLAIMS, claims) == []
    head = json.loads(jwt.decode(token.split(".")[0]))
    assert [key["kty"] for key in keys["keys"] if key["kid"] == head["kid"]] == ["RSA"] == [key["kty"] for key in keys["keys"]]
