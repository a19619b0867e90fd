"""GET /v1/events/ws by a client that others wrote: Debian's python3-websockets."""

import asyncio
import json

import pytest

from support import build, life

websockets = pytest.importorskip("websockets", reason="python3-websockets is not installed")


def connect(api, query="", **options):
    url = f"{api.url.replace('http', 'ws', 1)}/v1/events/ws{query}"
    return websockets.connect(url, extra_headers={"Authorization": f"Bearer {api.key}"}, **options)


def run(scenario):
    asyncio.run(asyncio.wait_for(scenario, build.PATIENCE))


async def receive(client, count):
    return [json.loads(await client.recv()) for _ in range(count)]


def test_it_follows_filters_and_resumes(sandbox):
    async def scenario():
        async with connect(sandbox) as client:
            assert client.extensions == [] and client.subprotocol is None  # it had offered to compress
            await asyncio.to_thread(life.new_grant, sandbox)
            first, second = await receive(client, 2)
            assert (first["type"], second["type"]) == ("grant.created", "token.issued")

            await client.send(json.dumps({"types": ["token.issued"]}))
            await (await client.ping(b"understood"))
            await asyncio.to_thread(life.new_grant, sandbox)
            assert [event["seq"] for event in await receive(client, 1)] == [4]
        assert client.close_code == 1000

        async with connect(sandbox, f"?last_event_id={first['id']}") as client:
            assert [event["seq"] for event in await receive(client, 3)] == [2, 3, 4]

    run(scenario())


def test_it_is_told_why_a_stream_ends(server, sandbox):
    async def scenario():
        async with connect(sandbox) as client:
            await client.send(json.dumps({"types": ["nonsense"]}))
            with pytest.raises(websockets.ConnectionClosedError) as end:
                await client.recv()
            assert end.value.rcvd.code == 1008 and end.value.rcvd.reason == "INVALID_EVENT_TYPE: nonsense"
        async with connect(sandbox) as client:
            await asyncio.to_thread(server.terminate)
            assert json.loads(await client.recv())["type"] == "stream.closing"
            with pytest.raises(websockets.ConnectionClosedOK) as end:
                await client.recv()
            assert end.value.rcvd.code == 1001 and end.value.rcvd.reason == "shutdown"

    run(scenario())


def test_who_answers_pings_stays(start):
    async def scenario(api):
        answered = []

        async def pong(data):  # which the library calls for every ping
            answered.append(data)
            await websockets.WebSocketClientProtocol.pong(client, data)

        async with connect(api) as client:
            client.pong = pong
            while len(answered) < 5:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(life.new_grant, api)
            assert [event["seq"] for event in await receive(client, 2)] == [1, 2]

    run(scenario(start("--heartbeat", 60).api()))


def test_an_answer_that_is_no_upgrade_is_understood(server):
    async def scenario():
        with pytest.raises(websockets.InvalidStatusCode) as refusal:
            async with connect(server.api("gx_test_somebody-elses-key")):
                pass
        assert refusal.value.status_code == 401

    run(scenario())
