"""Calls: at once outside of an event loop, handed over inside of one; what they return; what becomes of their errors."""

import asyncio
import contextlib
import gc
import threading
import time
import warnings
from decimal import Decimal

import pytest

import grantex
from support import build, life
from watch import wait_until

SCOPES = ["calendar:read", "contacts:read"]


def status(api, grant):
    return api.get(f"/v1/grants/{grant.id}").expect(200)["status"]


def test_a_revocation_is_done_when_it_returns(client, api):
    grant = life.new_grant(api)
    assert client.grants.revoke(grant.id) is None
    assert status(api, grant) == "revoked"


def test_a_refusal_is_raised_with_status_code_and_request_id(client):
    with pytest.raises(grantex.GrantexApiError) as refused:
        client.grants.revoke("grnt_01HXYZ")
    error = refused.value
    assert (error.status, error.code, len(error.request_id)) == (404, "NOT_FOUND", 36)
    assert error.request_id in str(error) and "404 NOT_FOUND" in str(error)
    assert isinstance(error, grantex.GrantexError) and not isinstance(error, grantex.GrantexAuthError)


def test_a_wrong_key_and_a_silent_address_have_errors_of_their_own(server):
    key = "gx_test_nobodys-key-at-all-nobodys-key-at-all"
    with grantex.Grantex(key, base_url=server.url) as client:
        with pytest.raises(grantex.GrantexAuthError) as refused:
            client.grants.list()
        assert refused.value.status == 401 and key not in str(refused.value)
        with pytest.raises(grantex.GrantexAuthError):
            next(client.events.stream())
    with grantex.Grantex(key, base_url="http://127.0.0.1:9", max_retries=0) as client:
        with pytest.raises(grantex.GrantexNetworkError):
            client.grants.list()


def test_in_a_loop_a_revocation_acts_without_await(run, open_client, api):
    grant = life.new_grant(api)

    async def main():
        async with open_client() as client:
            client.grants.revoke(grant.id)

    run(main())
    assert status(api, grant) == "revoked"


def test_it_acts_at_once_and_not_when_the_block_is_left(run, open_client, api):
    grant = life.new_grant(api)

    async def main():
        async with open_client() as client:
            client.grants.revoke(grant.id)
            await asyncio.to_thread(wait_until, lambda: status(api, grant) == "revoked", "the revocation")

    run(main())


def test_it_may_be_awaited_and_gathered(run, open_client, api):
    grants = [life.new_grant(api) for _ in range(5)]

    async def main():
        async with open_client() as client:
            assert await client.grants.revoke(grants[0].id) is None
            await asyncio.gather(*(client.grants.revoke(grant.id) for grant in grants[1:]))
            listed = await client.grants.list(status="revoked")
            return {grant.id for grant in listed}

    assert run(main()) == {grant.id for grant in grants}


def test_an_error_that_is_awaited_is_raised_and_told_nowhere_else(run, open_client):
    told = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with open_client() as client:
            with pytest.raises(grantex.GrantexApiError):
                await client.grants.revoke("grnt_01HXYZ")
        gc.collect()

    run(main())
    assert told == []


def test_an_error_that_nobody_awaits_is_told_to_the_loop_and_by_a_warning(run, open_client):
    told = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with open_client() as client:
            client.grants.revoke("grnt_01HXYZ")

    with pytest.warns(RuntimeWarning, match=r"client\.grants\.revoke failed and nobody awaited it: .*NOT_FOUND"):
        run(main())
    (context,) = told
    assert isinstance(context["exception"], grantex.GrantexApiError) and "grants.revoke" in context["message"]


class Slow:
    """A server that answers when it is told to."""

    def __init__(self):
        import http.server

        slow, self.asked, self.go = self, threading.Event(), threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_DELETE(self):
                slow.asked.set()
                slow.go.wait(build.PATIENCE)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(name="slow")
def fixture_slow():
    slow = Slow()
    yield slow
    slow.close()


def test_other_tasks_run_while_the_server_takes_its_time(run, slow):
    async def main():
        async with grantex.Grantex("gx_test_key", base_url=slow.url) as client:
            call = client.grants.revoke("grnt_1")
            assert isinstance(call, grantex.Call) and not call.done()
            await asyncio.to_thread(slow.asked.wait, build.PATIENCE)
            for _ in range(100):
                await asyncio.sleep(0)
            assert not call.done()
            slow.go.set()
            assert await call is None

    run(main())


def test_leaving_the_block_waits_for_what_was_handed_over(run, slow):
    async def main():
        loop = asyncio.get_running_loop()
        async with grantex.Grantex("gx_test_key", base_url=slow.url) as client:
            client.grants.revoke("grnt_1")
            await asyncio.to_thread(slow.asked.wait, build.PATIENCE)
            loop.call_later(0.05, slow.go.set)
            assert not slow.go.is_set()
        assert slow.go.is_set()

    run(main())


def test_to_cancel_the_waiting_does_not_take_the_request_back(run, open_client, api):
    grant = life.new_grant(api)

    async def main():
        async with open_client() as client:
            client.grants.revoke(grant.id).cancel()

    run(main())
    assert status(api, grant) == "revoked"


def test_a_slow_call_does_not_hold_a_revocation_up(run, slow):
    async def main():
        async with grantex.Grantex("gx_test_key", base_url=slow.url) as client:
            first = client.grants.revoke("grnt_1")
            await asyncio.to_thread(slow.asked.wait, build.PATIENCE)
            slow.asked.clear()
            client.grants.revoke("grnt_2")
            assert await asyncio.to_thread(slow.asked.wait, build.PATIENCE), "the second was sent while the first still waits"
            slow.go.set()
            await first

    run(main())


def test_after_the_loop_is_gone_the_call_still_acts(open_client, api):
    grant = life.new_grant(api)

    async def main():
        open_client().grants.revoke(grant.id)

    asyncio.run(main())
    wait_until(lambda: status(api, grant) == "revoked", "the revocation")


def test_a_closed_client_refuses(open_client):
    client = open_client()
    client.close()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.grants.list()


def test_many_threads_may_use_one_client(client, api):
    grants = [life.new_grant(api) for _ in range(8)]
    threads = [threading.Thread(target=client.grants.revoke, args=(grant.id,)) for grant in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status(api, grant) for grant in grants} == {"revoked"}


# --- the other resources


def test_an_agents_life(client):
    agent = client.agents.register("planner", SCOPES, "plans")
    assert (agent.name, agent.description, agent.scopes, agent.status) == ("planner", "plans", tuple(SCOPES), "active")
    assert agent.id.startswith("ag_") and agent.raw["agentId"] == agent.id and client.agents.get(agent.id) == agent
    assert client.agents.update(agent.id, status="suspended", name="payer").status == "suspended"
    page = client.agents.list()
    assert [row.name for row in page] == ["payer"] and len(page) == page.total == 1
    assert client.agents.delete(agent.id) is None
    assert len(client.agents.list()) == 0


def new_token(client, agent=None):
    agent = agent or client.agents.register("planner", SCOPES)
    asked = client.authorize(agent.id, "user_abc123", SCOPES, expires_in="2h", state="s")
    return client.tokens.exchange(asked.code, agent.id), agent


def test_from_consent_to_a_token_and_back(server):
    live = server.sign_up()
    with grantex.Grantex(live.key, base_url=server.url) as client:
        agent = client.agents.register("planner", SCOPES)
        asked = client.authorize(agent.id, "user_abc123", SCOPES)
        assert asked.code is None and asked.id in asked.consent_url
        shown = client.consent.get(asked.id)
        assert (shown.agent_name, shown.scopes, shown.status) == ("planner", tuple(SCOPES), "pending")
        code = client.consent.approve(asked.id).code
        token = client.tokens.exchange(code, agent.id)
        assert token.grant_token not in repr(token) and token.refresh_token not in repr(token)
        denied = client.authorize(agent.id, "user_abc123", SCOPES)
        assert client.consent.deny(denied.id).code is None
        with pytest.raises(grantex.GrantexApiError) as refused:
            client.authorizations.approve(denied.id)
        assert refused.value.code == "CONSENT_REQUIRED"


def test_tokens_are_verified_refreshed_delegated_and_revoked(client):
    token, agent = new_token(client)
    check = client.tokens.verify(token.grant_token)
    assert (check.valid, check.grant_id, check.principal_id, check.agent_did) == (True, token.grant_id, "user_abc123", agent.did)
    fresh = client.tokens.refresh(token.refresh_token, agent.id)
    assert fresh.grant_id == token.grant_id and fresh.refresh_token != token.refresh_token
    below = client.tokens.delegate(token.grant_token, client.agents.register("helper").id, SCOPES[:1], expires_in="30m")
    assert client.grants.get(below.grant_id).parent_grant_id == token.grant_id
    claims = client.grants.verify(token.grant_token).claims
    client.tokens.revoke(claims["jti"] if "jti" in claims else claims["tokenId"])
    assert not client.tokens.verify(token.grant_token).valid
    client.grants.revoke(token.grant_id)
    gone = client.grants.verify(fresh.grant_token)
    assert (gone.active, gone.reason) == (False, "revoked")
    assert {grant.id for grant in client.grants.list(status="revoked")} == {token.grant_id, below.grant_id}


def test_a_budget_is_exact(client):
    token, _ = new_token(client)
    budget = client.budgets.allocate(token.grant_id, 1, currency="EUR")
    assert (budget.initial, budget.remaining, budget.currency) == (Decimal(1), Decimal(1), "EUR")
    for amount in (0.1, "0.2", Decimal("0.3")):
        debit = client.budgets.debit(token.grant_id, amount, description="mail", metadata={"to": ["anna"]})
    assert debit.remaining == client.budgets.balance(token.grant_id).remaining == Decimal("0.4")
    again = [client.budgets.debit(token.grant_id, "0.1", idempotency_key="mine-to-keep").transaction_id for _ in range(2)]
    assert again[0] == again[1]
    with pytest.raises(grantex.GrantexApiError) as refused:
        client.budgets.debit(token.grant_id, 5)
    assert (refused.value.status, refused.value.code) == (402, "INSUFFICIENT_BUDGET")
    rows = client.budgets.transactions(token.grant_id)
    assert [row.amount for row in rows] == [Decimal("0.1"), Decimal("0.3"), Decimal("0.2"), Decimal("0.1")]
    assert rows[1].metadata == {"to": ["anna"]} and rows[1].budget_id == budget.id
    assert [row.id for row in client.budgets.list()] == [budget.id]


def test_a_principal_sees_and_takes_back(client, server):
    token, agent = new_token(client)
    session = client.principal_sessions.create("user_abc123", expires_in="5m")
    assert session.token in session.dashboard_url and session.token not in repr(session)
    (shown,) = client.principal.grants(session.token)
    assert (shown.id, shown.agent_name, shown.scopes) == (token.grant_id, "planner", tuple(SCOPES))
    client.call("POST", "/v1/audit/log", {"agentId": agent.id, "agentDid": agent.did, "grantId": token.grant_id,
                                          "principalId": "user_abc123", "action": "mail.read"})
    (entry,) = client.principal.audit(session.token)
    assert (entry.action, entry.grant_id) == ("mail.read", token.grant_id)
    client.principal.revoke(session.token, token.grant_id)
    (event,) = (event for event in client.call("GET", "/v1/events?types=grant.revoked&limit=5&since=2020-01-01T00:00:00Z")["events"])
    assert event["data"]["revokedBy"] == "principal"


def test_webhooks(client, tmp_path):
    hook = client.webhooks.create("https://example.org/hook", ["grant.*", "token.issued"])
    assert hook.secret and hook.secret not in repr(hook) and hook.events == ("grant.*", "token.issued")
    assert [row.id for row in client.webhooks.list()] == [hook.id]
    assert client.webhooks.get(hook.id).url == "https://example.org/hook"
    page = client.webhooks.deliveries(hook.id, status="failed", page=1, page_size=5)
    assert (page.items, page.total) == ((), 0)
    with pytest.raises(grantex.GrantexApiError):
        client.webhooks.redeliver("whd_01HXYZ")
    client.webhooks.delete(hook.id)
    assert len(client.webhooks.list()) == 0


def test_keys_are_made_shown_rotated_and_revoked(client, server):
    made = client.keys.create("robot", ["events:read"], expires_in="90d")
    assert made.api_key and made.api_key not in repr(made) and made.scopes == ("events:read",) and made.expires_at > made.created_at
    listed = {key.id: key for key in client.keys.list()}
    assert len(listed) == 2 and listed[made.id].api_key is None and listed[made.id].masked_key.endswith(made.api_key[-4:])
    with grantex.Grantex(made.api_key, base_url=server.url) as robot:
        with pytest.raises(grantex.GrantexApiError, match="lacks the scope admin"):
            robot.keys.list()
        kept = robot.keys.rotate(overlap="1h")
        assert kept.previous_key_ends_at > kept.rotated_at and (kept.key.name, kept.key.scopes) == ("robot", ("events:read",))
        assert kept.api_key not in repr(kept)
        assert len(robot.grants.list()) == 0  # by the old one
    with grantex.Grantex(kept.api_key, base_url=server.url) as robot:
        last = robot.keys.rotate()
        assert last.previous_key_ends_at == last.rotated_at
        with pytest.raises(grantex.GrantexAuthError):
            robot.grants.list()
    assert client.keys.revoke(last.key.id) is None
    with pytest.raises(grantex.GrantexApiError) as refused:
        client.keys.revoke(last.key.id)
    assert refused.value.status == 404


def test_any_call_as_raw_json(client, run, open_client):
    assert client.call("GET", "/v1/me")["mode"] == "sandbox"

    async def main():
        async with open_client() as other:
            return await other.call("POST", "/v1/agents", {"name": "raw"})

    assert run(main())["name"] == "raw"
