"""Prints every authorization event until a budget is used up.

GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… python3 stream.py
"""

import asyncio

from grantex import Grantex


async def print_events():
    async with Grantex() as client:
        async for event in client.events.stream():
            print(f"Type: {event.type}")
            print(f"ID: {event.id}")
            print(f"Timestamp: {event.timestamp}")
            print(f"Data: {event.data}")

            if event.type == "budget.exhausted":
                break


asyncio.run(print_events())
