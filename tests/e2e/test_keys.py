"""API keys: several per developer, each with what it may do and until when."""

import contextlib
import datetime
import hashlib
import sqlite3
import time

import pytest

from support import build, life, routes, store
from support.stream import SseReader

SCOPES = ("events:read", "grants:write", "admin")
# What a key with one scope may call; admin may call all.
LETS_IN = {"ANY": set(SCOPES), "EVENTS_READ": {"events:read", "admin"}, "LOOKS": set(SCOPES), "GRANTS_WRITE": {"grants:write", "admin"}, "ADMIN": {"admin"}}
LEAST = {"EVENTS_READ": "events:read", "LOOKS": "events:read", "GRANTS_WRITE": "grants:write", "ADMIN": "admin"}
BY_KEY = [endpoint for endpoint in routes.endpoints() if endpoint.access == "KEY"]


def new_key(api, *scopes, **more):
    return api.post("/v1/keys", {"name": "robot", "scopes": list(scopes), **more}).expect(201)


def keys_of(api):
    return {key["id"]: key for key in api.get("/v1/keys").expect(200)["keys"]}


def refused(answer, status, code="UNAUTHORIZED"):
    problem = answer.expect(status)
    assert problem["code"] == code
    return problem["message"]


def end_reason(stream):
    assert stream.wait_end() == "clean"
    assert stream.frames[-1].event == "stream.closing"
    return stream.frames[-1].json["reason"]


# --- what a key may do ---


def test_every_endpoint_says_which_scope_it_needs():
    assert {endpoint.needs for endpoint in BY_KEY} == set(LETS_IN)
    for endpoint in routes.endpoints():
        assert (endpoint.needs != "") == (endpoint.access == "KEY"), endpoint


def ask(api, endpoint, query, **more):
    return api.request(endpoint.method, endpoint.path.replace(":id", "x") + query, headers={"Connection": "close"}, **more)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_no_endpoint_that_its_scope_is_not_for(server, sandbox, scope):
    """403 names the scope, whatever is right or wrong with the request besides, and nothing is done."""
    asks = server.api(new_key(sandbox, scope)["apiKey"])
    before = store.dump(server.database)
    for endpoint in BY_KEY:
        if scope in LETS_IN[endpoint.needs]:
            continue
        bodies = ({"body": {}}, {"raw": b"{"}) if endpoint.takes_body else ({},)
        takes_ticket = endpoint.path in ("/v1/events/stream", "/v1/events/ws")  # where what cannot be read might be one
        for query in ("?confirm=x", "?types=nonsense") if takes_ticket else ("?confirm=x", "?confirm=%zz"):
            for body in bodies:
                said = f"This API key lacks the scope {LEAST[endpoint.needs]}"
                assert refused(ask(asks, endpoint, query, **body), 403, "FORBIDDEN") == said, (endpoint.key, query, body)
    assert store.difference(before, store.dump(server.database)) == []


@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_is_let_in_wherever_its_scope_is_for(server, sandbox, scope):
    """What is asked is wrong in other ways; a key of its own for each, since some of it ends the key."""
    for endpoint in BY_KEY:
        if scope in LETS_IN[endpoint.needs]:
            made = new_key(sandbox, scope)
            answer = ask(server.api(made["apiKey"]), endpoint, "?confirm=x&types=nonsense", **({"body": {}} if endpoint.takes_body else {}))
            if endpoint.path == "/v1/session" and endpoint.method != "POST":
                assert refused(answer, 401) == "There is no session here; sign in first"  # the key was good
            else:
                assert answer.status not in (401, 403) and answer.status < 500, (endpoint.key, answer)
            sandbox.delete(f"/v1/keys/{made['id']}")


def test_whoever_may_not_learns_nothing_of_what_is_wrong_with_the_request(server, sandbox):
    for api, status in ((server.api("gx_test_" + "x" * 43), 401), (server.api(new_key(sandbox, "events:read")["apiKey"]), 403), (sandbox, 400)):
        assert api.post("/v1/agents", {"name": 5}).status == status


@pytest.mark.parametrize("scope", SCOPES)
def test_one_call_of_each_kind(server, sandbox, scope):
    asks = server.api(new_key(sandbox, scope)["apiKey"])
    calls = {
        "ANY": asks.get("/v1/me"), "EVENTS_READ": asks.get("/v1/events"), "LOOKS": asks.get("/v1/grants"),
        "GRANTS_WRITE": asks.post("/v1/agents", {"name": "x"}), "ADMIN": asks.get("/v1/keys"),
    }
    for needs, answer in calls.items():
        if scope in LETS_IN[needs]:
            assert answer.status in (200, 201), (needs, answer)
        else:
            assert refused(answer, 403, "FORBIDDEN") == f"This API key lacks the scope {LEAST[needs]}"


def test_a_key_for_events_streams_by_itself_and_by_ticket_and_changes_nothing(server, sandbox):
    reads = server.api(new_key(sandbox, "events:read")["apiKey"])
    ticket = reads.post("/v1/events/tickets").expect(201)["ticket"]
    with SseReader(reads).wait_open() as one, SseReader(server.anonymous(), f"?ticket={ticket}").wait_open() as other:
        life.new_grant(sandbox)
        assert [event["type"] for event in one.wait_events(2)] == [event["type"] for event in other.wait_events(2)] == ["grant.created", "token.issued"]
    refused(reads.post("/v1/keys", {"name": "x", "scopes": ["admin"]}), 403, "FORBIDDEN")


def test_a_session_may_do_what_its_key_may(server, sandbox):
    for scopes, may in [(["events:read"], False), (["events:read", "grants:write"], True), (["admin"], True)]:
        key = server.api(new_key(sandbox, *scopes)["apiKey"])
        assert key.post("/v1/session").expect(201)["canWrite"] is may
    refused(server.api(new_key(sandbox, "grants:write")["apiKey"]).post("/v1/session"), 403, "FORBIDDEN")  # it could see no event


# --- making, listing, ending them ---


def test_a_key_is_shown_once_and_told_by_its_ends(server, sandbox):
    made = new_key(sandbox, "grants:write", "events:read", expiresIn="90d")
    key = made.pop("apiKey")
    assert made["maskedKey"] == f"gx_test_…{key[-4:]}" and made["scopes"] == ["events:read", "grants:write"]
    assert keys_of(sandbox)[made["id"]] == made and made["expiresAt"] > made["createdAt"]
    assert server.api(key).get("/v1/me").expect(200)["key"]["id"] == made["id"]
    assert key not in str(store.dump(server.database)) and key not in server.stderr()


def test_a_deleted_key_opens_nothing_and_the_others_stay(server, sandbox):
    one, two = new_key(sandbox, "admin"), new_key(sandbox, "admin")
    sandbox.delete(f"/v1/keys/{one['id']}").expect(204)
    assert refused(server.api(one["apiKey"]).get("/v1/me"), 401) == "Invalid API key"
    assert one["id"] not in keys_of(sandbox) and two["id"] in keys_of(sandbox)
    server.api(two["apiKey"]).get("/v1/me").expect(200)
    refused(sandbox.delete(f"/v1/keys/{one['id']}"), 404, "NOT_FOUND")


def test_the_last_key_that_can_let_others_in_stays(server, sandbox):
    (only,) = keys_of(sandbox)
    new_key(sandbox, "grants:write")
    new_key(sandbox, "admin", expiresIn="1h")  # ends by itself, so it does not count
    refused(sandbox.delete(f"/v1/keys/{only}"), 409, "LAST_ADMIN_KEY")
    another = server.api(new_key(sandbox, "admin")["apiKey"])
    sandbox.delete(f"/v1/keys/{only}").expect(204)
    refused(another.delete(f"/v1/keys/{another.get('/v1/me').expect(200)['key']['id']}"), 409, "LAST_ADMIN_KEY")


def test_there_is_a_limit(server, sandbox):
    for _ in range(99):
        last = new_key(sandbox, "events:read")
    refused(sandbox.post("/v1/keys", {"name": "x", "scopes": ["admin"]}), 409, "CONFLICT")
    refused(sandbox.post("/v1/keys/rotate", {"overlap": "1h"}), 409, "CONFLICT")
    sandbox.delete(f"/v1/keys/{last['id']}").expect(204)
    new_key(sandbox, "events:read")


def test_a_new_developer_s_key_may_do_everything_and_deletion_takes_them_all(server, api):
    first, second = keys_of(api), new_key(api, "admin")
    assert [key["scopes"] for key in first.values()] == [["admin"]]
    api.delete(f"/v1/me?confirm={api.get('/v1/me').expect(200)['developerId']}").expect(204)
    refused(server.api(second["apiKey"]).get("/v1/me"), 401)


def test_the_last_use_is_told_to_the_hour_whether_it_read_or_wrote(server, sandbox):
    for use in (lambda api: api.get("/v1/grants").expect(200), lambda api: api.post("/v1/agents", {"name": "x"}).expect(201)):
        made = new_key(sandbox, "grants:write")
        assert keys_of(sandbox)[made["id"]]["lastUsedAt"] is None
        use(server.api(made["apiKey"]))
        deadline = time.monotonic() + build.PATIENCE
        while (used := keys_of(sandbox)[made["id"]]["lastUsedAt"]) is None and time.monotonic() < deadline:
            pass
        assert used >= made["createdAt"]
        use(server.api(made["apiKey"]))
        assert keys_of(sandbox)[made["id"]]["lastUsedAt"] == used


def make_anew(database, statements):
    """The store has what these say, and nothing else."""
    if hasattr(database, "sql"):
        database.sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public", *statements)
        return
    database.unlink()
    with contextlib.closing(sqlite3.connect(database)) as old, old:
        for statement in statements:
            old.executescript(statement)


def before_there_were_keys(key):
    """A store at schema step 12, with one developer whose key this is and one that was deleted."""
    steps = sorted((build.ROOT / "src/store/schema").glob("*.sql"))[:12]
    yield "CREATE TABLE schema_steps (step BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
    for number, step in enumerate(steps, 1):
        yield step.read_text()
        yield store.filled("INSERT INTO schema_steps VALUES (?, ?, 0)", (number, step.name))
    for row in (("dev_1", hashlib.sha256(key.encode()).hexdigest(), None), ("dev_2", "deleted dev_2", 1)):
        yield store.filled("INSERT INTO developers (id, name, mode, key_hash, created_at, deleted_at) VALUES (?, 'Acme', 'live', ?, 7, ?)", row)


def test_a_store_from_before_keeps_its_key_and_that_may_do_everything(start):
    server, key = start(), "gx_live_" + "k" * 43
    server.terminate()
    make_anew(server.database, list(before_there_were_keys(key)))
    server.start()
    api = server.api(key)
    me = api.get("/v1/me").expect(200)
    assert (me["developerId"], me["key"]["id"], me["key"]["scopes"], me["key"]["maskedKey"]) == ("dev_1", "key_1", ["admin"], None)
    api.post("/v1/agents", {"name": "x"}).expect(201)
    new_key(api, "admin")


# --- their streams ---


@pytest.fixture(name="reader")
def fixture_reader(server, sandbox):
    key = new_key(sandbox, "events:read")
    with SseReader(server.api(key["apiKey"])).wait_open() as stream, SseReader(sandbox).wait_open() as bystander:
        yield key, stream
        assert bystander.end is None


def test_streams_of_a_deleted_key_end(sandbox, reader):
    key, stream = reader
    sandbox.delete(f"/v1/keys/{key['id']}").expect(204)
    assert end_reason(stream) == "key_revoked"


def test_streams_of_a_rotated_key_end(server, reader):
    key, stream = reader
    server.api(key["apiKey"]).post("/v1/keys/rotate").expect(200)
    assert end_reason(stream) == "key_rotated"


def test_with_overlap_the_old_key_works_until_then_and_so_do_its_streams(server, sandbox, reader):
    key, stream = reader
    old = server.api(key["apiKey"])
    rotated = old.post("/v1/keys/rotate", {"overlap": "1h"}).expect(200)
    assert rotated["key"]["scopes"] == key["scopes"] and rotated["key"]["name"] == key["name"]
    old.get("/v1/me").expect(200)
    refused(old.post("/v1/keys/rotate"), 409, "CONFLICT")
    life.new_grant(sandbox)
    stream.wait_events(2)
    server.api(rotated["apiKey"]).get("/v1/events").expect(200)


def test_when_the_overlap_is_over_the_old_key_s_streams_end_and_it_opens_nothing(server, reader):
    key, stream = reader
    old = server.api(key["apiKey"])
    rotated = old.post("/v1/keys/rotate", {"overlap": "2s"}).expect(200)
    assert end_reason(stream) == "key_rotated"
    ends = datetime.datetime.fromisoformat(rotated["previousKeyEndsAt"].replace("Z", "+00:00"))
    assert datetime.datetime.now(datetime.timezone.utc) > ends - datetime.timedelta(seconds=1), "not at once"
    assert refused(old.get("/v1/me"), 401) == "Invalid API key"
    server.api(rotated["apiKey"]).get("/v1/events").expect(200)


@pytest.mark.parametrize("body, lost", [({"overlap": "1h"}, False), ({}, True)], ids=["with an overlap", "at once"])
def test_a_rotation_whose_answer_got_lost_is_answered_again_as_long_as_the_old_key_is_good(server, sandbox, body, lost):
    old = server.api(new_key(sandbox, "events:read")["apiKey"])
    again = {"headers": {"Idempotency-Key": "the-one-rotation-of-today-0123456789"}}
    first = old.post("/v1/keys/rotate", body, **again).expect(200)
    second = old.post("/v1/keys/rotate", body, **again)
    if lost:
        refused(second, 401)
    else:
        assert second.expect(200) == first


def test_streams_of_a_key_that_expires_end(server, sandbox):
    for seconds in (2, 10, 60):  # a machine may need longer than the key lives
        reads = server.api(new_key(sandbox, "events:read", expiresIn=f"{seconds}s")["apiKey"])
        stream = SseReader(reads)
        stream.wait_for(lambda reader: reader.end or reader.status)
        if stream.status == 200:
            break
        stream.close()
    with stream:
        assert stream.wait_for(lambda reader: reader.end, seconds + build.PATIENCE) == "clean" and end_reason(stream) == "key_expired"
    refused(reads.get("/v1/me"), 401)
