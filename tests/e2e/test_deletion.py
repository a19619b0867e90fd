"""DELETE /v1/me: a developer goes, for everybody at once; what the store had of him goes little by little."""

import time

import pytest

from support import build, life, store
from support.receiver import Receiver
from support.stream import SseReader
from support.websocket import WsClient

CLOSED = "stream.closing"


@pytest.fixture(name="swept")
def fixture_swept(start):
    """A server that looks every 50 ms whom it has to erase."""
    return start("--retain-every", 50)


def developer_of(api):
    return api.get("/v1/me").expect(200)["developerId"]


def delete(api):
    me = developer_of(api)
    api.delete(f"/v1/me?confirm={me}").expect(204)
    return me


def a_life(api, receiver=None):
    """Something in every table that knows developers; the ids by which it would be found again."""
    if receiver:
        api.post("/v1/webhooks", {"url": receiver.url(), "events": ["grant.*"]}).expect(201)
    grant = life.new_grant(api, agent_id=life.register(api))
    other = life.new_grant(api)
    life.allocate(api, grant, 100)
    for _ in range(3):
        life.debit(api, grant, 20)
    life.refresh(api, grant)
    life.revoke(api, other)
    agent = life.register(api)
    life.authorize(api, agent)
    api.post("/v1/audit/log", {
        "agentId": agent, "agentDid": f"did:grantex:{agent}", "grantId": other.id, "principalId": "user_abc123", "action": "a:b",
    }).expect(201)
    api.post("/v1/agents", {"name": "again"}, headers={"Idempotency-Key": "once"}).expect(201)
    api.post("/v1/events/tickets").expect(201)
    return [developer_of(api), agent, grant.id, other.id]


def wait_until_erased(server, ids):
    deadline = time.monotonic() + build.PATIENCE
    while left := [name for name, rows in store.dump(server.database).items() if any(one in row for row in rows for one in ids)]:
        assert time.monotonic() < deadline, f"still in {left}"
        time.sleep(0.02)


def test_whoever_is_deleted_is_gone_at_once(server):
    api = server.sign_up("Acme", "sandbox")
    grant = life.new_grant(api)
    principal = server.api(api.post("/v1/principal-sessions", {"principalId": "user_abc123"}).expect(201)["sessionToken"])
    ticket = api.post("/v1/events/tickets").expect(201)["ticket"]
    assert principal.get("/v1/principal/grants").status == 200
    delete(api)
    for answer in (
        api.get("/v1/me"), api.post("/v1/agents", {"name": "x"}), api.get("/v1/events"), api.get("/v1/events/stream"),
        api.post("/v1/tokens/verify", {"token": grant.token}), principal.get("/v1/principal/grants"),
        principal.delete(f"/v1/principal/grants/{grant.id}"), server.anonymous().get(f"/v1/events/stream?ticket={ticket}"),
    ):
        assert (answer.status, answer.json["code"]) == (401, "UNAUTHORIZED"), answer


def test_the_streams_of_whoever_is_deleted_end_and_nobody_else_s(server, sandbox):
    gone = server.sign_up("Gone", "sandbox")
    with SseReader(gone).wait_open() as stream, WsClient(gone).opened() as socket, SseReader(sandbox).wait_open() as other:
        delete(gone)
        assert stream.wait_end() == "clean"
        assert (stream.frames[-1].event, stream.frames[-1].json["reason"]) == (CLOSED, "developer_deleted")
        assert socket.read_close()[0] == 1001
        life.new_grant(sandbox)
        assert len(other.wait_events(2)) == 2


def test_the_name_must_be_said(server, sandbox):
    other = developer_of(server.sign_up())
    for query in ("", "?confirm=", "?confirm=yes", f"?confirm={other}", "?confirm=dev_%20"):
        answer = sandbox.delete(f"/v1/me{query}")
        assert (answer.status, answer.json["code"]) == (400, "BAD_REQUEST") and answer.json["message"].startswith("confirm: "), query
    assert sandbox.get("/v1/me").status == 200
    assert server.anonymous().delete(f"/v1/me?confirm={other}").status == 401


def test_nothing_stays_in_the_store_but_what_is_others(swept):
    others, receiver = swept.sign_up("Other", "sandbox"), Receiver()
    a_life(others)
    wait_until_erased(swept, [])
    before = store.dump(swept.database)
    gone = swept.sign_up("Gone", "sandbox")
    ids = a_life(gone, receiver)
    receiver.wait_for(2)
    delete(gone)
    wait_until_erased(swept, ids)
    after = store.dump(swept.database)
    for name in before:
        assert len(after[name]) == len(before[name]), name
    receiver.close()


def test_the_email_is_free_again(server):
    body = {"name": "Acme", "email": "a@example.com", "mode": "sandbox"}
    first = server.anonymous().post("/v1/signup", body).expect(201)
    delete(server.api(first["apiKey"]))
    second = server.anonymous().post("/v1/signup", body).expect(201)
    assert second["developerId"] != first["developerId"]


def test_an_erasure_goes_on_after_kill_9(start):
    server = start("--retain-every", 50)
    deadline, cut_short = time.monotonic() + 4 * build.PATIENCE, False
    while not cut_short:  # a kill that comes when all is gone shows nothing
        assert time.monotonic() < deadline
        gone = server.sign_up("Gone", "sandbox")
        ids = a_life(gone)
        for _ in range(200):
            life.new_grant(gone)
        delete(gone)
        server.kill()
        cut_short = any(ids[0] in row for row in store.dump(server.database)["events"])
        server.start()
    wait_until_erased(server, ids)


def test_the_log_does_not_know_a_deleted_developer_again(swept):
    """Whoever comes back has another log: an old cursor is foreign there."""
    old = swept.sign_up("Acme", "sandbox")
    life.new_grant(old)
    cursor = old.get("/v1/events").expect(200)["events"][-1]["id"]
    delete(old)
    fresh = swept.sign_up("Acme", "sandbox")
    answer = fresh.get(f"/v1/events?after={cursor}")
    assert (answer.status, answer.json["code"]) == (400, "INVALID_CURSOR")
