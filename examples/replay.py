"""Prints which grants were made and revoked since a time, then goes on with those of now.

GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… python3 replay.py 2026-03-01T12:00:00Z
"""

import asyncio
import sys

from grantex import Grantex


async def print_grants(since):
    async with Grantex() as client:
        async for event in client.events.stream(event_types=["grant.created", "grant.revoked"], since=since):
            print(event.timestamp, event.type, event.data["grantId"], flush=True)


asyncio.run(print_grants(sys.argv[1]))
