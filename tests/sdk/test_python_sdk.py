"""The official Python SDK with nothing changed but the base URL: what it sends is understood, what it reads is there."""

import dataclasses

import pytest

import steps
from steps import SCOPES
from support import life


def test_an_agent_is_registered_read_changed_and_deleted(sdk, client):
    agent = client.agents.register(name="planner", scopes=SCOPES, description="plans")
    assert (agent.name, agent.description, agent.scopes, agent.status) == ("planner", "plans", tuple(SCOPES), "active")
    assert agent.did == f"did:grantex:{agent.id}" and agent.developer_id and agent.created_at == agent.updated_at
    assert client.agents.get(agent.id) == agent and client.agents.list().agents == (agent,)
    changed = client.agents.update(agent.id, name="payer", scopes=["a:b"])
    assert changed == dataclasses.replace(agent, name="payer", scopes=("a:b",), updated_at=changed.updated_at)
    assert client.agents.delete(agent.id) is None
    assert client.agents.list().agents == ()


def test_a_sandbox_developers_request_has_its_code_at_once(sdk, client):
    agent = client.agents.register(name="planner", scopes=SCOPES)
    asked = steps.authorize(sdk, client, agent, expires_in="2h", redirect_uri="https://app.example/back")
    assert asked.request_id.startswith("areq_") and asked.request_id in asked.consent_url and asked.expires_at
    assert asked.sandbox is True and asked.code


def test_a_live_developers_request_has_its_code_by_consent(sdk, server):
    live = server.sign_up()
    client = sdk.Grantex(api_key=live.key, base_url=server.url)
    agent = client.agents.register(name="planner", scopes=SCOPES)
    asked = steps.authorize(sdk, client, agent)
    assert asked.sandbox is None and asked.code is None
    code = life.approve(live, asked.request_id)
    held = client.tokens.exchange(sdk.ExchangeTokenParams(code=code, agent_id=agent.id))
    assert client.grants.get(held.grant_id).status == "active"


def test_a_code_is_exchanged_with_pkce(sdk, client):
    agent, pkce = client.agents.register(name="planner", scopes=SCOPES), sdk.generate_pkce()
    challenge = {"code_challenge": pkce.code_challenge, "code_challenge_method": pkce.code_challenge_method}
    code = steps.authorize(sdk, client, agent, **challenge).code
    with pytest.raises(sdk.GrantexApiError) as refused:
        client.tokens.exchange(sdk.ExchangeTokenParams(code=code, agent_id=agent.id))
    assert refused.value.status_code == 400
    held = client.tokens.exchange(sdk.ExchangeTokenParams(code=code, agent_id=agent.id, code_verifier=pkce.code_verifier))
    assert held.scopes == tuple(SCOPES) and held.refresh_token.startswith("ref_")


def test_a_token_is_verified_refreshed_and_revoked(sdk, client):
    held, agent = steps.grant(sdk, client)
    known = client.tokens.verify(held.grant_token)
    assert (known.valid, known.grant_id, known.scopes) == (True, held.grant_id, tuple(SCOPES))
    assert (known.principal, known.agent) == ("user_abc123", agent.did)
    assert known.expires_at == held.expires_at[:-4] + "000Z", "a token ends with a whole second, its grant a little later"
    fresh = client.tokens.refresh(sdk.RefreshTokenParams(refresh_token=held.refresh_token, agent_id=agent.id))
    assert fresh.grant_id == held.grant_id and fresh.refresh_token != held.refresh_token
    client.tokens.revoke(client.grants.verify(held.grant_token).token_id)
    assert client.tokens.verify(held.grant_token).valid is False
    assert client.tokens.verify(fresh.grant_token).valid is True


def test_grants_are_listed_read_verified_and_revoked(sdk, client):
    held, agent = steps.grant(sdk, client)
    other, _ = steps.grant(sdk, client)
    grant = client.grants.get(held.grant_id)
    assert (grant.id, grant.agent_id, grant.principal_id) == (held.grant_id, agent.id, "user_abc123")
    assert (grant.developer_id, grant.scopes, grant.status) == (agent.developer_id, tuple(SCOPES), "active")
    assert grant.issued_at < grant.expires_at == held.expires_at and grant.revoked_at is None
    assert [row.id for row in client.grants.list().grants] == [other.grant_id, held.grant_id]
    assert client.grants.list(sdk.ListGrantsParams(agent_id=agent.id, status="active")).grants == (grant,)
    assert client.grants.list(sdk.ListGrantsParams(page=2, page_size=1)).grants == (grant,)
    verified = client.grants.verify(held.grant_token)
    assert (verified.grant_id, verified.principal_id, verified.agent_did) == (grant.id, grant.principal_id, agent.did)
    assert client.grants.revoke(held.grant_id) is None
    revoked = client.grants.get(held.grant_id)
    assert revoked.status == "revoked" and revoked.revoked_at
    with pytest.raises(sdk.GrantexTokenError, match="revoked"):
        client.grants.verify(held.grant_token)


def test_a_grant_is_delegated(sdk, client):
    held, agent = steps.grant(sdk, client)
    below = client.agents.register(name="helper", scopes=SCOPES[:1])
    answer = client.grants.delegate(
        parent_grant_token=held.grant_token, sub_agent_id=below.id, scopes=SCOPES[:1], expires_in="30m"
    )
    assert set(answer) >= {"grantToken", "expiresAt", "scopes", "grantId", "refreshToken"}
    verified = client.grants.verify(answer["grantToken"])
    assert (verified.parent_grant_id, verified.parent_agent_did, verified.delegation_depth) == (held.grant_id, agent.did, 1)
    client.grants.revoke(held.grant_id)
    assert client.grants.get(answer["grantId"]).status == "revoked"


def test_a_token_is_verified_offline_by_the_published_key(sdk, server, client):
    held, agent = steps.grant(sdk, client)
    jwks = f"{server.url}/.well-known/jwks.json"
    verified = sdk.verify_grant_token(held.grant_token, sdk.VerifyGrantTokenOptions(jwks_uri=jwks, required_scopes=SCOPES))
    assert verified == client.grants.verify(held.grant_token)
    assert (verified.developer_id, verified.agent_did) == (agent.developer_id, agent.did)
    with pytest.raises(sdk.GrantexTokenError, match="missing required scopes"):
        sdk.verify_grant_token(held.grant_token, sdk.VerifyGrantTokenOptions(jwks_uri=jwks, required_scopes=["x:y"]))
    head, body, signature = held.grant_token.split(".")
    with pytest.raises(sdk.GrantexTokenError):
        sdk.verify_grant_token(f"{head}.{body}.{signature[::-1]}", sdk.VerifyGrantTokenOptions(jwks_uri=jwks))


def test_a_tool_is_allowed_by_the_scopes_of_a_token(sdk, client):
    agent = client.agents.register(name="seller", scopes=["tool:crm:write"])
    params = sdk.AuthorizeParams(agent_id=agent.id, user_id="anna", scopes=["tool:crm:write"], audience="crm")
    held = client.tokens.exchange(sdk.ExchangeTokenParams(code=client.authorize(params).code, agent_id=agent.id))
    client.load_manifest(sdk.ToolManifest(connector="crm", tools={"edit": "write", "purge": "delete"}))
    allowed = client.enforce(held.grant_token, "crm", "edit")
    assert allowed.allowed and allowed.grant_id == held.grant_id, allowed.reason
    assert not client.enforce(held.grant_token, "crm", "purge").allowed


def test_a_budget_is_allocated_spent_and_read(sdk, client):
    held, _ = steps.grant(sdk, client)
    budget = client.budgets.allocate(sdk.AllocateBudgetParams(grant_id=held.grant_id, initial_budget=12.5, currency="EUR"))
    assert (budget.grant_id, budget.currency) == (held.grant_id, "EUR")
    assert (budget.initial_budget, budget.remaining_budget) == ("12.5000", "12.5000")
    params = sdk.DebitBudgetParams(grant_id=held.grant_id, amount=0.1, description="mail", metadata={"to": ["anna"]})
    debited = client.budgets.debit(params)
    assert debited.remaining == client.budgets.balance(held.grant_id).remaining_budget == "12.4000"
    client.budgets.debit(sdk.DebitBudgetParams(grant_id=held.grant_id, amount=2))
    ledger = client.budgets.transactions(held.grant_id, page=2, page_size=1)
    assert ledger.total == 2
    (row,) = ledger.transactions
    assert (row.id, row.grant_id, row.allocation_id) == (debited.transaction_id, held.grant_id, budget.id)
    assert (row.amount, row.description, row.metadata) == ("0.1000", "mail", {"to": ["anna"]})
    assert [row.amount for row in client.budgets.transactions(held.grant_id).transactions] == ["2.0000", "0.1000"]


def test_the_audit_log_is_written_listed_and_read(sdk, client):
    told = {"agent_id": "ag_1", "agent_did": "did:grantex:ag_1", "grant_id": "grnt_1", "principal_id": "anna"}
    first = client.audit.log(**told, action="mail.read")
    second = client.audit.log(**told, action="mail.send", metadata={"to": "bob"}, status="failure")
    assert (first.prev_hash, second.prev_hash, first.status, second.status) == (None, first.hash, "success", "failure")
    assert client.audit.list().entries == (first, second)
    assert client.audit.list(sdk.ListAuditParams(action="mail.send", page=1, page_size=5)).entries == (second,)
    assert client.audit.get(second.entry_id) == second and second.metadata == {"to": "bob"}


def test_a_principal_gets_a_session_that_shows_what_was_allowed(sdk, server, client):
    held, _ = steps.grant(sdk, client)
    opened = client.principal_sessions.create(sdk.CreatePrincipalSessionParams(principal_id="user_abc123", expires_in="5m"))
    assert opened.dashboard_url == f"{server.url}/permissions#session={opened.session_token}" and opened.expires_at
    shown = server.api(opened.session_token).get("/v1/principal/grants").expect(200)
    assert [grant["grantId"] for grant in shown["grants"]] == [held.grant_id]


def test_a_webhook_is_made_listed_signed_and_deleted(sdk, client, receiver):
    made = client.webhooks.create(url=receiver.url(), events=["grant.created", "budget.exhausted"])
    assert (made.url, made.events) == (receiver.url(), ("grant.created", "budget.exhausted")) and len(made.secret) == 48
    (listed,) = client.webhooks.list().webhooks
    assert dataclasses.asdict(listed) == {name: value for name, value in dataclasses.asdict(made).items() if name != "secret"}
    _, grant_id = steps.all_five(sdk, client)
    events = receiver.wait_for(2)
    assert [(event["type"], event["data"]["grantId"]) for event in events] == [(name, grant_id) for name in made.events]
    for _, headers, body in receiver.posts:
        assert sdk.verify_webhook_signature(body, headers["X-Grantex-Signature"], made.secret)
        assert not sdk.verify_webhook_signature(body + b" ", headers["X-Grantex-Signature"], made.secret)
    client.webhooks.delete(made.id)
    assert client.webhooks.list().webhooks == ()


def test_a_developer_signs_up_and_changes_the_key(sdk, server):
    opened = sdk.Grantex.signup(sdk.SignupParams(name="Acme", email="Anna@acme.example"), base_url=server.url)
    assert (opened.name, opened.email, opened.mode) == ("Acme", "anna@acme.example", "live") and opened.created_at
    client = sdk.Grantex(api_key=opened.api_key, base_url=server.url + "/")
    agent = client.agents.register(name="planner", scopes=SCOPES)
    assert agent.developer_id == opened.developer_id
    assert client.update_settings(sdk.UpdateDeveloperSettingsParams(fido_rp_name="Acme")).updated is True
    fresh = client.rotate_key()
    assert fresh.api_key != opened.api_key and fresh.rotated_at
    with pytest.raises(sdk.GrantexAuthError):
        client.agents.list()
    assert sdk.Grantex(api_key=fresh.api_key, base_url=server.url).agents.list().agents == (agent,)
    with pytest.raises(ValueError, match="email"):
        sdk.Grantex.signup(sdk.SignupParams(name="Other", email="anna@ACME.example"), base_url=server.url)


def test_what_went_wrong_is_an_error_with_status_code_and_request_id(sdk, server, client):
    held, agent = steps.grant(sdk, client)
    steps.spend(sdk, client, held.grant_id, budget=1)
    stranger = sdk.Grantex(api_key="gx_test_nobodys-key-at-all", base_url=server.url)
    cases = [
        (sdk.GrantexAuthError, 401, "UNAUTHORIZED", stranger.agents.list),
        (sdk.GrantexApiError, 404, "NOT_FOUND", lambda: client.grants.get("grnt_01ARZ3NDEKTSV4RRFFQ69G5FAV")),
        (sdk.GrantexApiError, 404, "NOT_FOUND", lambda: client.agents.delete("ag_01ARZ3NDEKTSV4RRFFQ69G5FAV")),
        (sdk.GrantexApiError, 400, "BAD_REQUEST", lambda: client.agents.register(name=" ", scopes=[])),
        (sdk.GrantexApiError, 402, "INSUFFICIENT_BUDGET", lambda: client.budgets.debit(sdk.DebitBudgetParams(held.grant_id, 2))),
        (sdk.GrantexApiError, 409, "CONFLICT", lambda: client.budgets.allocate(sdk.AllocateBudgetParams(held.grant_id, 2))),
    ]
    for kind, status, code, act in cases:
        with pytest.raises(kind) as refused:
            act()
        error = refused.value
        assert type(error) is kind and (error.status_code, error.code) == (status, code), (code, error.body)
        assert error.request_id and error.request_id == error.body["requestId"] and str(error) == error.body["message"]


def test_a_server_that_is_away_is_a_network_error(sdk):
    with pytest.raises(sdk.GrantexNetworkError):
        sdk.Grantex(api_key="gx_test_0123456789", base_url="http://127.0.0.1:1", max_retries=0).agents.list()
