"""Who a key belongs to, and another key for them."""

from support import store


def lasting(me):
    """Without the time of the key's last use."""
    return {**me, "key": {**me["key"], "lastUsedAt": None}}


def test_me_is_who_signed_up(server):
    signed_up = server.anonymous().post("/v1/signup", {"name": "Acme", "email": "A@Example.com", "mode": "sandbox"}).expect(201)
    me = server.api(signed_up["apiKey"]).get("/v1/me").expect(200)
    assert me == {
        "developerId": signed_up["developerId"], "name": "Acme", "email": "a@example.com", "mode": "sandbox",
        "plan": "enterprise", "fidoRequired": False, "fidoRpName": None, "createdAt": signed_up["createdAt"],
        "key": me["key"],
    }
    assert me["key"]["scopes"] == ["admin"] and me["key"]["maskedKey"] == f"gx_test_…{signed_up['apiKey'][-4:]}"
    assert server.sign_up().get("/v1/me").expect(200)["email"] is None


def test_a_rotated_key_works_at_once_and_the_old_one_is_dead_at_once(server, api):
    me = api.get("/v1/me").expect(200)
    rotated = api.post("/v1/keys/rotate").expect(200)
    assert set(rotated) == {"apiKey", "rotatedAt", "previousKeyEndsAt", "key"} and rotated["previousKeyEndsAt"] == rotated["rotatedAt"] and rotated["rotatedAt"] >= me["createdAt"]
    assert rotated["apiKey"].startswith("gx_live_") and rotated["apiKey"] != api.key
    assert api.get("/v1/me").status == 401 and api.post("/v1/keys/rotate").status == 401
    assert server.api(rotated["apiKey"]).get("/v1/me").expect(200) == {**me, "key": rotated["key"]}
    kept = [str(row) for row in store.rows(server.database, "SELECT * FROM api_keys")]
    assert not [row for row in kept if rotated["apiKey"] in row]


def test_a_rotated_key_survives_kill_9(server, sandbox):
    key = sandbox.post("/v1/keys/rotate").expect(200)["apiKey"]
    server.kill()
    server.key = key  # `grantexd dev` would otherwise set the old one again
    server.start()
    assert server.api(key).get("/v1/me").expect(200)["mode"] == "sandbox"


def test_a_name_for_passkeys_is_kept_and_shown_and_only_one_s_own_changes(server, api):
    me, other = api.get("/v1/me").expect(200), server.sign_up()
    for body, name in [({"fidoRpName": "Acme Pay"}, "Acme Pay"), ({"fidoRequired": False}, "Acme Pay"), ({"fidoRequired": False, "fidoRpName": "é" * 100}, "é" * 100)]:
        assert api.patch("/v1/me", body).expect(200) == {"updated": True}
        assert api.get("/v1/me").expect(200)["fidoRpName"] == name
    assert other.get("/v1/me").expect(200)["fidoRpName"] is None


def test_passkeys_that_are_not_there_cannot_be_required(api):
    me = api.get("/v1/me").expect(200)
    for body, word in [
        ({"fidoRequired": True}, "fidoRequired: this server has no passkeys"), ({"fidoRequired": True, "fidoRpName": "Acme"}, "fidoRequired"),
        ({"fidoRequired": "no"}, "fidoRequired"), ({"fidoRequired": 0}, "fidoRequired"), ({"fidoRpName": ""}, "fidoRpName"),
        ({"fidoRpName": "x" * 101}, "fidoRpName"), ({"fidoRpName": 7}, "fidoRpName"), ({}, "at least one"), ({"fidoRpName": None}, "at least one"),
    ]:
        answer = api.patch("/v1/me", body)
        assert (answer.status, answer.json["code"]) == (400, "BAD_REQUEST") and word in answer.json["message"], body
    assert lasting(api.get("/v1/me").expect(200)) == lasting(me)
