"""All come back at once, as after a restart: who is there already does not wait for them, and each of them gets what he missed."""

import selectors
import socket
import threading
import time

import pytest

from support import build, life
from support.stream import SseReader

CROWD = 1000
MISSED = 100


class Crowd:
    """So many, who ask at the same moment for what came after the cursor, and leave when they have the last event. One thread."""

    def __init__(self, api, cursor, last):
        self.api, self.cursor, self.last = api, cursor, f'"id":"{last}"'.encode()
        self.heard = {}
        self.waiting = CROWD
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        host, _, port = self.api.url.removeprefix("http://").partition(":")
        hello = f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.api.key}\r\nLast-Event-ID: {self.cursor}\r\n\r\n"
        with selectors.DefaultSelector() as selector:
            for _ in range(CROWD):
                one = socket.socket()
                one.setblocking(False)
                one.connect_ex((host, int(port)))
                self.heard[one] = bytearray()
                selector.register(one, selectors.EVENT_WRITE)
            deadline = time.monotonic() + 3 * build.PATIENCE
            while self.waiting and time.monotonic() < deadline:
                for key, events in selector.select(1):
                    if events & selectors.EVENT_WRITE:
                        key.fileobj.sendall(hello.encode())
                        selector.modify(key.fileobj, selectors.EVENT_READ)
                    else:
                        self._read(selector, key.fileobj)

    def _read(self, selector, one):
        received = one.recv(1 << 18)
        heard = self.heard[one]
        heard += received
        if not received or heard.find(self.last, max(0, len(heard) - len(received) - 100)) >= 0:
            selector.unregister(one)
            one.close()
            self.waiting -= 1


@pytest.mark.plain
def test_a_thousand_who_come_back_after_kill_9_hold_up_nobody_and_get_what_they_missed(start):
    server = start("--max-streams", CROWD)
    theirs, mine = server.sign_up("Theirs", "sandbox"), server.api()
    agent = life.register(theirs)
    for _ in range(MISSED // 2 + 1):
        life.new_grant(theirs, agent_id=agent)
    ids = [event["id"] for event in theirs.get("/v1/events?since=2020-01-01T00:00:00Z&limit=1000").expect(200)["events"]]
    server.restart()
    with SseReader(mine).wait_open() as live:
        crowd, told = Crowd(theirs, ids[-1 - MISSED], ids[-1]), 0
        while crowd.thread.is_alive():
            life.new_grant(mine)
            told += 2
            live.wait_events(told)
        crowd.thread.join()
    assert crowd.waiting == 0
    assert told > 2, "nobody else was served meanwhile"
    for heard in crowd.heard.values():
        assert [line[4:].decode() for line in heard.split(b"\n") if line.startswith(b"id: evt_")][-MISSED:] == ids[-MISSED:]
        assert heard.count(b'"seq":') == MISSED
