"""Grantex: the client."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from . import _arguments, _grantex, _resources
from ._calls import Caller
from ._events import EventsClient


class Grantex:
    """A client of Grantex: scoped, human-approved, revocable permission for AI agents.

        async with Grantex(api_key="gx_live_...") as client:
            async for event in client.events.stream():
                print(event.type, event.data)

    `with` and plain `for` do the same outside of an event loop. Leaving the block ends the streams and subscriptions of
    the client; `async with` waits for the calls that were handed over.

    Args:
        api_key: None: the environment's GRANTEX_API_KEY, else GRANTEX_KEY.
        base_url: None: GRANTEX_BASE_URL, else GRANTEX_URL, else https://api.grantex.dev.
        ca_file: a file of certificates to trust (PEM); None: those of the system.
        connect_timeout: seconds for name, connection and TLS of one attempt; None: 10.
        request_timeout: seconds for one attempt of a call (not of a stream); None: 30.
        max_retries: further attempts of a call after a fault.

    Raises:
        TypeError, ValueError: an argument is wrong, or there is no API key; nothing is sent yet.

    A client may be used by any number of threads and tasks, not by a forked child (GrantexForkedError).

    Attributes: agents, authorizations, budgets, consent, events, grants, keys, principal, principal_sessions, tokens, webhooks.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        ca_file: str | None = None,
        connect_timeout: float | None = None,
        request_timeout: float | None = None,
        max_retries: int = 3,
    ) -> None:
        retries = _arguments.number("max_retries", max_retries, 0, 100)
        self._caller = caller = Caller(
            _grantex.open(
                api_key=_arguments.optional("api_key", api_key),
                base_url=_arguments.optional("base_url", base_url),
                ca_file=_arguments.optional("ca_file", ca_file),
                connect_timeout_ms=_arguments.milliseconds("connect_timeout", connect_timeout),
                request_timeout_ms=_arguments.milliseconds("request_timeout", request_timeout),
                max_retries=retries or -1,
            )
        )
        self.agents = _resources.AgentsClient(caller)
        self.authorizations = _resources.AuthorizationsClient(caller)
        self.budgets = _resources.BudgetsClient(caller)
        self.consent = _resources.ConsentClient(caller)
        self.events = EventsClient(caller)
        self.grants = _resources.GrantsClient(caller)
        self.keys = _resources.KeysClient(caller)
        self.principal = _resources.PrincipalClient(caller)
        self.principal_sessions = _resources.PrincipalSessionsClient(caller)
        self.tokens = _resources.TokensClient(caller)
        self.webhooks = _resources.WebhooksClient(caller)

    @property
    def base_url(self) -> str:
        """The base URL that is in use (str), without a slash at its end."""
        return self._caller.client.base_url

    def authorize(
        self,
        agent_id: str,
        principal_id: str,
        scopes: Sequence[str],
        *,
        expires_in: str | None = None,
        redirect_uri: str | None = None,
        state: str | None = None,
        audience: str | None = None,
        code_challenge: str | None = None,
    ) -> Any:
        """Asks a principal for consent. expires_in: life of the grant, "30m", "24h", "7d"; code_challenge: PKCE, S256.
        Returns Authorization, with the URL where the principal says yes or no (in a running loop a Call)."""
        more = {
            "expires_in": expires_in, "redirect_uri": redirect_uri, "state": state, "audience": audience,
            "code_challenge": code_challenge,
        }
        return _resources.authorize(self._caller, agent_id, principal_id, scopes, more)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Any call of the HTTP API, also one that this version does not know: path "/v1/…" with its query, escaped. Returns
        the decoded JSON of the answer; None when it has none (in a running loop a Call)."""
        given = (_arguments.text("method", method), _arguments.text("path", path), _arguments.json_object("body", body))
        return self._caller.call("call", given, lambda text, _: json.loads(text) if text else None)

    # --- closing

    def close(self) -> None:
        """Ends the streams and subscriptions of the client at once. Calls that were handed over go on; new ones are refused
        with RuntimeError. Any number of times."""
        self.events.close()
        self._caller.close()

    async def aclose(self) -> None:
        """The same, and waits for the calls that were handed over."""
        self.events.close()
        try:
            await self._caller.drain()
        finally:
            self._caller.close()

    def __enter__(self) -> "Grantex":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> "Grantex":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
