"""The other resources: one class for each noun, one method for each call of libgrantex.

Outside of an event loop each call blocks and returns its result. In a running loop it is handed over to a thread of the
client, acts at once, and returns a Call: await it for the result, or leave it alone.

Every call raises GrantexAuthError, GrantexApiError, GrantexNetworkError, GrantexProtocolError (a Call raises them when it
is awaited), and at once TypeError or ValueError, naming the argument, before anything is sent; GrantexForkedError in a
forked child; RuntimeError when the client is closed. Calls are repeated by the library after faults of the network, 429,
502, 503 and 504; what changes something happens once all the same."""

from __future__ import annotations

import decimal
from typing import Any, Mapping, Sequence

from . import _arguments, _results
from ._calls import Caller
from ._results import (
    Agent, ApiKey, ApiKeyRotation, AuditEntry, Authorization, Budget, Consent, Debit, Decision, Delivery, Grant, GrantCheck,
    PrincipalGrant, PrincipalSession, Token, TokenCheck, Transaction, Webhook,
)

_text, _optional, _texts = _arguments.text, _arguments.optional, _arguments.texts
_one, _page, _nothing = _results.read_one, _results.read_page, _results.read_nothing


class _Resource:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _call(self, name: str, read: Any, *arguments: Any) -> Any:
        return self._caller.call(name, arguments, read)


class AgentsClient(_Resource):
    """The agents of the developer."""

    def register(self, name: str, scopes: Sequence[str] | None = None, description: str | None = None) -> Any:
        """Makes an agent. Returns Agent."""
        given = (_text("name", name), _optional("description", description), _texts("scopes", scopes))
        return self._call("agents.register", _one(Agent), *given)

    def get(self, agent_id: str) -> Any:
        """One agent. Returns Agent."""
        return self._call("agents.get", _one(Agent), _text("agent_id", agent_id))

    def update(
        self,
        agent_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        scopes: Sequence[str] | None = None,
        status: str | None = None,
    ) -> Any:
        """Changes what is not None; status "suspended" gets no tokens, "active" does. Returns Agent."""
        change = (_optional("name", name), _optional("description", description), _optional("status", status))
        return self._call("agents.update", _one(Agent), _text("agent_id", agent_id), *change, _texts("scopes", scopes))

    def delete(self, agent_id: str) -> Any:
        """Deletes the agent; what it holds is revoked first, with an event for each grant. Returns None."""
        return self._call("agents.delete", _nothing, _text("agent_id", agent_id))

    def list(self) -> Any:
        """All agents. Returns Page[Agent]."""
        return self._call("agents.list", _page(Agent, "agents"))


class GrantsClient(_Resource):
    """Grants: what agents may do."""

    def list(self, *, agent_id: str | None = None, principal_id: str | None = None, status: str | None = None) -> Any:
        """The grants that all of the filters let through. Returns Page[Grant]."""
        filters = (_optional("agent_id", agent_id), _optional("principal_id", principal_id), _optional("status", status))
        return self._call("grants.list", _page(Grant, "grants"), *filters)

    def get(self, grant_id: str) -> Any:
        """One grant. Returns Grant."""
        return self._call("grants.get", _one(Grant), _text("grant_id", grant_id))

    def revoke(self, grant_id: str) -> Any:
        """Revokes the grant and every grant delegated from it. Acts when it is called, also without `await`. Returns None.

        A grant that is revoked already is a GrantexApiError with the code NOT_FOUND.
        """
        return self._call("grants.revoke", _nothing, _text("grant_id", grant_id))

    def verify(self, grant_token: str) -> Any:
        """Whether a grant token is good at this moment: signature, life, its grant and those above. Returns GrantCheck."""
        return self._call("grants.verify", _one(GrantCheck), _text("grant_token", grant_token))


class ConsentClient(_Resource):
    """What a principal's page does, for a page of your own."""

    def get(self, authorization_id: str) -> Any:
        """What is asked of the principal. Returns Consent."""
        return self._call("consent.get", _one(Consent), _text("authorization_id", authorization_id))

    def approve(self, authorization_id: str) -> Any:
        """The principal says yes. Returns Decision, with a code."""
        return self._call("consent.approve", _one(Decision), _text("authorization_id", authorization_id))

    def deny(self, authorization_id: str) -> Any:
        """The principal says no. Returns Decision."""
        return self._call("consent.deny", _one(Decision), _text("authorization_id", authorization_id))


class AuthorizationsClient(_Resource):
    """The developer decides in the principal's place: for sandbox developers only."""

    def approve(self, authorization_id: str) -> Any:
        """Yes. Returns Decision, with a code."""
        return self._call("authorize.approve", _one(Decision), _text("authorization_id", authorization_id))

    def deny(self, authorization_id: str) -> Any:
        """No. Returns Decision."""
        return self._call("authorize.deny", _one(Decision), _text("authorization_id", authorization_id))


def authorize(caller: Caller, agent_id: str, principal_id: str, scopes: Sequence[str], more: Mapping[str, Any]) -> Any:
    """See Grantex.authorize."""
    asked = (_text("agent_id", agent_id), _text("principal_id", principal_id))
    rest = (_optional(name, more[name]) for name in ("expires_in", "redirect_uri", "state", "audience", "code_challenge"))
    return caller.call("authorize", (*asked, _texts("scopes", scopes, required=True), *rest), _one(Authorization))


class TokensClient(_Resource):
    """Grant tokens. Codes and tokens are secrets; they are in no error."""

    def exchange(self, code: str, agent_id: str, *, code_verifier: str | None = None) -> Any:
        """A code for a grant, its first token and a refresh token; code_verifier: PKCE. Returns Token."""
        given = (_text("code", code), _text("agent_id", agent_id), _optional("code_verifier", code_verifier))
        return self._call("tokens.exchange", _one(Token), *given)

    def refresh(self, refresh_token: str, agent_id: str) -> Any:
        """A further token; a refresh token works once, and Token has the next one. Returns Token."""
        given = (_text("refresh_token", refresh_token), _text("agent_id", agent_id))
        return self._call("tokens.refresh", _one(Token), *given)

    def delegate(
        self, parent_grant_token: str, agent_id: str, scopes: Sequence[str], *, expires_in: str | None = None
    ) -> Any:
        """A grant below a grant, for another agent: not more scopes, no longer life ("30m", "24h"). Returns Token."""
        given = (_text("parent_grant_token", parent_grant_token), _text("agent_id", agent_id))
        rest = (_texts("scopes", scopes, required=True), _optional("expires_in", expires_in))
        return self._call("tokens.delegate", _one(Token), *given, *rest)

    def verify(self, grant_token: str) -> Any:
        """Whether a grant token may be used now. Returns TokenCheck."""
        return self._call("tokens.verify", _one(TokenCheck), _text("grant_token", grant_token))

    def revoke(self, token_id: str) -> Any:
        """Revokes one token by its id ("tok_…", the claim "jti"); its grant stays. Returns None."""
        return self._call("tokens.revoke", _nothing, _text("token_id", token_id))


class BudgetsClient(_Resource):
    """Budgets of grants. Amounts are int, decimal str, Decimal or float, with at most four decimals; results have Decimal."""

    def allocate(self, grant_id: str, initial: int | str | decimal.Decimal | float, *, currency: str | None = None) -> Any:
        """Gives a grant its budget, once; currency None: "USD". Returns Budget."""
        given = (_text("grant_id", grant_id), _arguments.amount("initial", initial), _optional("currency", currency))
        return self._call("budgets.allocate", _one(Budget), *given)

    def balance(self, grant_id: str) -> Any:
        """The budget of a grant as it is now. Returns Budget."""
        return self._call("budgets.balance", _one(Budget), _text("grant_id", grant_id))

    def debit(
        self,
        grant_id: str,
        amount: int | str | decimal.Decimal | float,
        *,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Takes from the budget. More than what remains is refused whole: GrantexApiError INSUFFICIENT_BUDGET (402).

        idempotency_key: one of your own, to repeat over a crash; None: a new one for each call. Returns Debit.
        """
        given = (_text("grant_id", grant_id), _arguments.amount("amount", amount), _optional("description", description))
        rest = (_arguments.json_object("metadata", metadata), _optional("idempotency_key", idempotency_key))
        return self._call("budgets.debit", _one(Debit), *given, *rest)

    def list(self) -> Any:
        """The budgets of all grants. Returns Page[Budget]."""
        return self._call("budgets.list", _page(Budget, "allocations"))

    def transactions(self, grant_id: str) -> Any:
        """What was debited from the budget of a grant. Returns Page[Transaction]."""
        return self._call("budgets.transactions", _page(Transaction, "transactions"), _text("grant_id", grant_id))


class PrincipalSessionsClient(_Resource):
    """Sessions of principals, the users behind the grants."""

    def create(self, principal_id: str, *, expires_in: str | None = None) -> Any:
        """A session for one principal; expires_in "30m", "24h" or the like. Returns PrincipalSession."""
        given = (_text("principal_id", principal_id), _optional("expires_in", expires_in))
        return self._call("principal_sessions.create", _one(PrincipalSession), *given)


class PrincipalClient(_Resource):
    """What a principal sees and takes back, by the token of his session."""

    def grants(self, session_token: str) -> Any:
        """What the principal has allowed and not taken back. Returns Page[PrincipalGrant]."""
        given = _text("session_token", session_token)
        return self._call("principal_grants.list", _page(PrincipalGrant, "grants"), given)

    def revoke(self, session_token: str, grant_id: str) -> Any:
        """Takes a grant back as its principal: the event says revokedBy "principal". Returns None."""
        given = (_text("session_token", session_token), _text("grant_id", grant_id))
        return self._call("principal_grants.revoke", _nothing, *given)

    def audit(self, session_token: str) -> Any:
        """What was done in the principal's name. Returns Page[AuditEntry]."""
        return self._call("principal_audit.list", _page(AuditEntry, "entries"), _text("session_token", session_token))


class KeysClient(_Resource):
    """The API keys of the developer. Creating, listing and revoking take one with the scope "admin"."""

    def create(self, name: str, scopes: Sequence[str], *, expires_in: str | None = None) -> Any:
        """A further key; scopes "events:read", "grants:write", "admin"; expires_in "90d", None: never. Returns ApiKey, once with
        the key itself."""
        given = (_text("name", name), _texts("scopes", scopes, required=True), _optional("expires_in", expires_in))
        return self._call("keys.create", _one(ApiKey), *given)

    def list(self) -> Any:
        """The keys that are not over. Returns Page[ApiKey]."""
        return self._call("keys.list", _page(ApiKey, "keys"))

    def revoke(self, key_id: str) -> Any:
        """Ends a key at once, and its streams within a second. Returns None."""
        return self._call("keys.revoke", _nothing, _text("key_id", key_id))

    def rotate(self, *, overlap: str | None = None) -> Any:
        """Another key in place of the one that this client has, and goes on with. Returns ApiKeyRotation.

        overlap: how long the old one is good, "1h", at most "7d". None: it is over at once, and if the answer gets lost the
        new one is lost with it (GrantexAuthError).
        """
        return self._call("keys.rotate", _one(ApiKeyRotation), _optional("overlap", overlap))


class WebhooksClient(_Resource):
    """Webhooks: events that are posted to a URL."""

    def create(self, url: str, event_types: Sequence[str]) -> Any:
        """Makes a webhook for events by their names or prefixes ("grant.*"). Returns Webhook, once with its secret."""
        given = (_text("url", url), _texts("event_types", event_types, required=True))
        return self._call("webhooks.create", _one(Webhook), *given)

    def get(self, webhook_id: str) -> Any:
        """One webhook, with its lag in events. Returns Webhook."""
        return self._call("webhooks.get", _one(Webhook), _text("webhook_id", webhook_id))

    def list(self) -> Any:
        """The webhooks of the developer. Returns Page[Webhook]."""
        return self._call("webhooks.list", _page(Webhook, "webhooks"))

    def delete(self, webhook_id: str) -> Any:
        """Deletes a webhook, and what is known of its deliveries. Returns None."""
        return self._call("webhooks.delete", _nothing, _text("webhook_id", webhook_id))

    def deliveries(self, webhook_id: str, *, status: str | None = None, page: int = 1, page_size: int = 20) -> Any:
        """What was and is delivered; status "pending", "delivered", "failed". Returns Page[Delivery]."""
        given = (_text("webhook_id", webhook_id), _optional("status", status))
        paging = (_arguments.number("page", page, 1, 2**31 - 1), _arguments.number("page_size", page_size, 1, 100))
        return self._call("webhooks.deliveries", _page(Delivery, "deliveries"), *given, *paging)

    def redeliver(self, delivery_id: str) -> Any:
        """Sends what has failed once more. Returns None."""
        return self._call("webhooks.redeliver", _nothing, _text("delivery_id", delivery_id))
