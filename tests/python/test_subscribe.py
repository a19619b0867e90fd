"""client.events.subscribe(): where the handler runs, when it ends, what becomes of its errors."""

import asyncio
import queue
import threading

import pytest

import grantex
import programs
from grantex import _subscription
from support import build, life
from watch import wait_until, wait_until_async

PAST = "2020-01-01T00:00:00Z"


def test_outside_of_a_loop_the_handler_runs_in_one_other_thread(client, api, streams):
    seen = queue.Queue()
    unsubscribe = client.events.subscribe(lambda event: seen.put((event.type, threading.current_thread())))
    assert callable(unsubscribe) and unsubscribe.active
    streams.wait(1)
    life.new_grant(api)
    (first, thread), (second, other) = (seen.get(timeout=build.PATIENCE) for _ in range(2))
    assert (first, second) == ("grant.created", "token.issued")
    assert thread is other is not threading.main_thread()
    assert unsubscribe() is None
    streams.wait(0)
    assert not unsubscribe.active and not thread.is_alive()
    unsubscribe()


def test_inside_of_a_loop_the_handler_runs_in_it(run, open_client, api, streams):
    async def main():
        seen = []
        threads = set(threading.enumerate())
        async with open_client() as client:
            unsubscribe = client.events.subscribe(lambda event: seen.append((event.type, threading.current_thread())))
            assert set(threading.enumerate()) <= threads  # one of an earlier test may end meanwhile
            await streams.wait_async(1)
            await asyncio.to_thread(life.new_grant, api)
            await wait_until_async(lambda: len(seen) == 2, "two events")
            unsubscribe()
            unsubscribe()
            await streams.wait_async(0)
        assert seen == [(kind, threading.main_thread()) for kind in ("grant.created", "token.issued")]

    run(main())


def test_a_subscription_that_nobody_holds_goes_on(run, open_client, api, streams):
    import gc

    async def main():
        seen = []
        async with open_client() as client:
            client.events.subscribe(seen.append)
            await streams.wait_async(1)
            gc.collect()
            await asyncio.to_thread(life.new_grant, api)
            await wait_until_async(lambda: len(seen) == 2, "two events")
        await streams.wait_async(0)

    run(main())


def test_it_may_be_ended_inside_the_handler(run, open_client, client, api, streams):
    life.new_grant(api)
    seen, known = [], threading.Event()

    def once(event):
        assert known.wait(build.PATIENCE)  # a thread may be quicker than the name that subscribe()'s answer gets
        seen.append(event.type)
        unsubscribe()

    unsubscribe = client.events.subscribe(once, since=PAST)
    known.set()
    wait_until(lambda: seen and not unsubscribe.active, "the end")

    async def main():
        nonlocal unsubscribe
        async with open_client() as other:
            unsubscribe = other.events.subscribe(once, since=PAST)
            await wait_until_async(lambda: len(seen) == 2 and not unsubscribe.active, "the end")
            await streams.wait_async(0)

    run(main())
    assert seen == ["grant.created"] * 2


def test_after_it_has_returned_no_handler_runs(client, api):
    life.new_grant(api)
    inside, go, ended = threading.Event(), threading.Event(), []

    def handler(event):
        inside.set()
        go.wait(build.PATIENCE)
        ended.append(event.type)

    unsubscribe = client.events.subscribe(handler, since=PAST)
    assert inside.wait(build.PATIENCE)
    ender = threading.Thread(target=unsubscribe)
    ender.start()
    wait_until(lambda: not unsubscribe.active, "the beginning of the end")  # sooner released, the handler would rightly get the second event
    go.set()
    ender.join(build.PATIENCE)
    assert not ender.is_alive() and ended == ["grant.created"]


def test_a_coroutine_handler_is_awaited_one_event_after_the_other(run, open_client, client, api):
    life.new_grant(api)

    async def main():
        seen, inside = [], 0

        async def handler(event):
            nonlocal inside
            inside += 1
            await asyncio.sleep(0)
            seen.append((event.type, inside))
            inside -= 1

        async with open_client() as other:
            other.events.subscribe(handler, since=PAST)
            await wait_until_async(lambda: len(seen) == 2, "two events")
        return seen

    assert run(main()) == [("grant.created", 1), ("token.issued", 1)]
    seen = queue.Queue()

    async def in_thread(event):
        await asyncio.sleep(0)
        seen.put(event.type)

    with_thread = client.events.subscribe(in_thread, since=PAST)
    assert [seen.get(timeout=build.PATIENCE) for _ in range(2)] == ["grant.created", "token.issued"]
    with_thread()


def test_a_coroutine_that_is_in_the_middle_of_something_is_cancelled(run, open_client, api):
    life.new_grant(api)

    async def main():
        inside, outcome = asyncio.Event(), []

        async def handler(event):
            inside.set()
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                outcome.append("cancelled")
                raise
            outcome.append("ran on")

        async with open_client() as client:
            unsubscribe = client.events.subscribe(handler, since=PAST)
            await inside.wait()
            unsubscribe()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert outcome == ["cancelled"]

    run(main())


def test_another_thread_may_end_a_subscription_of_a_loop(run, open_client, api, streams):
    async def main():
        async with open_client() as client:
            unsubscribe = client.events.subscribe(lambda event: None)
            await streams.wait_async(1)
            await asyncio.to_thread(unsubscribe)
            assert not unsubscribe.active
            await streams.wait_async(0)

    run(main())


# --- errors


def raising(event):
    raise LookupError(event.type)


def test_a_handler_that_raises_is_told_and_the_subscription_goes_on(run, open_client, client, api):
    life.new_grant(api)
    told = queue.Queue()
    unsubscribe = client.events.subscribe(raising, since=PAST, on_error=told.put)
    assert [told.get(timeout=build.PATIENCE).args[0] for _ in range(2)] == ["grant.created", "token.issued"]
    unsubscribe()

    async def main():
        contexts = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: contexts.append(context))
        async with open_client() as other:
            other.events.subscribe(raising, since=PAST)
            await wait_until_async(lambda: len(contexts) == 2, "two errors")
        return contexts

    assert [context["exception"].args[0] for context in run(main())] == ["grant.created", "token.issued"]


@pytest.mark.parametrize("counts", [True, False], ids=["tasks count", "as before Python 3.11"])
def test_what_a_handler_awaits_may_be_cancelled_by_somebody_else(run, open_client, api, monkeypatch, counts):
    if not counts:
        monkeypatch.setattr(_subscription, "_make_task", lambda loop, coroutine: _subscription._CountingTask(coroutine, loop=loop))
    life.new_grant(api)

    async def main():
        seen, told, contexts = [], [], []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: contexts.append(context["exception"]))

        async def handler(event):
            seen.append(event.type)
            other = asyncio.get_running_loop().create_future()
            other.cancel()
            await other

        async with open_client() as client:
            one = client.events.subscribe(handler, since=PAST, on_error=told.append)
            await wait_until_async(lambda: len(told) == 2, "two errors")
            assert one.active and not contexts
            two = client.events.subscribe(handler, since=PAST)
            await wait_until_async(lambda: len(contexts) == 2, "two errors")
            assert two.active
        assert seen == ["grant.created", "token.issued"] * 2
        assert {type(error) for error in told + contexts} == {asyncio.CancelledError}

    run(main())


@pytest.mark.parametrize("counts", [True, False], ids=["tasks count", "as before Python 3.11"])
def test_the_end_of_a_loop_cancels_a_handler_and_is_no_error(server, api, counts):
    """asyncio.run() cancels what is left, and would wait for ever for a task that goes on."""
    life.new_grant(api)
    assert programs.run(server, f"""
        from grantex import _subscription
        if not {counts}:
            _subscription._make_task = lambda loop, coroutine: _subscription._CountingTask(coroutine, loop=loop)
        async def main():
            inside = asyncio.Event()
            async def handler(event):
                inside.set()
                await asyncio.sleep(3600)
            client.events.subscribe(handler, since={PAST!r}, on_error=lambda error: say("told", repr(error)))
            await inside.wait()
        asyncio.run(main())
        client.close()
        say("end")
    """) == ["end"]


def exiting(event):
    raise SystemExit(3)


def cancelled(event):
    raise asyncio.CancelledError


async def exiting_coroutine(event):
    raise SystemExit(3)


async def cancelled_coroutine(event):
    raise asyncio.CancelledError


@pytest.mark.parametrize("handler", [exiting, cancelled, exiting_coroutine, cancelled_coroutine])
def test_in_a_thread_whatever_a_handler_raises_is_told_and_the_subscription_goes_on(client, api, monkeypatch, handler):
    life.new_grant(api)
    wanted = SystemExit if "exiting" in handler.__name__ else asyncio.CancelledError
    told = queue.Queue()
    unsubscribe = client.events.subscribe(handler, since=PAST, on_error=told.put)
    assert [type(told.get(timeout=build.PATIENCE)) for _ in range(2)] == [wanted] * 2
    assert unsubscribe.active
    unsubscribe()
    hooked = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", hooked.put)
    unsubscribe = client.events.subscribe(handler, since=PAST)
    errors = [hooked.get(timeout=build.PATIENCE).exc_value for _ in range(2)]
    unsubscribe()
    # The hook that Python comes with leaves SystemExit out.
    assert [type(error.__cause__ or error) for error in errors] == [wanted] * 2
    assert not any(isinstance(error, SystemExit) for error in errors)


def test_an_exit_in_a_thread_is_told_on_stderr_and_its_loop_is_closed(server, api):
    """With -W error -X dev a loop that was not closed would complain."""
    life.new_grant(api)
    process = programs.start(server, f"""
        import gc
        seen = threading.Semaphore(0)
        async def handler(event):
            seen.release()
            sys.exit(3)
        end = client.events.subscribe(handler, since={PAST!r})
        seen.acquire()
        seen.acquire()
        end()
        del end
        client.close()
        gc.collect()
    """)
    _, err = process.communicate(timeout=build.PATIENCE)
    assert process.returncode == 0
    assert err.count("the subscription goes on (SystemExit(3))") == 2 and "ResourceWarning" not in err


def test_an_on_error_that_raises_ends_nothing(client, api, monkeypatch):
    life.new_grant(api)
    hooked = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", hooked.put)
    unsubscribe = client.events.subscribe(raising, since=PAST, on_error=exiting)
    assert [str(hooked.get(timeout=build.PATIENCE).exc_value) for _ in range(2)] == [
        "on_error of a Grantex subscription raised (SystemExit(3))"] * 2
    unsubscribe()


def test_without_a_loop_the_error_goes_to_the_threads_hook(client, api, monkeypatch):
    life.new_grant(api)
    told = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", told.put)
    unsubscribe = client.events.subscribe(raising, since=PAST)
    assert [told.get(timeout=build.PATIENCE).exc_type for _ in range(2)] == [LookupError, LookupError]
    unsubscribe()


def test_why_a_subscription_ended_by_itself_is_told(run, server):
    def open_client():
        return grantex.Grantex("gx_test_nobodys-key-nobodys-key", base_url=server.url)

    told = queue.Queue()
    with open_client() as client:
        unsubscribe = client.events.subscribe(print, on_error=told.put)
        assert isinstance(told.get(timeout=build.PATIENCE), grantex.GrantexAuthError)
        wait_until(lambda: not unsubscribe.active, "the end")

    async def main():
        contexts = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: contexts.append(context))
        async with open_client() as client:
            unsubscribe = client.events.subscribe(print)
            await wait_until_async(lambda: contexts, "the error")
            assert not unsubscribe.active
        return contexts

    (context,) = run(main())
    assert isinstance(context["exception"], grantex.GrantexAuthError)


def test_leaving_the_block_ends_the_subscription(open_client, streams):
    with open_client() as client:
        unsubscribe = client.events.subscribe(print)
        streams.wait(1)
    assert not unsubscribe.active
    streams.wait(0)


@pytest.mark.parametrize("handler", [None, "print", 5])
def test_a_handler_must_be_callable(client, handler):
    with pytest.raises(TypeError, match="handler must be callable"):
        client.events.subscribe(handler)
