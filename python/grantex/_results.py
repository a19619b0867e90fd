"""What the calls return: frozen dataclasses, made from the server's answers. Each has the whole answer as `raw` (dict).
Times are ISO 8601 texts in UTC; what the server did not tell is None, "" or ()."""

from __future__ import annotations

import dataclasses
import decimal
import json
from typing import Any, Generic, Iterator, Optional, Type, TypeVar

T = TypeVar("T", bound="Result")


@dataclasses.dataclass(frozen=True)
class Result:
    """What all results have: `raw` (dict), the server's answer as it came."""

    raw: dict[str, Any] = dataclasses.field(repr=False, compare=False)


def _named(*names: str, default: Any = "") -> Any:
    """A field that the server calls by one of these names."""
    return dataclasses.field(default=default, metadata={"names": names})


def _scopes(*names: str) -> Any:
    return dataclasses.field(default=(), metadata={"names": names, "read": tuple})


def _amount(*names: str) -> Any:
    return dataclasses.field(default=decimal.Decimal(0), metadata={"names": names, "read": lambda told: decimal.Decimal(str(told))})


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


def made_from(kind: Type[T], raw: Any) -> T:
    """What the server says more than `kind` knows stays in `raw`; a null is as if it were not there."""
    raw = raw if isinstance(raw, dict) else {}
    values = {}
    for field in dataclasses.fields(kind)[1:]:
        for name in field.metadata.get("names") or (_camel(field.name),):
            if raw.get(name) is not None:
                values[field.name] = field.metadata.get("read", lambda told: told)(raw[name])
                break
    return kind(raw, **values)


def read_one(kind: Type[T]) -> Any:
    return lambda text, _: made_from(kind, json.loads(text))


def read_nothing(text: str, total: int) -> None:
    return None


@dataclasses.dataclass(frozen=True)
class Page(Generic[T]):
    """A list, newest first. It can be iterated over, indexed and measured like a tuple.

    Attributes:
        items (tuple): what fitted into one answer.
        total (int): how many there are; more than len(page) when they did not fit.
    """

    items: tuple[T, ...]
    total: int

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> T:
        return self.items[index]


def read_page(kind: Type[T], name: str) -> Any:
    def read(text: str, total: int) -> Page[T]:
        return Page(tuple(made_from(kind, raw) for raw in json.loads(text).get(name) or ()), total)

    return read


@dataclasses.dataclass(frozen=True)
class Agent(Result):
    id: str = _named("agentId", "id")
    did: str = ""
    name: str = ""
    description: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")
    status: str = ""  # "active", "suspended"
    created_at: str = ""
    updated_at: str = ""


@dataclasses.dataclass(frozen=True)
class Grant(Result):
    id: str = _named("grantId", "id")
    agent_id: str = ""
    principal_id: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")
    status: str = ""  # "active", "revoked", "expired"
    issued_at: str = ""
    expires_at: str = ""
    revoked_at: Optional[str] = None
    parent_grant_id: Optional[str] = None  # of a delegated one
    delegation_depth: int = 0


@dataclasses.dataclass(frozen=True)
class GrantCheck(Result):
    active: bool = False
    reason: Optional[str] = None  # why not: "not_found", "revoked", "expired", "wrong_developer"
    claims: dict[str, Any] = dataclasses.field(default_factory=dict)  # of the token


@dataclasses.dataclass(frozen=True)
class Authorization(Result):
    id: str = _named("authRequestId", "requestId", "id")
    consent_url: str = ""  # where the principal says yes or no
    expires_at: str = ""
    code: Optional[str] = dataclasses.field(default=None, repr=False)  # when the server approved at once (sandbox)


@dataclasses.dataclass(frozen=True)
class Consent(Result):
    id: str = ""
    agent_name: str = ""
    agent_did: str = ""
    agent_description: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")
    scope_descriptions: tuple[str, ...] = _scopes("scopeDescriptions")
    status: str = ""  # "pending", …
    expires_at: str = ""


@dataclasses.dataclass(frozen=True)
class Decision(Result):
    code: Optional[str] = dataclasses.field(default=None, repr=False)  # for tokens.exchange; None after a denial
    redirect_uri: Optional[str] = None
    state: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Token(Result):
    """Its texts are secrets; repr() leaves them out."""

    grant_token: str = dataclasses.field(default="", repr=False)  # the JWT that the agent shows
    refresh_token: str = dataclasses.field(default="", repr=False)  # works once
    grant_id: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")
    expires_at: str = ""


@dataclasses.dataclass(frozen=True)
class TokenCheck(Result):
    valid: bool = False
    grant_id: Optional[str] = None
    principal_id: Optional[str] = _named("principal", default=None)
    agent_did: Optional[str] = _named("agent", default=None)
    scopes: tuple[str, ...] = _scopes("scopes")
    expires_at: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Budget(Result):
    id: str = ""
    grant_id: str = ""
    initial: decimal.Decimal = _amount("initialBudget")
    remaining: decimal.Decimal = _amount("remainingBudget")
    currency: str = ""
    created_at: str = ""
    updated_at: str = ""


@dataclasses.dataclass(frozen=True)
class Debit(Result):
    transaction_id: str = ""
    grant_id: str = ""
    remaining: decimal.Decimal = _amount("remaining")


@dataclasses.dataclass(frozen=True)
class Transaction(Result):
    id: str = ""
    grant_id: str = ""
    budget_id: str = _named("allocationId")
    amount: decimal.Decimal = _amount("amount")
    description: Optional[str] = None
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)
    created_at: str = ""


@dataclasses.dataclass(frozen=True)
class PrincipalSession(Result):
    token: str = dataclasses.field(default="", repr=False, metadata={"names": ("sessionToken",)})
    dashboard_url: str = dataclasses.field(default="", repr=False)  # it has the token
    expires_at: str = ""


@dataclasses.dataclass(frozen=True)
class PrincipalGrant(Result):
    id: str = _named("grantId")
    agent_id: str = ""
    agent_name: str = ""
    agent_description: str = ""
    agent_did: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")
    status: str = ""
    issued_at: str = ""
    expires_at: str = ""
    delegation_depth: int = 0


@dataclasses.dataclass(frozen=True)
class AuditEntry(Result):
    id: str = _named("entryId", "id")
    agent_id: str = ""
    agent_did: str = ""
    grant_id: str = ""
    principal_id: str = ""
    action: str = ""
    status: str = ""
    timestamp: str = ""
    hash: str = ""
    previous_hash: Optional[str] = _named("prevHash", default=None)  # the chain: each entry has the hash of the one before
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class ApiKey(Result):
    id: str = ""
    name: str = ""
    scopes: tuple[str, ...] = _scopes("scopes")  # "events:read", "grants:write", "admin"
    api_key: Optional[str] = dataclasses.field(default=None, repr=False)  # only in the answer that made it: keep it then
    masked_key: Optional[str] = None  # "gx_live_…7Qd2"; None for a key from before they were kept
    created_at: str = ""
    expires_at: Optional[str] = None  # None: never
    last_used_at: Optional[str] = None  # to the hour


@dataclasses.dataclass(frozen=True)
class ApiKeyRotation(Result):
    api_key: str = dataclasses.field(default="", repr=False)  # the new one itself, this once
    rotated_at: str = ""
    previous_key_ends_at: str = ""
    key: Optional[ApiKey] = dataclasses.field(default=None, metadata={"read": lambda told: made_from(ApiKey, told)})


@dataclasses.dataclass(frozen=True)
class Webhook(Result):
    id: str = ""
    url: str = ""
    events: tuple[str, ...] = _scopes("events")
    secret: Optional[str] = dataclasses.field(default=None, repr=False)  # only in the answer that made it: keep it then
    created_at: str = ""
    lag: int = 0  # events of the log that it has not got yet; 0 in a list


@dataclasses.dataclass(frozen=True)
class Delivery(Result):
    id: str = ""
    webhook_id: str = ""
    event_id: str = ""
    event_type: str = ""
    url: str = ""
    status: str = ""  # "pending", "delivered", "failed"
    attempts: int = 0
    max_attempts: int = 0
    last_error: Optional[str] = None
    created_at: str = ""
    delivered_at: Optional[str] = None
