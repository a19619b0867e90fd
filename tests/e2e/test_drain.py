"""How a server takes leave: of its streams, of those who ask, of an operator who has no patience."""

import signal
import time

from support import build, life
from support.stream import SseReader
from support.websocket import CLOSE, TEXT, WsClient


def closing_of(stream):
    stream.wait_end()
    assert stream.frames[-1].event == "stream.closing"
    return stream.frames[-1].json


def test_many_streams_are_told_all_of_them_and_end_in_order(start):
    server = start("--drain", 60_000, "--threads", 1)  # it ends when all are gone, long before
    api = server.api()
    grant = life.new_grant(api)
    life.allocate(api, grant, 1000)
    streams = [SseReader(api, "?since=2020-01-01T00:00:00Z").wait_open() for _ in range(400)]
    keeping = server.api(keep=True)
    assert keeping.get("/v1/me").status == 200
    server.process.send_signal(signal.SIGTERM)
    for stream in streams:
        told = closing_of(stream)
        assert told["reason"] == "shutdown" and told["reconnectAfterMs"] > 0
        assert [event["seq"] for event in stream.events] == [1, 2]
        stream.close()
    assert server.process.wait(build.PATIENCE) == 0


def test_a_websocket_is_told_and_closed_in_order(server, sandbox):
    with WsClient(sandbox).opened() as client:
        server.process.send_signal(signal.SIGTERM)
        assert b'"type":"stream.closing"' in client.read_until(TEXT)
        assert client.read_until(CLOSE)[:2] == (1001).to_bytes(2, "big")
        client.socket.close()
    assert server.process.wait(build.PATIENCE) == 0


def test_a_second_signal_ends_it_at_once(start):
    server = start("--drain", 3600000)
    held = WsClient(server.api()).opened()  # never answers the close frame, and is waited for
    server.process.send_signal(signal.SIGTERM)
    held.read_until(CLOSE)
    deadline = time.monotonic() + build.PATIENCE
    while server.running():
        assert time.monotonic() < deadline
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.01)
    assert server.process.returncode == -signal.SIGTERM
    held.socket.close()
    assert server.restart().api().get("/v1/me").status == 200
