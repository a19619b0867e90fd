"""`async for` and `for` over client.events.stream(): what comes out, and when the connection goes."""

import asyncio
import datetime
import gc
import itertools

import pytest

import grantex
from support import life
from watch import wait_until_async

PAST = "2020-01-01T00:00:00Z"


def spend(api, amounts=(60, 40), budget=100):
    """A grant that is created, spent and revoked: every type of event."""
    grant = life.new_grant(api)
    life.allocate(api, grant, budget)
    for amount in amounts:
        life.debit(api, grant, amount)
    life.revoke(api, grant)
    return grant


ALL = ["grant.created", "token.issued", "budget.threshold", "budget.threshold", "budget.exhausted", "grant.revoked"]


def take(stream, count):
    return list(itertools.islice(stream, count))


async def take_async(stream, count):
    events = []
    async for event in stream:
        events.append(event)
        if len(events) == count:
            break
    return events


def test_a_plain_for_sees_every_event_in_order(client, api):
    grant = spend(api)
    events = take(client.events.stream(since=PAST), len(ALL))
    assert [event.type for event in events] == ALL
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert all(event.id.startswith("evt_") and event.timestamp.endswith("Z") for event in events)
    assert events[2].data == {**events[2].data, "grantId": grant.id, "percentage": 50, "remaining": 40, "initial": 100}


def test_async_for_sees_live_events_as_they_happen(run, open_client, api, streams):
    async def main():
        async with open_client() as client:
            reader = asyncio.create_task(take_async(client.events.stream(), len(ALL)))
            await streams.wait_async(1)
            await asyncio.to_thread(spend, api)
            assert [event.type for event in await reader] == ALL
        await streams.wait_async(0)

    run(main())


def test_only_what_was_asked_for_comes(run, open_client, api):
    spend(api)

    async def main():
        async with open_client() as client:
            stream = client.events.stream(event_types=["budget.*", "grant.revoked"], since=PAST)
            return await take_async(stream, 4)

    assert [event.type for event in run(main())] == ["budget.threshold", "budget.threshold", "budget.exhausted", "grant.revoked"]


def test_since_takes_an_aware_datetime(client, api):
    spend(api)
    (first,) = take(client.events.stream(since=PAST), 1)
    moment = datetime.datetime.fromisoformat(first.timestamp.replace("Z", "+00:00"))
    elsewhere = moment.astimezone(datetime.timezone(datetime.timedelta(hours=-7)))
    assert take(client.events.stream(since=elsewhere), 1) == [first]


def test_a_cursor_goes_on_behind_its_event(run, open_client, client, api):
    spend(api)
    stream = client.events.stream(since=PAST)
    assert stream.cursor == ""
    events = [next(stream), next(stream)]
    cursor = stream.cursor
    assert cursor == events[1].id
    stream.close()
    assert stream.cursor == cursor and stream.closed and list(stream) == []

    async def main():
        async with open_client() as other:
            return await take_async(other.events.stream(cursor=cursor), 1)

    assert [event.seq for event in run(main())] == [3]


# --- when the connection goes


def test_break_closes_the_connection_at_once(run, open_client, api, streams):
    spend(api)

    first_closed = asyncio.Event()

    async def main():
        async with open_client() as client:
            async for event in client.events.stream(since=PAST):
                assert event.type == "grant.created"
                break
            await streams.wait_async(0)
            first_closed.set()
            async for event in client.events.stream():  # pragma: no branch
                break
            else:
                raise AssertionError("it ended")

    async def bounded():
        task = asyncio.create_task(main())
        await first_closed.wait()  # until then the one that is open may be the first, and the second would come too late for the event
        await streams.wait_async(1)
        await asyncio.to_thread(life.new_grant, api)
        await task

    run(bounded())


def test_break_closes_before_the_next_line_runs(open_client, api):
    spend(api)
    with open_client() as client:
        stream = client.events.stream(since=PAST)
        fd = stream.fileno()
        for _ in stream:
            break
        del stream
        with pytest.raises(OSError):
            import os
            os.fstat(fd)


def test_an_exception_in_the_loop_closes_the_connection(run, open_client, api, streams):
    spend(api)

    async def main():
        client = open_client()
        try:
            async for _ in client.events.stream(since=PAST):
                raise LookupError
        except LookupError:
            pass
        await streams.wait_async(0)
        await client.aclose()

    run(main())


@pytest.mark.parametrize("held", [False, True])
def test_cancelling_the_task_that_waits_closes_the_connection(run, open_client, streams, held):
    async def main():
        client = open_client()
        kept = client.events.stream()

        async def read():
            async for _ in kept if held else client.events.stream():
                pass

        task = asyncio.create_task(read())
        await streams.wait_async(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await streams.wait_async(0)
        assert kept.closed is held
        await client.aclose()

    run(main())


def test_cancelling_the_task_that_does_something_else_closes_the_connection(run, open_client, api, streams):
    async def main():
        client = open_client()
        kept = client.events.stream()
        inside = asyncio.Event()

        async def read():
            async for _ in kept:
                inside.set()
                await asyncio.sleep(3600)

        task = asyncio.create_task(read())
        await streams.wait_async(1)
        await asyncio.to_thread(life.new_grant, api)
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await streams.wait_async(0)
        await client.aclose()

    run(main())


def test_a_stream_that_nobody_holds_any_more_is_closed(run, open_client, streams):
    async def main():
        client = open_client()
        stream = client.events.stream()
        waiting = asyncio.ensure_future(stream.__anext__())
        await streams.wait_async(1)
        waiting.cancel()
        ring = [stream]
        ring.append(ring)
        del stream, waiting
        await asyncio.sleep(0)
        del ring
        gc.collect()
        await streams.wait_async(0)
        await client.aclose()

    run(main())


def test_leaving_the_block_ends_the_streams_of_the_client(run, open_client, streams):
    async def main():
        async with open_client() as client:
            reader = asyncio.create_task(take_async(client.events.stream(), 1))
            await streams.wait_async(1)
        assert await reader == []
        await streams.wait_async(0)
        with pytest.raises(RuntimeError, match="closed"):
            client.events.stream()

    run(main())


def test_the_iteration_ends_when_the_server_ends_the_stream(run, open_client, streams, server):
    async def main():
        async with open_client() as client:
            reader = asyncio.create_task(take_async(client.events.stream(reconnect="never"), 1))
            await streams.wait_async(1)
            assert await asyncio.to_thread(server.terminate) == 0
            assert await reader == []

    run(main())


def test_a_fault_heals_inside_without_a_loss_and_without_a_repeat(run, open_client, api, server, streams):
    notices = []

    async def main():
        async with open_client() as client:
            reader = asyncio.create_task(take_async(client.events.stream(on_notice=notices.append), 4))
            await streams.wait_async(1)
            await wait_until_async(lambda: notices, "the head")  # the server counts before it writes: killed between, it would have told nothing
            await asyncio.to_thread(life.new_grant, api)
            await asyncio.to_thread(server.restart)
            await asyncio.to_thread(life.new_grant, api)
            return await reader

    assert [event.seq for event in run(main())] == [1, 2, 3, 4]
    assert [notice.kind for notice in notices][:2] == ["open", "retrying"] and notices[-1].kind == "open"
    retrying = notices[1]
    assert isinstance(retrying.error, grantex.GrantexNetworkError) and retrying.delay > 0 and retrying.attempt == 1


# --- turns


def test_other_tasks_get_their_turn_while_events_are_plenty(run, open_client, api):
    for _ in range(20):
        spend(api)

    async def main():
        turns = 0

        async def other():
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async with open_client() as client:
            stream = client.events.stream(since=PAST)
            await take_async_open(stream, 1)
            task = asyncio.create_task(other())
            seen = 0
            async for _ in stream:
                seen += 1
                end = asyncio.get_running_loop().time() + 0.001
                while asyncio.get_running_loop().time() < end:
                    pass
                if seen == 100:
                    break
            task.cancel()
        assert turns > 10, "100 ms of events, a turn at least every few of them"

    async def take_async_open(stream, count):
        for _ in range(count):
            await stream.__anext__()

    run(main())


def test_events_that_are_there_do_not_go_through_the_event_loop(run, open_client, api):
    for _ in range(3):
        spend(api)

    async def main():
        async with open_client() as client:
            stream = client.events.stream(since=PAST)
            await stream.__anext__()
            await wait_until_async(lambda: stream.stats()["bytes"] > 4000, "all bytes are there")
            steps = 0
            for _ in range(5):
                awaitable = stream.__anext__().__await__()
                with pytest.raises(StopIteration) as result:
                    next(awaitable)
                steps += isinstance(result.value.value, grantex.GrantexEvent)
            assert steps == 5

    run(main())
