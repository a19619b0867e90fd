"""What a test sees of the client from outside: the streams that the server has open."""

import asyncio
import time

from support import build, metrics

OPEN = 'grantex_streams_open{transport="sse"}'


class Streams:
    def __init__(self, server):
        self.server = server

    def count(self):
        return metrics.scrape(self.server.anonymous())[OPEN]

    def wait(self, count):
        metrics.wait_for(self.server.anonymous(), OPEN, count)

    async def wait_async(self, count):
        """The loop goes on meanwhile."""
        await asyncio.to_thread(self.wait, count)


def wait_until(condition, what):
    deadline = time.monotonic() + build.PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.005)


async def wait_until_async(condition, what):
    deadline = time.monotonic() + build.PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.005)
