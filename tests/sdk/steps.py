"""The steps of a grant's life, by the Python SDK."""

SCOPES = ["calendar:read", "contacts:read"]


def authorize(sdk, client, agent, **more):
    return client.authorize(sdk.AuthorizeParams(agent_id=agent.id, user_id="user_abc123", scopes=SCOPES, **more))


def grant(sdk, client, agent=None):
    """A new agent's grant, as the exchange answered it, and the agent."""
    agent = agent or client.agents.register(name="planner", scopes=SCOPES)
    code = authorize(sdk, client, agent).code
    return client.tokens.exchange(sdk.ExchangeTokenParams(code=code, agent_id=agent.id)), agent


def spend(sdk, client, grant_id, *amounts, budget=100):
    client.budgets.allocate(sdk.AllocateBudgetParams(grant_id=grant_id, initial_budget=budget))
    return [client.budgets.debit(sdk.DebitBudgetParams(grant_id=grant_id, amount=amount)) for amount in amounts]


def all_five(sdk, client):
    """What makes an event of every type; returns the types in their order, and the grant."""
    held, _ = grant(sdk, client)
    spend(sdk, client, held.grant_id, 60, 40)
    client.grants.revoke(held.grant_id)
    types = ["grant.created", "token.issued", "budget.threshold", "budget.threshold", "budget.exhausted", "grant.revoked"]
    return types, held.grant_id
