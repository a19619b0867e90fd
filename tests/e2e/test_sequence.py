"""seq counts 1, 2, 3 … in the order of commits, and who follows the log live sees it so while many write."""

import concurrent.futures
import contextlib

from support import store, writers
from support.stream import SseReader

ROUNDS = 8


def test_who_follows_live_sees_every_event_of_sixteen_writers_in_its_place(server, sandbox):
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(SseReader(sandbox)).wait_open() for _ in range(3)]
        total = writers.write([sandbox], ROUNDS)
        late = stack.enter_context(SseReader(sandbox, "?since=2020-01-01T00:00:00Z"))
        total += writers.write([sandbox], ROUNDS)
        for reader in (*readers, late):
            events = reader.wait_events(total)
            assert len(events) == total == len(reader.events)
            writers.check_order(events)
            assert events == readers[0].events
    kept = store.rows(server.database, "SELECT id, seq FROM events ORDER BY seq")
    assert kept == [{"id": event["id"], "seq": event["seq"]} for event in events]


def test_who_comes_back_amid_sixteen_writers_goes_on_where_he_was(start):
    """Cut off and resumed while they write: the pages of the past meet what is live without a seam."""
    sandbox = start("--heartbeat", 50).api()
    seen, visits = [], 0
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        writing = pool.submit(writers.write, [sandbox], 3 * ROUNDS)
        while not writing.done():
            where = {"Last-Event-ID": seen[-1]["id"]} if seen else {}
            with SseReader(sandbox, "?since=2020-01-01T00:00:00Z", where) as reader:
                reader.wait_for(lambda now: now.events or writing.done())
            seen += reader.events
            visits += 1
    total = writing.result()
    with SseReader(sandbox, "", {"Last-Event-ID": seen[-1]["id"]}) as reader:
        seen += reader.wait_events(total - len(seen))
    writers.check_order(seen)
    assert len(seen) == total and visits > 5
