"""Reads the stream of bench-parse-sender by one client: `receiver.py HOW PORT EVENTS`, HOW being sdk (the official SDK, on
this interpreter's path), async, async-data, uvloop-data, for, for-data. Says as JSON how long it took and what memory it
held: after a tenth, and at the end."""

import asyncio
import gc
import json
import sys
import time

import grantex


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Watch:
    """The clock starts with the first event, so that nobody pays for imports and the connection."""

    def __init__(self, events):
        self.events = events
        self.settled = events // 10
        self.began = self.early = 0

    def first(self):
        self.began = time.perf_counter()

    def settle(self):
        self.early = resident()

    def result(self, seen):
        return {"seconds": time.perf_counter() - self.began, "events": seen - 1, "early": self.early, "late": resident()}


def by_sdk(url, watch):
    """Its own way: httpx's lines, json, an object; the payload is there whether it is read or not."""
    seen = 0
    stream = grantex.Grantex(api_key="gx_test_nobody-asks-for-this-key", base_url=url).events.stream()
    for event in stream:
        seen += 1
        if seen == 1:
            watch.first()
        if seen == watch.settled:
            watch.settle()
        if seen == watch.events:
            break
        event.data
    return watch.result(seen)


def by_for(url, watch, read):
    seen = 0
    with grantex.Grantex("gx_test_nobody-asks-for-this-key", base_url=url) as client:
        for event in client.events.stream():
            seen += 1
            if seen == 1:
                watch.first()
            if seen == watch.settled:
                watch.settle()
            if seen == watch.events:
                break
            if read:
                event.data
        return watch.result(seen)


async def by_async_for(url, watch, read):
    seen = 0
    async with grantex.Grantex("gx_test_nobody-asks-for-this-key", base_url=url) as client:
        async for event in client.events.stream():
            seen += 1
            if seen == 1:
                watch.first()
            if seen == watch.settled:
                watch.settle()
            if seen == watch.events:
                break
            if read:
                event.data
        return watch.result(seen)


def run(how, url, watch):
    kind, _, data = how.partition("-")
    if kind == "sdk":
        return by_sdk(url, watch)
    if kind == "for":
        return by_for(url, watch, bool(data))
    if kind == "uvloop":
        import uvloop

        uvloop.install()
    return asyncio.run(by_async_for(url, watch, bool(data)))


def main(how, port, events):
    gc.collect()
    print(json.dumps(run(how, f"http://127.0.0.1:{port}", Watch(int(events)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
