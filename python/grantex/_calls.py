"""How a call gets to the server: at once and here outside of an event loop; inside of one a thread takes it over."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import os
import threading
import warnings
from typing import Any, Callable, Optional

from . import _grantex, _loop
from ._errors import GrantexForkedError

_THREADS = 4  # of one client, made when they are needed


class Call(asyncio.Future):  # type: ignore[type-arg]
    """A call that was handed over; `await` it for its result. It acts also when nobody awaits it: then an error goes to
    the event loop's exception handler, and a RuntimeWarning tells of it. Cancelling it gives up the waiting, not the
    request. Calls that are not awaited may overtake one another."""

    def __init__(self, name: str, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop=loop)
        self._name = name

    def __repr__(self) -> str:
        return f"<Call {self._name} {'done' if self.done() else 'under way'}>"

    def __del__(self) -> None:
        if not self._log_traceback:  # asyncio's own mark: an exception that nobody has asked for
            return
        self._log_traceback = False
        error = self.exception()
        text = f"client.{self._name} failed and nobody awaited it: {error}"
        self.get_loop().call_exception_handler({"message": text, "exception": error, "future": self})
        warnings.warn(text, RuntimeWarning, stacklevel=2, source=self)


class Caller:
    """The calls of one client."""

    def __init__(self, client: "_grantex.Client") -> None:
        self._client: Optional["_grantex.Client"] = client  # closed when the last call and the last holder let go
        self._pid = os.getpid()
        self._pool: Optional[concurrent.futures.ThreadPoolExecutor] = None
        self._jobs: set["concurrent.futures.Future[Any]"] = set()
        # The threads know calls by number, so that only the loop's thread lets go of them: there they tell of their errors.
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @property
    def client(self) -> "_grantex.Client":
        client = self._client
        if client is None:
            raise RuntimeError("the client is closed")
        return client

    def call(self, name: str, arguments: tuple[Any, ...], read: Callable[[str, int], Any]) -> Any:
        """The result; in a running loop a Call that will have it. `read` makes it from the answer."""
        client, loop = self.client, _loop.running()
        if loop is None:
            return read(*client.call(name, arguments))
        if os.getpid() != self._pid:
            raise GrantexForkedError("The client belongs to the parent process")
        call, number = Call(name, loop=loop), next(self._numbers)
        job = self._submit(lambda: read(*client.call(name, arguments)))
        self._calls[number] = call
        self._jobs.add(job)
        # In this order: what drain() does not find any more has its result on the way to the loop.
        job.add_done_callback(lambda done: _finish(loop, self._calls, number, done))
        job.add_done_callback(self._jobs.discard)
        return call

    def _submit(self, function: Callable[[], Any]) -> "concurrent.futures.Future[Any]":
        with self._lock:
            if self._pool is None:
                self._pool = concurrent.futures.ThreadPoolExecutor(_THREADS, "grantex-call")
            return self._pool.submit(function)

    async def drain(self) -> None:
        """Waits for what was handed over, also when nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        for job in list(self._jobs):
            waiter = loop.create_future()
            job.add_done_callback(lambda _, waiter=waiter: _call_in(loop, _settle, waiter))
            await waiter
        await asyncio.sleep(0)

    def close(self) -> None:
        """No further calls; what was handed over goes on."""
        with self._lock:
            pool, self._pool, self._client = self._pool, None, None
        if pool is not None and os.getpid() == self._pid:
            pool.shutdown(wait=False)


def _call_in(loop: Any, function: Callable[..., object], *arguments: Any) -> bool:
    """False when the loop is closed."""
    try:
        loop.call_soon_threadsafe(function, *arguments)
    except RuntimeError:
        return False
    return True


def _settle(waiter: Any) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _finish(loop: Any, calls: dict[int, Call], number: int, job: "concurrent.futures.Future[Any]") -> None:
    """In a thread of the pool. With its loop closed nobody can await the call any more."""
    if _call_in(loop, _set, calls, number, job):
        return
    calls.pop(number)
    error = job.exception()
    if error is not None:
        told = (type(error), error, error.__traceback__, threading.current_thread())
        threading.excepthook(threading.ExceptHookArgs(told))


def _set(calls: dict[int, Call], number: int, job: "concurrent.futures.Future[Any]") -> None:
    call = calls.pop(number)
    if call.done():
        return
    error = job.exception()
    if error is None:
        call.set_result(job.result())
    else:
        call.set_exception(error)
