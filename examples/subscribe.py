"""Calls a function for each event while the program does something else: here, wait for Enter.

GRANTEX_BASE_URL=http://127.0.0.1:8480 GRANTEX_API_KEY=gx_live_… python3 subscribe.py
"""

import asyncio

from grantex import Grantex


async def follow_grants():
    async with Grantex() as client:
        def handle_event(event):
            if event.type == "grant.created":
                print(f"New grant: {event.data['grantId']}")
            elif event.type == "grant.revoked":
                print(f"Grant revoked: {event.data['grantId']}")
            elif event.type == "budget.threshold":
                print(f"Budget at {event.data['percentage']}%")
            elif event.type == "budget.exhausted":
                print(f"Budget exhausted for {event.data['grantId']}")

        unsubscribe = client.events.subscribe(handle_event)

        await asyncio.to_thread(input)

        # Later: close the SSE connection
        unsubscribe()


asyncio.run(follow_grants())
