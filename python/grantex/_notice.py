"""What a stream tells beside its events."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Optional

# grantex_notice_kind of the library, from 1.
_KINDS = ("", "open", "retrying", "closing", "gap", "dropped", "end")


@dataclasses.dataclass(frozen=True)
class GrantexNotice:
    """What happens to a stream beside its events.

    Attributes:
        kind (str): "open": the server has accepted. "retrying": the connection is gone (`error` says why), the next
            attempt comes in `delay`. "closing": the server will close, the stream resumes by itself. "gap": events are
            missing for good. "dropped": one message was left out, too large or no event (`error`). "end": it is over
            (`error`); not told after close().
        attempt (int): "open", "retrying": attempts since all was well, counted from 1.
        delay (float): "retrying": seconds until the next attempt.
        missed (int | None): "gap": how many events; None when it is not known.
        error (Exception | None): "retrying", "dropped", "end".
        detail (dict): "closing", "gap": what the server told.
    """

    kind: str
    attempt: int = 0
    delay: float = 0.0
    missed: Optional[int] = None
    error: Optional[Exception] = None
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)


def _decode(detail: str) -> dict[str, Any]:
    try:
        told = json.loads(detail) if detail else {}
    except ValueError:
        told = {}
    return told if isinstance(told, dict) else {}


def read(kind: int, attempt: int, delay_ms: int, missed: int, error: Optional[Exception], detail: str) -> GrantexNotice:
    name = _KINDS[kind] if 0 < kind < len(_KINDS) else str(kind)
    known = missed if name == "gap" and missed >= 0 else None
    return GrantexNotice(name, attempt, delay_ms / 1000, known, error, _decode(detail))
