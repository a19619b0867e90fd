"""Subscription: what `client.events.subscribe()` returns. A stream, and a task or a thread that hands its events on."""

from __future__ import annotations

import asyncio
import inspect
import signal
import sys
import threading
import weakref
from typing import Any, Awaitable, Callable, Optional, Union

from . import _loop
from ._grantex import GrantexEvent
from ._stream import EventStream

Handler = Callable[[GrantexEvent], Union[None, Awaitable[None]]]
OnError = Callable[[BaseException], object]

# An event loop knows its tasks weakly, so somebody must hold those whose subscription nobody holds.
_running: "set[LoopConsumer]" = set()

_GOES_ON = "the handler of a Grantex subscription raised; the subscription goes on"
_ENDED = "a Grantex subscription ended"

_PATIENCE_AT_EXIT = 5.0  # seconds that the end of the program waits for a handler


class Subscription:
    """Call it to close the connection at once. When it has returned no handler will be called, and another thread's has
    run to its end. A coroutine that is in the middle of something is cancelled: called in its loop, its `except` and
    `finally` run after this has returned. Any thread, any number of times, also inside the handler, whose run is then
    the last."""

    __slots__ = ("__weakref__", "_consumer")

    def __init__(self, consumer: "Consumer") -> None:
        self._consumer = consumer

    def __call__(self) -> None:
        self._consumer.stop()

    unsubscribe = __call__

    @property
    def active(self) -> bool:
        """Whether the handler may still be called (bool)."""
        return self._consumer.active

    def __repr__(self) -> str:
        return f"<Subscription {'active' if self.active else 'ended'}>"


class Consumer:
    """What both kinds have in common: the handler, and where its errors go."""

    _caught: Any = (Exception, asyncio.CancelledError)  # what ends neither the program nor its loop

    def __init__(self, stream: EventStream, handler: Handler, on_error: Optional[OnError]) -> None:
        self._stream = stream
        self._handler = handler
        self._on_error = on_error
        self.active = True

    def stop(self) -> None:
        raise NotImplementedError

    def _tell_system(self, error: BaseException, text: str) -> None:
        raise NotImplementedError

    def _fail(self, error: BaseException, text: str) -> None:
        """Never silent: `on_error`, else whom such errors are told otherwise."""
        if self._on_error is None:
            self._tell_system(error, text)
            return
        try:
            self._on_error(error)
        except self._caught as worse:
            self._tell_system(worse, "on_error of a Grantex subscription raised")


class LoopConsumer(Consumer):
    """In a task of the running loop."""

    def __init__(self, stream: EventStream, handler: Handler, on_error: Optional[OnError], loop: Any) -> None:
        super().__init__(stream, handler, on_error)
        self._loop = loop
        self._thread = threading.get_ident()
        self._task = _make_task(loop, self._run())
        _running.add(self)
        self._task.add_done_callback(lambda _: _running.discard(self))

    def stop(self) -> None:
        self.active = False
        self._stream.close()
        if threading.get_ident() == self._thread:
            self._cancel()
        else:
            self._stop_from_afar()

    def _cancel(self) -> None:
        if _loop.running() is self._loop and asyncio.current_task() is self._task:
            return  # inside the handler: this run is the last
        self._task.cancel()

    def _stop_from_afar(self) -> None:
        """Another thread: the loop is busy with the handler at most until it gets to this."""
        ended = threading.Event()
        try:
            self._loop.call_soon_threadsafe(self._task.add_done_callback, lambda _: ended.set())
            self._loop.call_soon_threadsafe(self._task.cancel)
        except RuntimeError:  # the loop is closed
            return
        while not ended.wait(0.1) and self._loop.is_running():
            pass

    async def _run(self) -> None:
        try:
            async for event in self._stream:
                if not self.active:
                    break
                await self._handle(event)
                if not self.active:
                    break
        except self._caught as error:
            self._raise_if_ours(error)
            self._fail(error, _ENDED)
        finally:
            self.active = False
            self._stream.close()

    async def _handle(self, event: GrantexEvent) -> None:
        try:
            result = self._handler(event)
            if inspect.isawaitable(result):
                await result
        except self._caught as error:
            self._raise_if_ours(error)
            self._fail(error, _GOES_ON)

    def _raise_if_ours(self, error: BaseException) -> None:
        """A CancelledError ends this task only when it was meant: a handler also gets one when what it awaits was
        cancelled by somebody else."""
        task: Any = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and (not self.active or task.cancelling()):
            raise error

    def _tell_system(self, error: BaseException, text: str) -> None:
        self._loop.call_exception_handler({"message": text, "exception": error, "task": self._task})


class _CountingTask(asyncio.Task):  # type: ignore[type-arg]
    """A task that knows whether it was cancelled, as all do from Python 3.11 on."""

    _cancelling = 0

    def cancel(self, *arguments: Any, **named: Any) -> bool:
        self._cancelling += 1
        return super().cancel(*arguments, **named)

    def cancelling(self) -> int:
        return self._cancelling


def _make_task(loop: Any, coroutine: Any) -> Any:
    return loop.create_task(coroutine) if hasattr(asyncio.Task, "cancelling") else _CountingTask(coroutine, loop=loop)


class ThreadConsumer(Consumer):
    """In a thread of its own, which the end of the program stops."""

    _caught = BaseException  # also SystemExit, which would end this thread, silently, and nothing else

    def __init__(self, stream: EventStream, handler: Handler, on_error: Optional[OnError]) -> None:
        super().__init__(stream, handler, on_error)
        self._loop: Any = None  # of this thread's own, made when the first coroutine comes
        self._thread = threading.Thread(target=self._run, name="grantex-subscription", daemon=True)
        self._at_exit = weakref.finalize(self._thread, _stop_at_exit, stream, weakref.ref(self._thread))
        self._thread.start()

    def stop(self) -> None:
        self.active = False
        self._stream.close()
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._at_exit.detach()

    def _run(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # they are for the main thread
        try:
            for event in self._stream:
                if not self.active:
                    break
                self._handle(event)
                if not self.active:
                    break
        except self._caught as error:
            self._fail(error, _ENDED)
        finally:
            self.active = False
            self._stream.close()
            if self._loop is not None:
                self._loop.close()

    def _handle(self, event: GrantexEvent) -> None:
        """A coroutine runs to its end."""
        try:
            result = self._handler(event)
            if inspect.isawaitable(result):
                self._loop = self._loop or asyncio.new_event_loop()
                self._loop.run_until_complete(_await(result))
        except self._caught as error:
            self._fail(error, _GOES_ON)

    def _tell_system(self, error: BaseException, text: str) -> None:
        if isinstance(error, SystemExit):  # of which the hook says nothing
            told = RuntimeError(f"{text} ({error!r})")
            told.__cause__ = error
            error = told
        threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self._thread)))


async def _await(result: Awaitable[None]) -> None:
    await result


def _stop_at_exit(stream: EventStream, thread: "weakref.ref[threading.Thread]") -> None:
    stream.close()
    found = thread()
    if found is not None and found.is_alive() and found is not threading.current_thread() and not sys.is_finalizing():
        found.join(_PATIENCE_AT_EXIT)
