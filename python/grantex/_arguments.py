"""Arguments as people write them, as the library takes them. What is wrong is named before anything is sent."""

from __future__ import annotations

import datetime
import decimal
import inspect
import json
import re
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

from . import _grantex

Time = Union[str, datetime.datetime]
Amount = Union[int, str, decimal.Decimal, float]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MOST_EXPONENT = 40  # an amount has twenty digits at most


def _wrong_type(name: str, wanted: str, given: object) -> TypeError:
    return TypeError(f"{name} must be {wanted}, not {type(given).__name__}")


def text(name: str, value: Optional[str], required: bool = True) -> Optional[str]:
    if value is None and not required:
        return None
    if not isinstance(value, str):
        raise _wrong_type(name, "a str" if required else "a str or None", value)
    if "\0" in value:
        raise ValueError(f"{name} must not contain a NUL")
    if required and not value:
        raise ValueError(f"{name} must not be empty")
    _encodable(name, value)
    return value


def _encodable(name: str, value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must not have half a surrogate pair") from None


def optional(name: str, value: Optional[str]) -> Optional[str]:
    return text(name, value, required=False)


def texts(name: str, value: Optional[Iterable[str]], required: bool = False) -> Optional[Sequence[str]]:
    """None stays None. A str is no list of texts, although Python would take it for one."""
    if value is None and not required:
        return None
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise _wrong_type(name, "a list of str" if required else "a list of str or None", value)
    items = list(value)
    for item in items:
        if not isinstance(item, str):
            raise TypeError(f"{name} must be a list of str; it has a {type(item).__name__}")
        if not item or "\0" in item:
            raise ValueError(f"{name} must not have an empty text or a NUL")
        _encodable(name, item)
    return items


def event_types(value: Optional[Iterable[str]]) -> Optional[Sequence[str]]:
    items = texts("event_types", value)
    if items is not None and not items:
        raise ValueError("event_types must not be empty; None means all types")
    return items


def since(value: Optional[Time]) -> Optional[str]:
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        if value.utcoffset() is None:
            raise ValueError("since must be aware of its time zone: datetime.now(timezone.utc), say")
        try:
            value = value.astimezone(datetime.timezone.utc)
        except OverflowError:
            raise ValueError("since must be within the years 1 to 9999 in UTC") from None
        return value.isoformat().replace("+00:00", "Z")
    if not isinstance(value, str):
        raise _wrong_type("since", "a str, a datetime or None", value)
    if not _RFC3339.fullmatch(value):
        raise ValueError("since must be an ISO 8601 time with its offset, such as 2026-03-01T12:00:00Z")
    return value


def callback(name: str, value: Any, required: bool = False) -> Any:
    if (value is None and required) or not (value is None or callable(value)):
        raise _wrong_type(name, "callable" if required else "callable or None", value)
    return value


def on_error(value: Any) -> Any:
    """It is called and not awaited, so a coroutine function would tell nobody anything."""
    callback("on_error", value)
    if any(map(inspect.iscoroutinefunction, (value, getattr(value, "__call__", None)))):
        raise TypeError("on_error must be a plain function, not a coroutine function")
    return value


def choice(name: str, value: str, choices: Sequence[str]) -> int:
    if not isinstance(value, str):
        raise _wrong_type(name, "a str", value)
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}")
    return choices.index(value)


def number(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(name, "an int", value)
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}")
    return value


def milliseconds(name: str, value: Optional[float]) -> int:
    """Of seconds; None, the library's default, is 0."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_type(name, "a number of seconds or None", value)
    if not 0.001 <= value <= 2_000_000:
        raise ValueError(f"{name} must be 0.001 to 2000000 seconds")
    return round(value * 1000)


def _digits(value: decimal.Decimal) -> str:
    """Without an exponent. One of millions of digits is refused before it is written out."""
    if value.is_finite() and abs(value.adjusted()) > _MOST_EXPONENT:
        raise ValueError
    return format(value, "f")


def amount(name: str, value: Amount) -> int:
    """As a count of ten-thousandths. A float means what it is written as: 0.1 is 0.1."""
    if isinstance(value, bool) or not isinstance(value, (int, str, decimal.Decimal, float)):
        raise _wrong_type(name, "an int, a decimal str, a Decimal or a float", value)
    if isinstance(value, float):
        value = decimal.Decimal(float.__repr__(value))
    try:
        count = _grantex.money_parse(value if isinstance(value, str) else _digits(decimal.Decimal(value)))
    except ValueError:
        raise ValueError(f"{name} must be a number with at most four decimals") from None
    if count <= 0:
        raise ValueError(f"{name} must be above 0")
    return count


def json_object(name: str, value: Optional[Mapping[str, Any]]) -> Optional[str]:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _wrong_type(name, "a dict or None", value)
    try:
        written = json.dumps(dict(value), allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} must be JSON: {error}") from None
    _encodable(name, written)
    return written
