"""Existing clients repeat a POST whose answer was lost; with an Idempotency-Key its effect happens once."""

import concurrent.futures
import uuid

import pytest

from support import life, routes, store
from test_bad_input import FIELDS, fixture_house, good_body  # noqa: F401 (a fixture)


def keyed(key=None):
    return {"headers": {"Idempotency-Key": key or str(uuid.uuid4())}}


def count(server, table):
    return store.rows(server.database, f"SELECT count(*) AS n FROM {table}")[0]["n"]


def test_the_same_key_and_body_gives_the_first_answer_again(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    body, key = {"grantId": grant.id, "amount": 60}, keyed()
    first = sandbox.post("/v1/budget/debit", body, **key)
    before = store.dump(server.database)
    for _ in range(3):
        again = sandbox.post("/v1/budget/debit", body, **key)
        assert (again.status, again.json) == (first.status, first.json) == (200, first.json)
    assert store.difference(before, store.dump(server.database)) == []
    assert sandbox.get(f"/v1/budget/balance/{grant.id}").json["remainingBudget"] == "40.0000"


# What POSTs without a body need: the path, made of a grant that is asked for, or a delivery that failed.
WITHOUT_BODY = {
    "POST /v1/authorize/:id/approve": "/v1/authorize/$asked/approve",
    "POST /v1/authorize/:id/deny": "/v1/authorize/$asked/deny",
    "POST /v1/consent/:id/approve": "/v1/consent/$asked/approve",
    "POST /v1/consent/:id/deny": "/v1/consent/$asked/deny",
    "POST /v1/events/tickets": "/v1/events/tickets",
    "POST /v1/keys/rotate": "/v1/keys/rotate",
}
# Writes nothing / does nothing the second time by itself: test_bad_parameters.py, test_webhooks_delivery.py. Makes another session,
# which harms nobody, because the cookie must not be kept anywhere: test_session.py.
ELSEWHERE = {"POST /v1/webhooks/deliveries/:id/redeliver", "POST /v1/session"}
REPEATED = [e for e in routes.endpoints() if e.method == "POST" and e.writes and e.key not in ELSEWHERE]


@pytest.mark.parametrize("endpoint", REPEATED, ids=lambda endpoint: getattr(endpoint, "key", "x"))
def test_every_post_that_changes_something_does_so_once_for_its_key(house, sandbox, endpoint):
    server, api, names = house
    if endpoint.path.startswith("/v1/authorize/"):  # which a live developer may not
        api, names = sandbox, {"$agent": life.register(sandbox)}
    asked = api.post("/v1/authorize", {"agentId": names["$agent"], "principalId": "u", "scopes": ["a:b"]}).expect(201)
    store.change(server.database, "UPDATE auth_requests SET status = 'pending', code_hash = NULL WHERE id = ?", asked["authRequestId"])
    names = {**names, "$asked": asked["authRequestId"]}
    path = WITHOUT_BODY.get(endpoint.key, endpoint.path.replace(":id", "$agent"))
    body = {} if endpoint.key in WITHOUT_BODY else good_body(path, names)
    for name, value in names.items():
        path = path.replace(name, value)
    caller = server.anonymous() if endpoint.access == "PUBLIC" else api
    key = keyed()
    untouched = store.dump(server.database)
    first = caller.post(path, body, **key)
    assert first.status in (200, 201, 202, 204), first
    done = store.dump(server.database)
    assert store.difference(untouched, done) != []
    if endpoint.key == "POST /v1/keys/rotate":  # the old key opens nothing any more, not even the kept answer
        assert caller.post(path, body, **key).status == 401
    else:
        again = caller.post(path, body, **key)
        assert (again.status, again.body) == (first.status, first.body)
    assert store.difference(done, store.dump(server.database)) == []


def test_the_same_key_with_another_body_or_path_is_422(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    key = keyed()
    sandbox.post("/v1/budget/debit", {"grantId": grant.id, "amount": 1}, **key).expect(200)
    before = store.dump(server.database)
    for path, body in (
        ("/v1/budget/debit", {"grantId": grant.id, "amount": 2}),
        ("/v1/agents", {"name": "x"}),
    ):
        answer = sandbox.post(path, body, **key)
        assert answer.status == 422 and "Idempotency-Key" in answer.json["message"], answer
    assert store.difference(before, store.dump(server.database)) == []


def test_keys_of_two_developers_do_not_meet(server, sandbox):
    other, key = server.sign_up("Other", "sandbox"), keyed()
    mine = sandbox.post("/v1/agents", {"name": "x"}, **key).expect(201)
    theirs = other.post("/v1/agents", {"name": "x"}, **key).expect(201)
    assert mine["agentId"] != theirs["agentId"]


def test_a_refusal_is_not_kept_so_that_it_can_be_mended(server, sandbox):
    grant, key = life.new_grant(sandbox), keyed()
    body = {"grantId": grant.id, "amount": 1}
    assert sandbox.post("/v1/budget/debit", body, **key).status == 402
    life.allocate(sandbox, grant, 10)
    assert sandbox.post("/v1/budget/debit", body, **key).status == 200


@pytest.mark.parametrize("repeats", [8])
def test_repeats_at_the_same_moment_have_one_effect(server, sandbox, repeats):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    body, key = {"grantId": grant.id, "amount": 1}, keyed()
    with concurrent.futures.ThreadPoolExecutor(repeats) as pool:
        answers = list(pool.map(lambda _: server.api().post("/v1/budget/debit", body, **key), range(repeats)))
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert count(server, "budget_transactions") == 1


def test_an_exchange_and_a_refresh_can_be_repeated_over_a_crash(server, sandbox):
    agent = life.register(sandbox)
    code = life.authorize(sandbox, agent)["code"]
    exchange, key = {"code": code, "agentId": agent}, keyed()
    first = sandbox.post("/v1/token", exchange, **key).expect(201)
    server.restart()
    assert sandbox.post("/v1/token", exchange, **key).expect(201) == first
    refresh, key = {"refreshToken": first["refreshToken"], "agentId": agent}, keyed()
    second = sandbox.post("/v1/token/refresh", refresh, **key).expect(201)
    server.restart()
    assert sandbox.post("/v1/token/refresh", refresh, **key).expect(201) == second
    assert (count(server, "grants"), count(server, "tokens"), count(server, "events")) == (1, 2, 3)


def test_what_is_kept_for_a_repeat_does_not_hold_the_secrets_in_clear(server, sandbox):
    agent = life.register(sandbox)
    code = life.authorize(sandbox, agent)["code"]
    issued = sandbox.post("/v1/token", {"code": code, "agentId": agent}, **keyed()).expect(201)
    kept = "".join(row["body"] for row in store.rows(server.database, "SELECT body FROM idempotency_keys"))
    assert kept and issued["refreshToken"] not in kept and issued["grantToken"] not in kept


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "é"])
def test_a_key_that_is_none_is_refused(server, sandbox, key):
    before = store.dump(server.database)
    answer = sandbox.post("/v1/agents", {"name": "x"}, headers={"Idempotency-Key": key.encode("latin-1")})
    assert answer.status == 400 and "Idempotency-Key" in answer.json["message"]
    assert store.difference(before, store.dump(server.database)) == []
