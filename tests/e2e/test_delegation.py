"""An agent hands a part of what it may do to another one; what is taken back above is taken back below."""

import threading
import time

import pytest

from support import build, jwt, life, store
from support.stream import SseReader


def verify(api, token):
    return api.post("/v1/grants/verify", {"token": token}).expect(200)


def claims_of(server, token):
    return jwt.verify(token, server.anonymous().get("/.well-known/jwks.json").expect(200))


def ask(api, parent, agent_id, **more):
    return api.post("/v1/grants/delegate", {"parentGrantToken": parent.token, "subAgentId": agent_id, "scopes": life.SCOPES, **more})


def test_a_tree_three_deep_falls_with_its_root_each_grant_by_its_own_event(server, sandbox):
    root = life.new_grant(sandbox)
    with SseReader(sandbox).wait_open() as stream:
        tree = [root]
        for depth in (1, 2, 3):
            tree.append(life.delegate(sandbox, tree[-1], scopes=life.SCOPES[:1]))
            claims = claims_of(server, tree[-1].token)
            parent = tree[-2]
            assert (claims["parentGrnt"], claims["delegationDepth"]) == (parent.id, depth)
            assert claims["parentAgt"] == f"did:grantex:{parent.agent_id}" and claims["scp"] == life.SCOPES[:1]
            shown = sandbox.get(f"/v1/grants/{tree[-1].id}").expect(200)
            assert (shown["parentGrantId"], shown["delegationDepth"]) == (parent.id, depth)
        refused = ask(sandbox, tree[-1], root.agent_id, scopes=life.SCOPES[:1])
        assert (refused.status, refused.json["code"]) == (403, "DELEGATION_DEPTH_EXCEEDED")
        life.revoke(sandbox, root)
        events = stream.wait_events(10)
    for depth, (created, issued) in enumerate(zip(events[0:6:2], events[1:6:2]), start=1):
        grant = tree[depth]
        assert (created["type"], issued["type"]) == ("grant.created", "token.issued")
        assert created["data"] == {
            "grantId": grant.id, "agentId": grant.agent_id, "principalId": root.principal_id, "scopes": life.SCOPES[:1],
            "expiresAt": grant.answer["expiresAt"], "parentGrantId": tree[depth - 1].id, "delegationDepth": depth,
        }
        assert (issued["data"]["grantId"], issued["data"]["method"]) == (grant.id, "exchange")
    told = [(e["type"], e["data"]["grantId"], e["data"]["revokedBy"], e["data"]["cascade"], e["data"]["rootGrantId"]) for e in events[6:]]
    assert told == [
        ("grant.revoked", grant.id, "developer" if grant is root else "system", grant is not root, root.id) for grant in tree
    ]
    for grant in tree:
        assert verify(sandbox, grant.token) == {"active": False, "reason": "revoked"}


def test_the_answer_is_that_of_an_exchange_and_a_refresh_keeps_the_claims(server, sandbox):
    root = life.new_grant(sandbox)
    child = life.delegate(sandbox, root, expiresIn="10m")
    assert set(child.answer) == {"grantToken", "expiresAt", "scopes", "refreshToken", "grantId"}
    first = claims_of(server, child.token)
    assert first["exp"] - first["iat"] in (599, 600) and "aud" not in first
    second = claims_of(server, life.refresh(sandbox, child)["grantToken"])
    moving = ("jti", "iat")
    assert {k: v for k, v in first.items() if k not in moving} == {k: v for k, v in second.items() if k not in moving}
    longer = life.delegate(sandbox, root, expiresIn="3650d")
    assert claims_of(server, longer.token)["exp"] == claims_of(server, root.token)["exp"]
    default = claims_of(server, life.delegate(sandbox, root).token)
    assert default["exp"] - default["iat"] in (3599, 3600)


def test_what_may_not_be_delegated_is_refused_and_nothing_changes(server, sandbox, api):
    root, gone, agent = life.new_grant(sandbox), life.new_grant(sandbox), life.register(sandbox)
    foreign_agent, suspended = life.register(api), life.register(sandbox)
    life.revoke(sandbox, gone)
    sandbox.request("PATCH", f"/v1/agents/{suspended}", {"status": "suspended"}).expect(200)
    before = store.dump(server.database)
    for answer, status, code, word in (
        (ask(sandbox, root, agent, scopes=["email:send"]), 400, "BAD_REQUEST", "scopes"),
        (ask(sandbox, gone, agent), 400, "BAD_REQUEST", "parentGrantToken"),
        (ask(sandbox, root, "ag_none"), 404, "NOT_FOUND", "Agent not found"),
        (ask(sandbox, root, foreign_agent), 404, "NOT_FOUND", "Agent not found"),
        (ask(sandbox, root, suspended), 404, "NOT_FOUND", "Agent not found"),
        (ask(api, root, foreign_agent), 403, "FORBIDDEN", "parentGrantToken"),
        (ask(sandbox, root, agent, credentialFormat="vc-jwt"), 400, "BAD_REQUEST", "credentialFormat"),
    ):
        assert (answer.status, answer.json["code"]) == (status, code) and word in answer.json["message"], answer
    assert store.difference(before, store.dump(server.database)) == []


def test_a_verification_says_what_the_token_claims_or_why_it_is_no_good(server, sandbox, api):
    grant, revoked = life.new_grant(sandbox), life.new_grant(sandbox)
    life.revoke(sandbox, revoked)
    assert verify(sandbox, grant.token) == {"active": True, "claims": claims_of(server, grant.token)}
    assert verify(sandbox, revoked.token) == {"active": False, "reason": "revoked"}
    assert verify(api, grant.token) == {"active": False, "reason": "wrong_developer"}
    short = life.delegate(sandbox, grant, expiresIn="1s")  # by one request: a code would have to be exchanged within the second
    deadline = time.monotonic() + build.PATIENCE
    while (answer := verify(sandbox, short.token))["active"]:
        assert time.monotonic() < deadline
    assert answer == {"active": False, "reason": "expired"}
    for token in ("x", "a.b.c", grant.token[:-4], grant.refresh_token):
        refused = sandbox.post("/v1/grants/verify", {"token": token})
        assert (refused.status, refused.json["message"]) == (400, "Invalid token")


def test_the_depth_is_the_operators_choice(start):
    api = start("--max-delegation-depth", 1).api()
    child = life.delegate(api, life.new_grant(api))
    refused = ask(api, child, child.agent_id)
    assert (refused.status, refused.json["code"]) == (403, "DELEGATION_DEPTH_EXCEEDED")


def test_a_lost_answer_is_given_again_under_the_same_key(sandbox):
    root, agent = life.new_grant(sandbox), life.register(sandbox)
    body = {"parentGrantToken": root.token, "subAgentId": agent, "scopes": life.SCOPES}
    headers = {"Idempotency-Key": "delegate-once"}
    first, second = (sandbox.post("/v1/grants/delegate", body, headers=headers).expect(201) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("number", range(3))
def test_no_child_outlives_a_revocation_that_meets_its_delegation(server, sandbox, number):
    root, agent, begun = life.new_grant(sandbox), life.register(sandbox), threading.Semaphore(0)
    statuses = []

    def keep_delegating():
        client = sandbox.__class__(sandbox.url, sandbox.key, keep=True)
        status = 201
        while status == 201:
            status = ask(client, root, agent).status
            statuses.append(status)
            begun.release()

    threads = [threading.Thread(target=keep_delegating) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(8 * (number + 1)):
        begun.acquire()
    life.revoke(sandbox, root)
    for thread in threads:
        thread.join()
    assert sorted(set(statuses)) == [201, 400] and statuses.count(400) == len(threads)
    states = store.rows(server.database, "SELECT status FROM grants WHERE id = ? OR parent_id = ?", root.id, root.id)
    assert len(states) == statuses.count(201) + 1 and {row["status"] for row in states} == {"revoked"}
    told = store.rows(server.database, "SELECT data FROM events WHERE type = 'grant.revoked'")
    assert len(told) == len(states)
