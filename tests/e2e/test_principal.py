"""The principal's side: a session that the developer opens, what was allowed, and taking it back."""

import time

import pytest

from support import jwt, life, store
from support.stream import SseReader

HELD = [
    "grantId", "agentId", "agentName", "agentDescription", "agentDid", "scopes", "scopeDescriptions", "scopeWarnings", "status",
    "issuedAt", "expiresAt", "delegationDepth", "budget",
]


def open_session(api, principal_id="user_abc123", **more):
    return api.post("/v1/principal-sessions", {"principalId": principal_id, **more}).expect(201)


def in_session(server, api, principal_id="user_abc123", **more):
    """A client that is the principal."""
    return server.api(open_session(api, principal_id, **more)["sessionToken"])


def ids(principal):
    return [grant["grantId"] for grant in principal.get("/v1/principal/grants").expect(200)["grants"]]


def test_a_session_is_a_signed_token_that_says_whose_it_is_and_what_for(server, sandbox):
    life.new_grant(sandbox)
    opened = open_session(sandbox)
    token = opened["sessionToken"]
    assert opened["dashboardUrl"] == f"{server.url}/permissions#session={token}"
    claims = jwt.verify(token, server.anonymous().get("/.well-known/jwks.json").expect(200))
    assert list(claims) == ["iss", "sub", "dev", "purpose", "iat", "exp"]
    assert (claims["iss"], claims["sub"], claims["purpose"]) == (server.url, "user_abc123", "principal_dashboard")
    assert claims["dev"] == sandbox.get("/v1/me").expect(200)["developerId"]
    assert claims["exp"] - claims["iat"] == 3600
    assert opened["expiresAt"] == time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(claims["exp"]))


@pytest.mark.parametrize("asked, seconds", [("30m", 1800), ("24h", 86400), ("25h", 86400), ("3650d", 86400)])
def test_a_session_lasts_as_long_as_asked_and_at_most_a_day(server, sandbox, asked, seconds):
    life.new_grant(sandbox)
    claims = jwt.verify(
        open_session(sandbox, expiresIn=asked)["sessionToken"], server.anonymous().get("/.well-known/jwks.json").json
    )
    assert claims["exp"] - claims["iat"] == seconds


def test_a_session_is_for_somebody_who_has_something_to_look_at(server, sandbox):
    grant = life.new_grant(sandbox, "user_gone")
    life.revoke(sandbox, grant)
    life.new_grant(server.sign_up("Other", "sandbox"), "user_elsewhere")
    for principal_id in ("user_gone", "user_elsewhere", "user_never"):
        answer = sandbox.post("/v1/principal-sessions", {"principalId": principal_id})
        assert (answer.status, answer.json["code"]) == (404, "NOT_FOUND"), principal_id


def test_the_principal_sees_what_is_good_now_newest_first_in_plain_words(server, sandbox):
    agent = sandbox.post("/v1/agents", {"name": "invoicer", "description": "Writes invoices"}).expect(201)
    first = life.new_grant(sandbox, agent_id=agent["agentId"])
    life.revoke(sandbox, life.new_grant(sandbox))
    life.new_grant(sandbox, "user_other")
    second = life.new_grant(sandbox)
    shown = in_session(server, sandbox).get("/v1/principal/grants").expect(200)
    assert shown["principalId"] == "user_abc123" and (shown["total"], shown["page"]) == (2, 1)
    assert [grant["grantId"] for grant in shown["grants"]] == [second.id, first.id]
    assert all(list(grant) == HELD for grant in shown["grants"])
    own = shown["grants"][1]
    assert (own["agentName"], own["agentDescription"], own["agentDid"]) == ("invoicer", "Writes invoices", agent["did"])
    assert own["scopeDescriptions"] == ["See the events in your calendar", "See your contacts"]
    assert (own["scopes"], own["status"], own["delegationDepth"]) == (life.SCOPES, "active", 0)
    assert own["expiresAt"] == first.answer["expiresAt"]
    page = in_session(server, sandbox).get("/v1/principal/grants?page=2&pageSize=1").expect(200)
    assert [grant["grantId"] for grant in page["grants"]] == [first.id] and page["total"] == 2


def test_what_has_ended_is_listed_apart_with_when_and_by_whom(server, sandbox):
    life.new_grant(sandbox)
    taken, given_up = life.new_grant(sandbox), life.new_grant(sandbox)
    expired = life.new_grant(sandbox, expiresIn="1s")
    gone = life.register(sandbox, "gone")
    life.new_grant(sandbox, agent_id=gone)
    assert sandbox.delete(f"/v1/agents/{gone}").status == 204
    principal = in_session(server, sandbox)
    life.revoke_as_principal(principal, taken.id)
    life.revoke(sandbox, given_up)
    deadline = time.monotonic() + 10
    while (shown := principal.get("/v1/principal/grants?status=ended").expect(200))["total"] != 4:
        assert time.monotonic() < deadline
    ended = {grant["grantId"]: grant for grant in shown["grants"]}
    assert ended[taken.id]["revokedBy"] == "principal" and ended[taken.id]["revokedAt"] >= ended[taken.id]["issuedAt"]
    assert (ended[taken.id]["status"], ended[given_up.id]["revokedBy"]) == ("revoked", "developer")
    assert ended[expired.id]["status"] == "expired" and "revokedBy" not in ended[expired.id]
    answer = principal.get("/v1/principal/grants?status=expired")
    assert answer.status == 400 and "status" in answer.json["message"]


def test_the_principal_sees_what_is_left_of_a_budget_and_when_it_was_used(server, sandbox):
    grant = life.new_grant(sandbox)
    principal = in_session(server, sandbox)
    budget = lambda: principal.get("/v1/principal/grants").expect(200)["grants"][0]["budget"]  # noqa: E731
    assert budget() is None
    life.allocate(sandbox, grant, "100", currency="EUR")
    assert budget() == {"initialBudget": "100.0000", "remainingBudget": "100.0000", "currency": "EUR", "lastDebitAt": None}
    life.debit(sandbox, grant, "12.5")
    used = budget()
    assert used["remainingBudget"] == "87.5000" and used["lastDebitAt"].endswith("Z")


def tell(api, action, principal_id="user_abc123"):
    body = {"agentId": "ag_1", "agentDid": "did:grantex:ag_1", "grantId": "grnt_1", "principalId": principal_id, "action": action}
    return api.post("/v1/audit/log", body).expect(201)


def test_the_principal_sees_the_latest_hundred_that_agents_did_in_their_name(server, sandbox):
    life.new_grant(sandbox)
    elsewhere = server.sign_up("Other", "sandbox")
    principal = in_session(server, sandbox)
    assert principal.get("/v1/principal/audit").expect(200) == {"entries": []}
    told = []
    for number in range(101):
        told.append(tell(sandbox, f"step {number}"))
        tell(sandbox, "not theirs", "user_other")
        tell(elsewhere, "of another developer")
    assert principal.get("/v1/principal/audit").expect(200) == {"entries": told[:0:-1]}


def test_a_revocation_by_the_principal_says_so_in_the_stream(server, sandbox):
    grant = life.new_grant(sandbox)
    principal = in_session(server, sandbox)
    with SseReader(sandbox).wait_open() as stream:
        life.revoke_as_principal(principal, grant.id)
        (event,) = stream.wait_events(1)
    assert event["type"] == "grant.revoked"
    assert event["data"] == {
        "grantId": grant.id, "revokedBy": "principal", "agentId": grant.agent_id, "principalId": "user_abc123",
        "cascade": False, "rootGrantId": grant.id,
    }
    assert ids(principal) == []
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["revokedBy"] == "principal"
    assert principal.delete(f"/v1/principal/grants/{grant.id}").status == 404


def test_what_is_not_theirs_answers_like_what_does_not_exist(server, sandbox):
    life.new_grant(sandbox)
    foreign = [life.new_grant(sandbox, "user_other"), life.new_grant(server.sign_up("Other", "sandbox"))]
    principal = in_session(server, sandbox)
    before = store.dump(server.database)
    answers = [
        principal.delete(f"/v1/principal/grants/{grant_id}")
        for grant_id in ("grnt_01ARZ3NDEKTSV4RRFFQ69G5FAV", *(grant.id for grant in foreign))
    ]
    for answer in answers:
        assert answer.status == 404
        assert {**answer.json, "requestId": ""} == {**answers[0].json, "requestId": ""}
    assert store.difference(before, store.dump(server.database)) == []


def test_an_expired_session_opens_nothing(server, sandbox):
    grant = life.new_grant(sandbox)
    principal = in_session(server, sandbox, expiresIn="1s")
    deadline = time.monotonic() + 10
    while (answer := principal.get("/v1/principal/grants")).status != 401:
        assert time.monotonic() < deadline
    assert answer.json["code"] == "UNAUTHORIZED" and set(answer.json) == {"message", "code", "requestId"}
    assert principal.delete(f"/v1/principal/grants/{grant.id}").status == 401
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


def test_keys_sessions_and_grant_tokens_do_not_pass_for_each_other(server, sandbox):
    grant = life.new_grant(sandbox)
    session = open_session(sandbox)["sessionToken"]
    middle = session[len(session) // 2]
    changed = session[: len(session) // 2] + ("A" if middle != "A" else "B") + session[len(session) // 2 + 1 :]
    before = store.dump(server.database)
    for wrong in (sandbox.key, grant.token, grant.refresh_token, changed, session[:-1], session + "x", "a.b.c"):
        for method, path in (("GET", "/v1/principal/audit"), ("GET", "/v1/principal/grants"), ("DELETE", f"/v1/principal/grants/{grant.id}")):
            answer = server.api(wrong).request(method, path)
            assert (answer.status, answer.json["code"]) == (401, "UNAUTHORIZED"), wrong
    for method, path in (("GET", "/v1/me"), ("DELETE", f"/v1/grants/{grant.id}"), ("GET", "/v1/events/stream")):
        for wrong in (session, grant.token):
            assert server.api(wrong).request(method, path).status == 401
    assert server.anonymous().get("/v1/principal/grants").status == 401
    assert store.difference(before, store.dump(server.database)) == []
    assert ids(server.api(session)) == [grant.id]


def test_a_session_survives_a_restart_and_a_new_key(server, sandbox):
    grant = life.new_grant(sandbox)
    principal = in_session(server, sandbox)
    server.restart()
    sandbox.post("/v1/keys/rotate").expect(200)
    assert ids(principal) == [grant.id]


@pytest.mark.parametrize("path", ["/permissions", "/consent"])
def test_a_page_loads_nothing_from_elsewhere_and_is_framed_by_nobody(server, path):
    answer = server.anonymous().get(path)
    assert answer.status == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
