"""Whether a token is good now, and one token taken back."""

import json

from support import jwt, life, store


def verify(api, token):
    return api.post("/v1/tokens/verify", {"token": token}).expect(200)


def test_a_good_token_says_what_it_allows(sandbox):
    grant = life.new_grant(sandbox)
    agent = sandbox.get(f"/v1/agents/{grant.agent_id}").expect(200)
    answer = verify(sandbox, grant.token)
    assert answer.pop("expiresAt")[:19] == grant.answer["expiresAt"][:19]
    assert answer == {
        "valid": True, "grantId": grant.id, "scopes": life.SCOPES, "principal": grant.principal_id, "agent": agent["did"],
    }


def test_anything_else_is_not_valid_and_says_no_more(sandbox, api):
    grant, revoked = life.new_grant(sandbox), life.new_grant(sandbox)
    life.revoke(sandbox, revoked)
    head, claims, signature = grant.token.split(".")
    for token in ("x", "a.b.c", f"{head}.{claims}.", f"{head}.{claims[:-2]}.{signature}", grant.token + "x", revoked.token, grant.refresh_token):
        assert verify(sandbox, token) == {"valid": False}, token
    assert verify(api, grant.token) == {"valid": False}  # another developer's
    for body in ({}, {"token": ""}, {"token": None}, {"token": 7}, {"token": ["x"]}):
        refused = sandbox.post("/v1/tokens/verify", body)
        assert refused.status == 400 and "token" in refused.json["message"]


def test_a_revoked_token_is_dead_and_its_grant_lives_without_an_event(server, sandbox, api):
    grant = life.new_grant(sandbox)
    token_id = json.loads(jwt.decode(grant.token.split(".")[1]))["jti"]
    events = len(store.rows(server.database, "SELECT seq FROM events"))
    before = store.dump(server.database)
    for client, body in ((api, {"jti": token_id}), (sandbox, {"jti": "tok_01ARZ3NDEKTSV4RRFFQ69G5FAV"})):
        refused = client.post("/v1/tokens/revoke", body)
        assert (refused.status, refused.json["code"], refused.json["message"]) == (404, "NOT_FOUND", "Token not found")
    for body in ({}, {"jti": ""}, {"jti": 7}, {"jti": "x" * 513}):
        assert sandbox.post("/v1/tokens/revoke", body).status == 400
    assert store.difference(before, store.dump(server.database)) == []
    gone = sandbox.post("/v1/tokens/revoke", {"jti": token_id})
    assert (gone.status, gone.body) == (204, b"")
    assert verify(sandbox, grant.token) == {"valid": False}
    assert sandbox.post("/v1/tokens/revoke", {"jti": token_id}).status == 404
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"
    assert len(store.rows(server.database, "SELECT seq FROM events")) == events
    assert verify(sandbox, life.refresh(sandbox, grant)["grantToken"])["valid"] is True
