"""Who a key belongs to, and another key for them."""

from support import store


def test_me_is_who_signed_up(server):
    signed_up = server.anonymous().post("/v1/signup", {"name": "Acme", "email": "A@Example.com", "mode": "sandbox"}).expect(201)
    me = server.api(signed_up["apiKey"]).get("/v1/me").expect(200)
    assert me == {
        "developerId": signed_up["developerId"], "name": "Acme", "email": "a@example.com", "mode": "sandbox",
        "plan": "enterprise", "fidoRequired": False, "fidoRpName": None, "createdAt": signed_up["createdAt"],
    }
    assert server.sign_up().get("/v1/me").expect(200)["email"] is None


def test_a_rotated_key_works_at_once_and_the_old_one_is_dead_at_once(server, api):
    me = api.get("/v1/me").expect(200)
    rotated = api.post("/v1/keys/rotate").expect(200)
    assert set(rotated) == {"apiKey", "rotatedAt"} and rotated["rotatedAt"] >= me["createdAt"]
    assert rotated["apiKey"].startswith("gx_live_") and rotated["apiKey"] != api.key
    assert api.get("/v1/me").status == 401 and api.post("/v1/keys/rotate").status == 401
    assert server.api(rotated["apiKey"]).get("/v1/me").expect(200) == me
    kept = [row["key_hash"] for row in store.rows(server.database, "SELECT key_hash FROM developers")]
    assert rotated["apiKey"] not in kept


def test_a_rotated_key_survives_kill_9(server, sandbox):
    key = sandbox.post("/v1/keys/rotate").expect(200)["apiKey"]
    server.kill()
    server.key = key  # `grantexd dev` would otherwise set the old one again
    server.start()
    assert server.api(key).get("/v1/me").expect(200)["mode"] == "sandbox"
