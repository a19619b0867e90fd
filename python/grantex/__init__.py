"""Grantex for Python: live authorization events of AI agents, and everything around them, on top of libgrantex.

    from grantex import Grantex

    async with Grantex(api_key="gx_live_...") as client:
        async for event in client.events.stream(event_types=["budget.threshold", "budget.exhausted"]):
            print(event.type, event.data)
"""

from __future__ import annotations

from ._errors import (
    GrantexApiError, GrantexAuthError, GrantexError, GrantexForkedError, GrantexGapError, GrantexGapWarning,
    GrantexNetworkError, GrantexProtocolError,
)
from ._grantex import GrantexEvent
from ._notice import GrantexNotice
from ._calls import Call
from ._client import Grantex
from ._results import (
    Agent, ApiKey, ApiKeyRotation, AuditEntry, Authorization, Budget, Consent, Debit, Decision, Delivery, Grant, GrantCheck,
    Page, PrincipalGrant, PrincipalSession, Token, TokenCheck, Transaction, Webhook,
)
from ._stream import EventStream
from ._subscription import Subscription
from ._version import __version__

# They are known by the names that users import them by, in tracebacks and for pickle too.
for _public in (
    Call, EventStream, Grantex, GrantexApiError, GrantexAuthError, GrantexError, GrantexForkedError, GrantexGapError,
    GrantexGapWarning, GrantexNetworkError, GrantexNotice, GrantexProtocolError, Subscription,
):
    _public.__module__ = __name__
GrantexEvent.__annotations__ = {"id": str, "type": str, "timestamp": str, "data": dict, "seq": int}
GrantexEvent.__match_args__ = ("id", "type", "timestamp", "data", "seq")

__all__ = [
    "Agent", "ApiKey", "ApiKeyRotation", "AuditEntry", "Authorization", "Budget", "Call", "Consent", "Debit", "Decision",
    "Delivery", "EventStream", "Grant", "GrantCheck", "Grantex", "GrantexApiError", "GrantexAuthError", "GrantexError", "GrantexEvent",
    "GrantexForkedError", "GrantexGapError", "GrantexGapWarning", "GrantexNetworkError", "GrantexNotice",
    "GrantexProtocolError", "Page", "PrincipalGrant", "PrincipalSession", "Subscription", "Token", "TokenCheck",
    "Transaction", "Webhook", "__version__",
]
