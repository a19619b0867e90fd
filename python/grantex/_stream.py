"""EventStream: what `client.events.stream()` returns. What is quick is in C (src/stream.c); this is the waiting."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import warnings
import weakref
from typing import Any, Callable, Optional

from . import _grantex, _notice
from ._errors import GrantexGapError, GrantexGapWarning, gap_text
from ._grantex import GrantexEvent
from ._notice import GrantexNotice


class EventStream(_grantex.Stream):
    """The live stream of events: `async for` in an event loop, plain `for` outside of one.

    It heals faults of the network by itself and resumes after the last event, each event once. It ends when the server
    ends it. The connection closes at once when the task is cancelled, by close() or aclose(), at the end of a `with`
    block, and when nobody holds the stream any more. So `break` closes it when the stream stands in the `for` itself; one
    that has a name stays open, to be iterated on, until close(), `del` or the end of its `with` block.

    Raises, while iterating: GrantexAuthError, GrantexApiError, GrantexProtocolError, GrantexNetworkError (with
    reconnect="never", or when max_attempts is used up), GrantexGapError (with on_gap="raise"), GrantexForkedError,
    RuntimeError (a plain `for` while an event loop runs, two readers at once).

    One task or thread at a time iterates; close() may be called from any thread.
    """

    __slots__ = (
        "__weakref__", "_fd", "_loop", "_on_gap", "_pid", "_tell", "_task", "_thread", "_waiter", "_watching",
    )

    def __init__(self) -> None:
        self._fd = -1  # a duplicate of the stream's descriptor, which the loop may let go of after the stream is closed
        self._loop: Any = None  # that knows the descriptor
        self._pid = self._thread = 0  # where that loop runs
        self._watching = False
        self._waiter: Any = None  # the future of who waits for an event
        self._task: Any = None  # weakly: the task that read last
        self._tell: Optional[Callable[[GrantexNotice], object]] = None
        self._on_gap = "warn"

    # --- async for: an event that is not there yet

    async def _later(self, turn: bool) -> GrantexEvent:
        """The next event. `turn`: others first. When it is cancelled the stream closes, as a generator would."""
        try:
            if turn:
                await asyncio.sleep(0)
                event = self._take()
                if event is not None:
                    return event
            event = await self._wait()
            self._release()
            return event
        except (asyncio.CancelledError, GeneratorExit):
            self.close()
            raise

    def _wait(self) -> "asyncio.Future[GrantexEvent]":
        loop = asyncio.get_running_loop()
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError("the stream is being read already, by another task")
        self._close_with(asyncio.current_task())
        self._watch(loop)
        self._waiter = waiter = loop.create_future()
        return waiter

    def _close_with(self, task: Any) -> None:
        """Closes when that task is cancelled, also while it does something else than wait for an event."""
        if task is None or (self._task is not None and self._task() is task):
            return
        stream = weakref.ref(self)
        self._task = weakref.ref(task)
        task.add_done_callback(lambda done: _task_done(stream, done))

    # --- the event loop

    def _watch(self, loop: Any) -> None:
        """The loop knows the stream weakly, so it keeps nothing open that nobody reads."""
        if self._watching and self._loop is loop:
            return
        if self._loop is not loop:
            self._let_go()
            self._fd = os.dup(self.fileno())
            self._loop, self._thread, self._pid = loop, threading.get_ident(), os.getpid()
        loop.add_reader(self._fd, _readable, weakref.ref(self))
        self._watching = True

    def _on_readable(self) -> None:
        waiter = self._waiter
        if waiter is None or waiter.done():  # who does not wait is not disturbed; what comes stays with the kernel
            self._loop.remove_reader(self._fd)
            self._watching = False
            return
        before = self.cursor
        try:
            event = self._take()
        except BaseException as error:
            waiter.set_exception(error)
            if self.closed:
                self.close()
            return
        if event is not None:
            self._hold(before)
            waiter.set_result(event)

    def _let_go(self) -> None:
        """The loop forgets the descriptor. A child that was forked leaves the loop alone: the kernel's half of it is
        the parent's too."""
        fd, loop, self._fd, self._loop, self._watching = self._fd, self._loop, -1, None, False
        if fd < 0:
            return
        if os.getpid() != self._pid or loop.is_closed():
            os.close(fd)
        elif threading.get_ident() == self._thread:
            _forget(loop, fd)
        else:
            _call_in(loop, _forget, loop, fd)

    # --- closing

    def close(self) -> None:
        """Closes the connection at once; an iteration that waits ends. Any thread, any number of times."""
        self._close()
        loop, thread, waiter, self._waiter = self._loop, self._thread, self._waiter, None
        self._let_go()
        if waiter is None or waiter.done() or loop is None or loop.is_closed():
            return
        if threading.get_ident() == thread:
            _end(waiter)
        else:
            _call_in(loop, _end, waiter)

    async def aclose(self) -> None:
        """The same as close(), for contextlib.aclosing and for who is used to generators."""
        self.close()

    def restart(self) -> None:
        """Drops the connection and opens a new one after the last event, at once: the network has changed, say."""
        self._restart()

    def stats(self) -> dict[str, int]:
        """What the stream has done: bytes, events, duplicates, filtered, dropped, gaps, attempts, connections (counts),
        last_byte_age_ms, connected_for_ms (milliseconds; -1: never, not now)."""
        return self._stats()

    def __enter__(self) -> "EventStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> "EventStream":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if sys is not None and not sys.is_finalizing():  # then the C half closes alone
            self.close()

    def __repr__(self) -> str:
        return f"<EventStream {'closed' if self.closed else 'open'}, cursor={self.cursor!r}>"

    # --- notices

    def _on_notice(self, kind: int, attempt: int, delay_ms: int, missed: int, error: Any, detail: str) -> None:
        """Called by the C half; what it raises comes out of the iteration."""
        notice = _notice.read(kind, attempt, delay_ms, missed, error, detail)
        if self._tell is not None:
            self._tell(notice)
        if notice.kind == "gap" and self._on_gap == "raise":
            raise GrantexGapError(notice.missed, notice.detail)
        if self._tell is None and notice.kind in ("gap", "dropped"):
            text = gap_text(notice.missed, notice.detail) if notice.kind == "gap" else str(notice.error)
            warnings.warn(text, GrantexGapWarning, stacklevel=2)


def _readable(stream: "weakref.ref[EventStream]") -> None:
    found = stream()
    if found is not None:
        found._on_readable()


def _task_done(stream: "weakref.ref[EventStream]", task: Any) -> None:
    found = stream()
    if found is not None and task.cancelled() and found._task is not None and found._task() is task:
        found.close()


def _forget(loop: Any, fd: int) -> None:
    loop.remove_reader(fd)
    os.close(fd)


def _end(waiter: Any) -> None:
    if not waiter.done():
        waiter.set_exception(StopAsyncIteration())


def _call_in(loop: Any, function: Callable[..., object], *arguments: Any) -> None:
    try:
        loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:  # it was closed in the meantime, and knows no descriptor any more
        if function is _forget:
            os.close(arguments[1])
