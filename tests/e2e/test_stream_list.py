"""GET /v1/events/streams: who follows the log, and how far behind."""

import socket
import time

from support import build, life
from support.stream import SseReader
from support.websocket import WsClient


def streams_of(api):
    return api.get("/v1/events/streams").expect(200)


def wait_for(api, condition):
    deadline = time.monotonic() + build.PATIENCE
    while not condition(listed := streams_of(api)):
        assert time.monotonic() < deadline, listed
    return listed


def test_nobody_follows_at_first(sandbox):
    listed = streams_of(sandbox)
    assert listed["streams"] == [] and (listed["total"], listed["head"]) == (0, 0)


def test_every_open_stream_is_listed_whatever_thread_it_is_on(start):
    server = start("--threads", 4)
    sandbox = server.api()
    readers = [SseReader(sandbox, "?types=grant.*", headers={"User-Agent": f"reader/{n} é"}).wait_open() for n in range(12)]
    with WsClient(sandbox, "").opened():
        life.new_grant(sandbox)
        listed = wait_for(sandbox, lambda listed: listed["total"] == 13 and not any(one["lag"] for one in listed["streams"]))
        sse = [one for one in listed["streams"] if one["transport"] == "sse"]
        assert {one["userAgent"] for one in sse} == {f"reader/{n} ??" for n in range(12)} and len(sse) == 12
        assert all(one["types"] == ["grant.created", "grant.revoked"] and one["client"] == "loopback" for one in sse)
        (ws,) = [one for one in listed["streams"] if one["transport"] == "websocket"]
        assert len(ws["types"]) == 5 and ws["state"] == "live" and ws["seq"] == listed["head"] == 2
    for reader in readers:
        reader.close()
    wait_for(sandbox, lambda listed: listed["total"] == 0)


def test_another_developers_streams_are_nobodys_business(server, sandbox, api):
    with SseReader(sandbox).wait_open():
        assert streams_of(api)["streams"] == [] and streams_of(sandbox)["total"] == 1


def test_a_stream_that_does_not_read_lags(server, sandbox):
    grant = life.new_grant(sandbox)
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sandbox.key}\r\n\r\n".encode())
        wait_for(sandbox, lambda listed: listed["total"] == 1)
        large = [str(n) + "s" * 250 for n in range(1, 60)]
        deadline = time.monotonic() + build.PATIENCE
        while not (listed := streams_of(sandbox))["streams"][0]["lag"]:
            assert time.monotonic() < deadline, listed
            life.new_grant(sandbox, agent_id=grant.agent_id, scopes=large)
        assert listed["streams"][0]["state"] == "catching_up" and listed["streams"][0]["seq"] < listed["head"]


def test_a_server_that_ends_answers_who_asks_meanwhile(start):
    server = start("--threads", 4)
    api = server.api(keep=True)
    for _ in range(50):
        assert streams_of(api)["total"] == 0
    server.terminate()
