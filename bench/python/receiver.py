"""Reads the stream of bench-parse-sender by one client: `receiver.py HOW PORT EVENTS`, HOW being sdk (the official SDK, on
this interpreter's path), async, async-data, uvloop-data, for, for-data. Says as JSON how long it took and what memory it
held: after a tenth, and at the end. Time is the processor's: a receiver is one thread and the sender is quicker, so that is
what it takes, whatever else the machine does."""

import asyncio
import gc
import json
import sys
import time

import grantex

KEY = "gx_test_nobody-asks-for-this-key"


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Watch:
    """What is done at the first event, at a tenth, and at the last; between them a loop has one number to compare. The clock
    starts with the first event, so that nobody pays for imports and the connection."""

    def __init__(self, events):
        self.events = events
        self.next = 1
        self.began = self.early = self.seconds = 0

    def reached(self, seen):
        """True at the end."""
        if seen == 1:
            self.next = self.events // 10
            self.began = time.process_time()
            return False
        if seen < self.events:
            self.next = self.events
            self.early = resident()
            return False
        self.seconds = time.process_time() - self.began
        return True

    def result(self):
        return {"seconds": self.seconds, "events": self.events - 1, "early": self.early, "late": resident()}


def by_for(stream, watch, read):
    seen, mark = 0, watch.next
    for event in stream:
        seen += 1
        if read:
            event.data
        if seen == mark:
            if watch.reached(seen):
                break
            mark = watch.next


async def by_async_for(url, watch, read):
    seen, mark = 0, watch.next
    async with grantex.Grantex(KEY, base_url=url) as client:
        async for event in client.events.stream():
            seen += 1
            if read:
                event.data
            if seen == mark:
                if watch.reached(seen):
                    break
                mark = watch.next


def run(how, url, watch):
    kind, _, data = how.partition("-")
    if kind == "sdk":
        by_for(grantex.Grantex(api_key=KEY, base_url=url).events.stream(), watch, True)
    elif kind == "for":
        with grantex.Grantex(KEY, base_url=url) as client:
            by_for(client.events.stream(), watch, bool(data))
    else:
        if kind == "uvloop":
            import uvloop

            uvloop.install()
        asyncio.run(by_async_for(url, watch, bool(data)))
    return watch.result()


def main(how, port, events):
    gc.collect()
    print(json.dumps(run(how, f"http://127.0.0.1:{port}", Watch(int(events)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
