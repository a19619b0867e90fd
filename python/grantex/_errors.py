"""What can go wrong, as exceptions. Wrong arguments are TypeError and ValueError, as everywhere in Python."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

# grantex_status of the library (include/grantex/status.h); the numbers never change.
_INVALID, _NO_KEY, _NETWORK, _AUTH, _API, _SYSTEM, _FORKED = -3, -5, -6, -7, -8, -12, -11


class GrantexError(Exception):
    """Anything that Grantex could not do. `str(error)` is one sentence in English, without keys and tokens."""


class GrantexApiError(GrantexError):
    """The server refused.

    Attributes:
        status (int): the HTTP status, 400 to 599.
        code (str): the server's code, "NOT_FOUND" for example; "" when it gave none.
        request_id (str): what the server's operator finds the request by; "" when it gave none.
    """

    def __init__(self, message: str, status: int = 0, code: str = "", request_id: str = "") -> None:
        super().__init__(message, status, code, request_id)
        self.status = status
        self.code = code
        self.request_id = request_id

    def __str__(self) -> str:
        told = [f"{self.status} {self.code}".strip()] if self.status else []
        told += [f"request {self.request_id}"] if self.request_id else []
        return f"{self.args[0]} ({', '.join(told)})" if told else str(self.args[0])

    @property
    def status_code(self) -> int:
        """The same as `status` (int)."""
        return self.status


class GrantexAuthError(GrantexApiError):
    """401: the API key was refused."""


class GrantexNetworkError(GrantexError):
    """No answer: the name, the connection, TLS, or a time-out. A stream tells of it only when it gives up."""


class GrantexProtocolError(GrantexError):
    """An answer that is not what it should be, or longer than the limits allow."""


class GrantexForkedError(GrantexError, RuntimeError):
    """The client or stream belongs to the parent process: open one of your own in the child."""


class GrantexGapError(GrantexError):
    """Events are missing for good: the server has them no more. Raised by a stream with `on_gap="raise"`; iterate on and
    the stream goes on behind the gap.

    Attributes:
        missed (int | None): how many; None when it is not known.
        missed_by_type (dict[str, int]): how many of each type, where the server told.
        detail (dict): what the server told: from, to, reason, oldest (see docs/http-api.md).
    """

    def __init__(self, missed: Optional[int], detail: Mapping[str, Any]) -> None:
        super().__init__(missed, detail)
        counts = detail.get("missed")
        self.missed = missed
        self.missed_by_type = {
            name: count for name, count in (counts.items() if isinstance(counts, dict) else ()) if name != "total"
        }
        self.detail = dict(detail)

    def __str__(self) -> str:
        return gap_text(self.missed, self.detail)


class GrantexGapWarning(UserWarning):
    """The same as a warning: of a stream that was told neither `on_gap="raise"` nor `on_notice`."""


def gap_text(missed: Optional[int], detail: Mapping[str, Any]) -> str:
    count = "events are" if missed is None else "1 event is" if missed == 1 else f"{missed} events are"
    reason = detail.get("reason")
    return f"{count} missing for good" + (f" ({reason})" if reason else "")


def _api(message: str, status: int, code: str, request_id: str) -> Exception:
    return GrantexApiError(message, status, code, request_id)


def _auth(message: str, status: int, code: str, request_id: str) -> Exception:
    return GrantexAuthError(message, status, code, request_id)


_MAKERS: dict[int, Callable[..., Exception]] = {
    _INVALID: lambda message, *_: ValueError(message),
    _NO_KEY: lambda message, *_: ValueError("no API key: give api_key or set GRANTEX_API_KEY"),
    _NETWORK: lambda message, *_: GrantexNetworkError(message),
    _AUTH: _auth,
    _API: _api,
    _SYSTEM: lambda message, *_: OSError(message),
    _FORKED: lambda message, *_: GrantexForkedError(message),
}


def make(library_status: int, message: str, status: int, code: str, request_id: str) -> Exception:
    """The exception for a grantex_error of the library."""
    maker = _MAKERS.get(library_status)
    return GrantexProtocolError(message) if maker is None else maker(message, status, code, request_id)
