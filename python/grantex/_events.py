"""client.events: the live stream of authorization events."""

from __future__ import annotations

import datetime
import weakref
from typing import Any, Awaitable, Callable, Iterable, Optional, Union

from . import _arguments, _loop
from ._calls import Caller
from ._grantex import GrantexEvent
from ._notice import GrantexNotice
from ._stream import EventStream
from ._subscription import Consumer, LoopConsumer, Subscription, ThreadConsumer

_RECONNECT = ("auto", "always", "never")  # grantex_reconnect
_ON_GAP = ("warn", "raise")


class EventsClient:
    """Events as they happen, and from any point of the past."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._streams: "weakref.WeakSet[EventStream]" = weakref.WeakSet()
        self._consumers: "weakref.WeakSet[Consumer]" = weakref.WeakSet()

    def stream(
        self,
        event_types: list[str] | None = None,
        since: str | datetime.datetime | None = None,
        *,
        cursor: str | None = None,
        reconnect: str = "auto",
        on_notice: Callable[[GrantexNotice], object] | None = None,
        on_gap: str = "warn",
        header_timeout: float | None = None,
        idle_timeout: float | None = None,
        max_backoff: float | None = None,
        max_attempts: int = 0,
    ) -> EventStream:
        """Opens a stream of events: iterate over it with `async for`, outside of an event loop with `for`. Nothing is sent
        before the first event is asked for. The connection stays open until the loop is left or the server ends it;
        faults of the network heal inside.

        Args:
            event_types: only these, names or prefixes such as "grant.*"; None: all.
            since: replay from that time on (inclusive), then live: ISO 8601 with its offset, or an aware datetime.
            cursor: go on behind that event: `stream.cursor` of an earlier stream, or an event's id; beats `since`.
            reconnect: "auto": resume after a fault, end when the server ends the stream; "always": resume then too;
                "never": the first fault is an error.
            on_notice: called with a GrantexNotice for what happens beside the events, in the thread that iterates.
            on_gap: when events are missing for good: "warn" (a GrantexGapWarning, unless on_notice is told) or "raise" (a
                GrantexGapError).
            header_timeout: seconds from the request to the answer's head; None: 45.
            idle_timeout: seconds without one byte, after which the connection counts as lost; None: 37.5.
            max_backoff: seconds that are waited at most, by chance, before an attempt; None: 30.
            max_attempts: attempts in a row that fail before the stream gives up; 0: no limit.

        Returns:
            EventStream.

        Raises:
            TypeError, ValueError: an argument is wrong; the message names it. GrantexForkedError, OSError: no descriptors.
            What the iteration raises stands at EventStream.
        """
        _arguments.callback("on_notice", on_notice)
        _arguments.choice("on_gap", on_gap, _ON_GAP)
        stream = self._caller.client.stream(
            EventStream,
            event_types=_arguments.event_types(event_types),
            since=_arguments.since(since),
            cursor=_arguments.optional("cursor", cursor) or None,
            reconnect=_arguments.choice("reconnect", reconnect, _RECONNECT),
            header_timeout_ms=_arguments.milliseconds("header_timeout", header_timeout),
            idle_timeout_ms=_arguments.milliseconds("idle_timeout", idle_timeout),
            max_backoff_ms=_arguments.milliseconds("max_backoff", max_backoff),
            max_attempts=_arguments.number("max_attempts", max_attempts, 0, 2**31 - 1),
        )
        stream._tell, stream._on_gap = on_notice, on_gap
        self._streams.add(stream)
        return stream

    def subscribe(
        self,
        handler: Callable[[GrantexEvent], Awaitable[None] | None],
        event_types: list[str] | None = None,
        since: str | datetime.datetime | None = None,
        *,
        on_error: Callable[[BaseException], object] | None = None,
        **options: Any,
    ) -> Subscription:
        """Calls `handler` for each event, one after the other. In a running event loop the handler runs in that loop, and
        may be a coroutine function; outside of one it runs in a thread of the subscription's own.

        Args:
            handler: called with each GrantexEvent.
            event_types, since, and `options`: as for stream().
            on_error: a plain function, called with what the handler raises (the subscription goes on), and with the
                GrantexError that ends the subscription. None: the loop's exception handler, or threading.excepthook, is
                told. A CancelledError of something that the handler awaits is such an error too, in a thread also
                SystemExit; a loop's own SystemExit and KeyboardInterrupt end the loop, as those of any task.

        Returns:
            Subscription: call it to close the connection at once.

        Raises:
            TypeError, ValueError: an argument is wrong; the message names it.
        """
        _arguments.callback("handler", handler, required=True)
        _arguments.on_error(on_error)
        stream = self.stream(event_types, since, **options)
        loop = _loop.running()
        consumer: Union[LoopConsumer, ThreadConsumer]
        if loop is None:
            consumer = ThreadConsumer(stream, handler, on_error)
        else:
            consumer = LoopConsumer(stream, handler, on_error, loop)
        self._consumers.add(consumer)
        return Subscription(consumer)

    def close(self) -> None:
        """Ends all streams and subscriptions of the client."""
        for consumer in list(self._consumers):
            consumer.stop()
        for stream in list(self._streams):
            stream.close()
