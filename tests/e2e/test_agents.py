"""An agent changes, is suspended, and goes."""

import pytest

from support import life, store
from support.stream import SseReader

FIELDS = {"agentId", "did", "developerId", "name", "description", "scopes", "status", "createdAt", "updatedAt"}


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_what_is_given_changes_and_the_rest_stays(sandbox, method):
    agent = life.register(sandbox, "old name", ["a:b"])
    path = f"/v1/agents/{agent}"
    before = sandbox.get(path).expect(200)
    for change in ({"name": "new name"}, {"description": "what for"}, {"scopes": []}, {"status": "suspended"}, {"status": "active", "scopes": None}):
        after = sandbox.request(method, path, change).expect(200)
        assert set(after) == FIELDS and after["updatedAt"] >= before["updatedAt"]
        given = {name: value for name, value in change.items() if value is not None}
        assert after == {**before, **given, "updatedAt": after["updatedAt"]} == sandbox.get(path).expect(200)
        before = after


@pytest.mark.parametrize(
    "change",
    [{}, {"other": 1}, {"name": None}, {"name": " "}, {"name": 7}]
    + [{"name": "good", **bad} for bad in ({"description": []}, {"scopes": "a"}, {"scopes": [""]}, {"status": "gone"}, {"status": 1})],
)
def test_a_change_that_breaks_a_rule_is_refused_and_changes_nothing(server, sandbox, change):
    agent = life.register(sandbox)
    before = store.dump(server.database)
    refused = sandbox.request("PATCH", f"/v1/agents/{agent}", change)
    assert refused.status == 400 and refused.json["code"] == "BAD_REQUEST", refused
    assert store.difference(before, store.dump(server.database)) == []


def test_another_developers_agent_is_answered_like_an_unknown_one(server, sandbox, api):
    foreign = life.register(api)
    before = store.dump(server.database)
    for method, body in (("PATCH", {"name": "mine"}), ("POST", {"name": "mine"}), ("DELETE", None)):
        answers = [sandbox.request(method, f"/v1/agents/{agent}", body) for agent in (foreign, "ag_01ARZ3NDEKTSV4RRFFQ69G5FAV")]
        assert [(a.status, a.json["code"], a.json["message"]) for a in answers] == [(404, "NOT_FOUND", "Agent not found")] * 2
    assert store.difference(before, store.dump(server.database)) == []


def test_a_suspended_agent_gets_no_new_authority_until_it_is_active_again(sandbox):
    grant = life.new_grant(sandbox)
    asked = life.authorize(sandbox, grant.agent_id)
    sandbox.request("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "suspended"}).expect(200)
    ask = {"agentId": grant.agent_id, "principalId": "user_1", "scopes": life.SCOPES}
    assert sandbox.post("/v1/authorize", ask).status == 404
    assert sandbox.post("/v1/token", {"code": asked["code"], "agentId": grant.agent_id}).status == 400
    assert sandbox.post("/v1/token/refresh", {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}).status == 400
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"
    sandbox.request("PATCH", f"/v1/agents/{grant.agent_id}", {"status": "active"}).expect(200)
    life.exchange(sandbox, asked["code"], grant.agent_id)
    life.refresh(sandbox, grant)


def test_an_agent_that_goes_takes_its_grants_along_and_leaves_the_record(sandbox):
    agent = life.register(sandbox)
    grants = [life.new_grant(sandbox, agent_id=agent) for _ in range(3)]
    life.revoke(sandbox, grants[0])
    other = life.new_grant(sandbox)
    with SseReader(sandbox).wait_open() as stream:
        gone = sandbox.delete(f"/v1/agents/{agent}")
        assert (gone.status, gone.body) == (204, b"")
        events = stream.wait_events(2)
        life.new_grant(sandbox)
        assert stream.wait_events(3)[2]["type"] == "grant.created"  # and there was no third revocation
    assert {event["data"]["grantId"] for event in events} == {grants[1].id, grants[2].id}
    for event in events:
        assert event["type"] == "grant.revoked" and event["data"]["agentId"] == agent
        assert event["data"]["revokedBy"] == "developer" and event["data"]["cascade"] is False
    assert sandbox.get(f"/v1/agents/{agent}").status == 404 and sandbox.delete(f"/v1/agents/{agent}").status == 404
    listed = sandbox.get(f"/v1/grants?agentId={agent}").expect(200)["grants"]
    assert [(row["grantId"], row["status"]) for row in listed] == [(grant.id, "revoked") for grant in reversed(grants)]
    assert sandbox.post("/v1/token/refresh", {"refreshToken": grants[1].refresh_token, "agentId": agent}).status == 400
    assert sandbox.get(f"/v1/grants/{other.id}").expect(200)["status"] == "active"
