"""How often one may call, and what can always be called: taking authority back."""

import re
import secrets
import time

import pytest

from support import build, jwt, life, store
from support.stream import SseReader

@pytest.fixture(autouse=True)
def fixture_within_a_minute():
    """Counts begin anew with the minute: a test that would meet its end begins in the next one."""
    while time.time() % 60 > 52:
        time.sleep(0.1)


LIMIT, REMAINING, RESET = "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"


def call_until_refused(call, most):
    for _ in range(most + 1):
        answer = call()
        if answer.status == 429:
            return answer
    raise AssertionError(f"{most + 1} calls passed where {most} a minute may: {answer}")


def check_refusal(answer, limit, code):
    assert answer.status == 429 and answer.json["code"] == code, answer
    seconds = int(answer.headers["retry-after"])
    assert 1 <= seconds <= 60 and answer.headers[RESET] == str(seconds)
    assert f"retry in {seconds} seconds" in answer.json["message"]
    assert (answer.headers[LIMIT], answer.headers[REMAINING]) == (str(limit), "0")
    assert answer.json["requestId"] == answer.headers["x-request-id"]


def limit_headers(answer):
    return [name for name in answer.headers if name.startswith("x-ratelimit") or name == "retry-after"]


def test_an_address_may_call_so_often_with_whatever_key(start):
    server = start("--rate-limit-ip", 5)
    first = server.api().get("/v1/me")
    assert first.headers[LIMIT] == "5" and int(first.headers[REMAINING]) <= 4 and 1 <= int(first.headers[RESET]) <= 60
    check_refusal(call_until_refused(lambda: server.api(secrets.token_hex(16)).get("/v1/agents"), 5), 5, "RATE_LIMIT_EXCEEDED")
    check_refusal(server.api().get("/v1/me"), 5, "RATE_LIMIT_EXCEEDED")


def test_a_key_may_call_so_often_and_another_key_is_another_measure(start):
    server = start("--rate-limit-key", 5)
    one, other = server.sign_up(), server.sign_up()
    check_refusal(call_until_refused(lambda: one.get("/v1/me"), 5), 5, "RATE_LIMIT_EXCEEDED")
    assert other.get("/v1/me").status == 200
    check_refusal(call_until_refused(lambda: server.api("x" * 20).get("/v1/me"), 5), 5, "RATE_LIMIT_EXCEEDED")
    assert other.get("/v1/me").status == 200


def test_authorize_has_a_measure_of_its_own(start):
    server = start("--rate-limits", "reference")
    api = server.api()
    ask = {"agentId": life.register(api), "principalId": "user_1", "scopes": life.SCOPES}
    check_refusal(call_until_refused(lambda: api.post("/v1/authorize", ask), 10), 10, "RATE_LIMITED")
    assert api.get("/v1/me").status == 200


@pytest.mark.parametrize("path, most", [("/v1/token", 20), ("/v1/token/refresh", 20), ("/v1/budget/debit", 30), ("/v1/audit/log", 30), ("/v1/signup", 30)])
def test_the_reference_limits_a_route_by_address(start, path, most):
    api = start("--rate-limits", "reference").api()
    check_refusal(call_until_refused(lambda: api.post(path, {}), most), most, "RATE_LIMIT_EXCEEDED")
    assert api.get("/v1/me").status == 200


def test_dev_limits_nothing_and_serve_only_what_runs_away(start):
    server, dev = start("--open-signup", command="serve"), start()
    assert limit_headers(dev.api().get("/v1/me")) == []
    assert server.sign_up().get("/v1/me").headers[LIMIT] == "600000"
    assert server.anonymous().post("/v1/signup", {}).headers[LIMIT] == "30"


def test_a_plan_has_its_number_in_the_reference(start):
    for plan, per_minute in (("free", "100"), ("pro", "500"), ("enterprise", "2000")):
        api = start("--rate-limits", "reference", "--plan", plan).api()
        answer = api.get("/v1/me")
        assert answer.headers[LIMIT] == per_minute and answer.expect(200)["plan"] == plan


def test_verifiers_and_supervisors_are_never_counted(start):
    server = start("--rate-limit-ip", 1)
    call_until_refused(lambda: server.api().get("/v1/me"), 1)
    for path in ("/.well-known/jwks.json", "/livez", "/readyz", "/health"):
        for _ in range(3):
            answer = server.anonymous().get(path)
            assert answer.status == 200 and limit_headers(answer) == [], path


def test_opening_a_stream_counts_and_the_stream_says_nothing_of_it(start):
    server = start("--rate-limit-key", 3)
    api = server.api()
    with SseReader(api) as reader:
        reader.wait_open()
        assert [name for name in reader.headers if "ratelimit" in name.lower()] == []
        check_refusal(call_until_refused(lambda: api.get("/v1/me"), 3), 3, "RATE_LIMIT_EXCEEDED")
        with SseReader(api) as refused:
            refused.wait_for(lambda r: r.end)
            assert refused.status == 429


@pytest.mark.parametrize("limits", [("--rate-limit-key", 12), ("--rate-limit-ip", 12)], ids=["key", "address"])
def test_nothing_stops_who_takes_authority_back(start, limits):
    server = start(*limits)
    api = server.api()
    grant, agent = life.new_grant(api), life.register(api)
    token = life.new_grant(api, agent_id=grant.agent_id)
    key = api.post("/v1/keys", {"name": "robot", "scopes": ["admin"]}).expect(201)["id"]
    check_refusal(call_until_refused(lambda: api.get("/v1/me"), 12), 12, "RATE_LIMIT_EXCEEDED")
    for answer in (
        api.post("/v1/tokens/revoke", {"jti": jwt.verify(token.token, api.get("/.well-known/jwks.json").json)["jti"]}),
        api.delete(f"/v1/grants/{grant.id}"),
        api.delete(f"/v1/agents/{agent}"),
        api.delete(f"/v1/grants/{token.id}"),
        api.delete(f"/v1/keys/{key}"),
        api.post("/v1/keys/rotate"),
    ):
        assert answer.status in (200, 204) and limit_headers(answer) == [], answer


def test_who_tries_keys_on_a_revocation_is_told_to_stop_and_the_right_key_still_works(start):
    server = start("--rate-limit-ip", 6)
    grant = life.new_grant(server.api())
    guess = lambda: server.api(secrets.token_hex(16)).delete(f"/v1/grants/{grant.id}")
    check_refusal(call_until_refused(guess, 6), 6, "RATE_LIMIT_EXCEEDED")
    check_refusal(server.anonymous().delete(f"/v1/grants/{grant.id}"), 6, "RATE_LIMIT_EXCEEDED")
    life.revoke(server.api(), grant)


def test_behind_a_proxy_the_client_is_who_the_proxy_says(start):
    server = start("--behind-proxy", "--rate-limit-ip", 4, command="serve")
    by = lambda hops: server.anonymous().get("/v1/consent/areq_unknown", headers={"X-Forwarded-For": hops})
    call_until_refused(lambda: by(f"192.0.2.{secrets.randbelow(256)}, 198.51.100.1"), 4)
    assert by("198.51.100.1, 198.51.100.2").status == 404
    call_until_refused(lambda: by(f"2001:db8:1:2::{secrets.token_hex(2)}"), 4)
    assert by("2001:db8:1:3::1").status == 404


def test_without_a_proxy_nobody_becomes_another_by_a_header(start):
    server = start("--rate-limit-ip", 4)
    made_up = lambda: server.anonymous().get("/v1/consent/x", headers={"X-Forwarded-For": f"192.0.2.{secrets.randbelow(256)}"})
    check_refusal(call_until_refused(made_up, 4), 4, "RATE_LIMIT_EXCEEDED")


def test_a_plan_has_room_for_so_many_active_grants(start):
    """Filled in the store: a thousand exchanges would only sign."""
    server = start("--plan", "free")
    api = server.api()
    first = life.new_grant(api)
    asked = life.authorize(api, first.agent_id)
    store.change(
        server.database,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        " INSERT INTO grants (id, developer_id, agent_id, principal_id, scopes, status, issued_at, expires_at)"
        " SELECT 'grnt_' || i, developer_id, agent_id, 'p', '[]', 'active', issued_at, expires_at FROM n, grants WHERE id = ?",
        first.id,
    )
    ask = {"agentId": first.agent_id, "principalId": "user_1", "scopes": life.SCOPES}
    for refused in (api.post("/v1/authorize", ask), api.post("/v1/token", {"code": asked["code"], "agentId": first.agent_id})):
        assert refused.status == 402 and refused.json["code"] == "PLAN_LIMIT_EXCEEDED", refused
        assert re.search("free.* 1000 active grants", refused.json["message"])
    life.revoke(api, first)
    life.exchange(api, asked["code"], first.agent_id)
