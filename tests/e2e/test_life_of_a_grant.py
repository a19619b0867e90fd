"""A grant from consent to revocation, through the public API; each step's events, in the page's words."""

import json
import re
import time

import pytest

from support import build, jwt, life, store
from support.stream import SseReader

ENVELOPE = ["id", "type", "timestamp", "createdAt", "seq", "data"]
TIMESTAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def assert_log_in_order(events, first=1):
    assert [event["seq"] for event in events] == list(range(first, first + len(events)))
    ids, times = [event["id"] for event in events], [event["timestamp"] for event in events]
    assert ids == sorted(set(ids)) and times == sorted(times)
    for event in events:
        assert list(event) == ENVELOPE and event["createdAt"] == event["timestamp"]
        assert re.fullmatch(r"evt_[0-9A-HJKMNP-TV-Z]{26}", event["id"]) and TIMESTAMP.match(event["timestamp"])


def test_a_grant_lives_its_whole_life_and_every_step_is_in_the_stream(server, api):
    with SseReader(api).wait_open() as stream:
        agent = api.post("/v1/agents", {"name": " invoicer ", "scopes": life.SCOPES}).expect(201)
        assert agent["name"] == "invoicer" and agent["status"] == "active"
        assert agent["did"] == f"did:grantex:{agent['agentId']}"

        verifier, challenge = life.pkce()
        asked = life.authorize(
            api, agent["agentId"], codeChallenge=challenge, codeChallengeMethod="S256", state="s-1",
            redirectUri="https://app.example.com/back", audience="https://calendar.example.com",
        )
        assert asked["consentUrl"] == f"{server.url}/consent?req={asked['authRequestId']}" and "code" not in asked

        shown = server.anonymous().get(f"/v1/consent/{asked['authRequestId']}").expect(200)
        assert shown["agentName"] == "invoicer" and shown["scopes"] == life.SCOPES and shown["status"] == "pending"
        assert len(shown["scopeDescriptions"]) == len(life.SCOPES) and shown["fidoRequired"] is False

        decided = server.anonymous().post(f"/v1/consent/{asked['authRequestId']}/approve").expect(200)
        assert decided["redirectUri"] == "https://app.example.com/back" and decided["state"] == "s-1"

        issued = life.exchange(api, decided["code"], agent["agentId"], codeVerifier=verifier)
        assert issued["scopes"] == life.SCOPES and issued["refreshToken"].startswith("ref_")

        claims = jwt.verify(issued["grantToken"], server.anonymous().get("/.well-known/jwks.json").expect(200))
        assert claims["iss"] == server.url and claims["sub"] == "user_abc123" and claims["agt"] == agent["did"]
        assert claims["scp"] == life.SCOPES and claims["grnt"] == issued["grantId"]
        assert claims["dev"] == agent["developerId"] and claims["aud"] == "https://calendar.example.com"
        assert claims["exp"] - claims["iat"] in (24 * 3600 - 1, 24 * 3600)

        grant = life.Grant(issued["grantId"], agent["agentId"], "user_abc123", "", issued["refreshToken"], issued)
        budget = life.allocate(api, grant, 1000)
        assert (budget["initialBudget"], budget["remainingBudget"]) == ("1000.0000", "1000.0000")
        assert budget["currency"] == "USD" and budget["id"].startswith("bdg_")

        assert life.debit(api, grant, 400)["remaining"] == "600.0000"
        assert life.debit(api, grant, "100")["remaining"] == "500.0000"  # exactly 50 %
        assert life.debit(api, grant, 299.5, description="ink")["remaining"] == "200.5000"
        assert life.debit(api, grant, 0.5)["remaining"] == "200.0000"  # exactly 80 %
        assert life.debit(api, grant, 200, metadata={"order": 7})["remaining"] == "0.0000"

        refused = api.post("/v1/budget/debit", {"grantId": grant.id, "amount": "0.0001"})
        assert refused.status == 402 and refused.json["code"] == "INSUFFICIENT_BUDGET"

        renewed = life.refresh(api, grant)
        assert renewed["grantId"] == grant.id and renewed["expiresAt"] == issued["expiresAt"]
        life.revoke(api, grant)

        events = stream.wait_events(7)

    parties = {"agentId": agent["agentId"], "principalId": "user_abc123"}
    lasting = {"scopes": life.SCOPES, "expiresAt": issued["expiresAt"]}
    token_ids = [claims["jti"], jwt_id(renewed["grantToken"])]
    assert [(event["type"], event["data"]) for event in events] == [
        ("grant.created", {"grantId": grant.id, **parties, **lasting}),
        ("token.issued", {"grantId": grant.id, "tokenId": token_ids[0], "method": "exchange", **parties, **lasting}),
        ("budget.threshold", {"grantId": grant.id, "percentage": 50, "remaining": 500, "initial": 1000, **parties}),
        ("budget.threshold", {"grantId": grant.id, "percentage": 80, "remaining": 200, "initial": 1000, **parties}),
        ("budget.exhausted", {"grantId": grant.id, "initial": 1000, **parties}),
        ("token.issued", {"grantId": grant.id, "tokenId": token_ids[1], "method": "refresh", **parties, **lasting}),
        ("grant.revoked", {"grantId": grant.id, "revokedBy": "developer", "cascade": False, "rootGrantId": grant.id, **parties}),
    ]
    assert_log_in_order(events)
    assert b'"remaining":500,"initial":1000' in stream.body  # numbers, without needless decimals

    gone = api.get(f"/v1/grants/{grant.id}").expect(200)
    assert gone["status"] == "revoked" and gone["scopes"] == life.SCOPES


def jwt_id(token):
    return json.loads(jwt.decode(token.split(".")[1]))["jti"]


def test_a_debit_that_jumps_over_everything_gives_each_crossing_once_in_order(sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    with SseReader(sandbox).wait_open() as stream:
        life.debit(sandbox, grant, 10)
        events = stream.wait_events(3)
    assert [(e["type"], e["data"].get("percentage"), e["data"].get("remaining")) for e in events] == [
        ("budget.threshold", 50, 0), ("budget.threshold", 80, 0), ("budget.exhausted", None, None),
    ]
    assert_log_in_order(events, first=3)


def test_further_debits_behind_a_threshold_say_nothing_again(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    for _ in range(99):
        life.debit(sandbox, grant, 1)
    kinds = [row["type"] for row in store.rows(server.database, "SELECT type FROM events ORDER BY seq")]
    assert kinds == ["grant.created", "token.issued", "budget.threshold", "budget.threshold"]


def test_a_debit_larger_than_the_remainder_is_refused_whole(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, "10.0001")
    before = store.dump(server.database)
    refused = sandbox.post("/v1/budget/debit", {"grantId": grant.id, "amount": "10.0002"})
    assert refused.status == 402 and refused.json["code"] == "INSUFFICIENT_BUDGET"
    assert store.difference(before, store.dump(server.database)) == []
    assert life.debit(sandbox, grant, "10.0001")["remaining"] == "0.0000"


def test_a_code_is_good_once_and_only_for_its_agent_developer_and_verifier(server, api):
    agent, other_agent = life.register(api), life.register(api)
    verifier, challenge = life.pkce()
    asked = life.authorize(api, agent, codeChallenge=challenge, codeChallengeMethod="S256")
    code = life.approve(api, asked["authRequestId"])
    before = store.dump(server.database)
    attempts = [
        (api, {"code": code, "agentId": agent}),
        (api, {"code": code, "agentId": agent, "codeVerifier": life.pkce()[0]}),
        (api, {"code": code, "agentId": other_agent, "codeVerifier": verifier}),
        (server.sign_up("Other", "live"), {"code": code, "agentId": agent, "codeVerifier": verifier}),
    ]
    signed_up = store.dump(server.database)
    before |= {table: signed_up[table] for table in ("developers", "api_keys")}
    for client, body in attempts:
        assert client.post("/v1/token", body).status == 400
    assert store.difference(before, store.dump(server.database)) == []
    life.exchange(api, code, agent, codeVerifier=verifier)
    again = api.post("/v1/token", {"code": code, "agentId": agent, "codeVerifier": verifier})
    assert again.status == 400
    assert len(store.rows(server.database, "SELECT * FROM grants")) == 1


def test_a_code_is_not_given_twice_and_not_after_a_denial(api):
    agent = life.register(api)
    asked = life.authorize(api, agent)
    life.approve(api, asked["authRequestId"])
    assert api.post(f"/v1/consent/{asked['authRequestId']}/approve").status == 410
    denied = life.authorize(api, agent, state="x")
    assert api.post(f"/v1/consent/{denied['authRequestId']}/deny").expect(200) == {"state": "x"}
    assert api.post(f"/v1/consent/{denied['authRequestId']}/approve").status == 410
    assert api.get(f"/v1/consent/{denied['authRequestId']}").status == 410


def test_a_refresh_token_is_good_once(server, sandbox):
    grant = life.new_grant(sandbox)
    used = grant.refresh_token
    life.refresh(sandbox, grant)
    again = sandbox.post("/v1/token/refresh", {"refreshToken": used, "agentId": grant.agent_id})
    assert again.status == 400 and "used" in again.json["message"]
    life.refresh(sandbox, grant)  # within 30 s the repeat did no harm
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


@pytest.mark.parametrize("agent", [None, "ag_01ARZ3NDEKTSV4RRFFQ69G5FAV"], ids=["its-agent", "another-agent"])
def test_a_refresh_token_used_again_later_takes_the_grant_away(server, sandbox, agent):
    grant = life.new_grant(sandbox)
    used = grant.refresh_token
    life.refresh(sandbox, grant)
    store.change(server.database, "UPDATE refresh_tokens SET used_at = used_at - 31000 WHERE used_at IS NOT NULL")
    again = sandbox.post("/v1/token/refresh", {"refreshToken": used, "agentId": agent or grant.agent_id})
    assert again.status == 400 and "used" in again.json["message"]
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "revoked"
    told = sandbox.get("/v1/events?types=grant.revoked").expect(200)["events"]
    assert [(event["data"]["grantId"], event["data"]["revokedBy"]) for event in told] == [(grant.id, "system")]
    assert sandbox.post("/v1/token/refresh", {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}).status == 400


def test_a_revoked_grant_can_do_nothing_any_more(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.revoke(sandbox, grant)
    before = store.dump(server.database)
    debit = sandbox.post("/v1/budget/debit", {"grantId": grant.id, "amount": 1})
    assert (debit.status, debit.json["code"]) == (409, "GRANT_INACTIVE")
    assert sandbox.post("/v1/token/refresh", {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}).status == 400
    assert sandbox.delete(f"/v1/grants/{grant.id}").status == 404
    assert store.difference(before, store.dump(server.database)) == []


def test_a_grant_expires_without_an_event(server, sandbox):
    grant = life.new_grant(sandbox, expiresIn="1h")
    life.allocate(sandbox, grant, 10)
    # As if it had been given for so long that it has a second left: there was time for its budget.
    left = int(time.time() * 1000) + 1000
    store.change(server.database, "UPDATE grants SET expires_at = ? WHERE id = ?", left, grant.id)
    deadline = time.monotonic() + build.PATIENCE
    while sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] != "expired":
        assert time.monotonic() < deadline
    assert sandbox.post("/v1/budget/debit", {"grantId": grant.id, "amount": 1}).json["code"] == "GRANT_INACTIVE"
    assert len(store.rows(server.database, "SELECT * FROM events")) == 2


def test_lists_show_what_there_is_newest_first_and_filtered(sandbox):
    first, second = life.new_grant(sandbox, "user_one"), life.new_grant(sandbox, "user_two")
    life.revoke(sandbox, first)

    def ids(query=""):
        return [grant["grantId"] for grant in sandbox.get(f"/v1/grants{query}").expect(200)["grants"]]

    assert ids() == [second.id, first.id]
    assert ids("?principalId=user_one") == [first.id] and ids("?status=active") == [second.id]
    assert ids(f"?agentId={second.agent_id}&status=revoked") == []
    agents = sandbox.get("/v1/agents").expect(200)["agents"]
    assert [agent["agentId"] for agent in agents] == [second.agent_id, first.agent_id]
    assert sandbox.get(f"/v1/agents/{first.agent_id}").expect(200) == agents[1]
    second_page = sandbox.get("/v1/agents?page=2&pageSize=1").expect(200)
    assert second_page == {"agents": agents[1:], "total": 2, "page": 2, "pageSize": 1}


def test_the_ledger_tells_every_debit_newest_first_in_pages(sandbox):
    grant = life.new_grant(sandbox)
    budget = life.allocate(sandbox, grant, 100)
    given = [life.debit(sandbox, grant, amount, metadata={"n": amount})["transactionId"] for amount in (1, 2.5, 3)]
    page = sandbox.get(f"/v1/budget/transactions/{grant.id}?page=1&pageSize=2").expect(200)
    assert page["total"] == 3 and [row["id"] for row in page["transactions"]] == given[:0:-1]
    last = sandbox.get(f"/v1/budget/transactions/{grant.id}?page=2&pageSize=2").expect(200)["transactions"]
    assert [(row["id"], row["amount"], row["metadata"]) for row in last] == [(given[0], "1.0000", {"n": 1})]
    assert last[0]["allocationId"] == budget["id"] and last[0]["description"] is None
    balance = sandbox.get(f"/v1/budget/balance/{grant.id}").expect(200)
    assert balance["remainingBudget"] == "93.5000" and balance["id"] == budget["id"]


def test_a_grant_has_one_budget(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    again = sandbox.post("/v1/budget/allocate", {"grantId": grant.id, "initialBudget": 20})
    assert (again.status, again.json["code"]) == (409, "CONFLICT")
    without = life.new_grant(sandbox)
    assert sandbox.post("/v1/budget/debit", {"grantId": without.id, "amount": 1}).json["code"] == "INSUFFICIENT_BUDGET"


@pytest.mark.parametrize("restart", ["kill", "terminate"])
def test_keys_and_tokens_stay_good_over_a_restart(server, sandbox, restart):
    grant = life.new_grant(sandbox)
    before = server.anonymous().get("/.well-known/jwks.json").expect(200)
    getattr(server, restart)()
    server.start()
    after = server.anonymous().get("/.well-known/jwks.json").expect(200)
    assert after == before and len(after["keys"]) == 1 and after["keys"][0]["kty"] == "RSA"
    assert jwt.verify(grant.token, after)["grnt"] == grant.id
    assert life.refresh(sandbox, grant)["grantId"] == grant.id
