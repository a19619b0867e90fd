"""Who listens, in a process of their own: each comes, stays a while and goes, again and again, by SSE or WebSocket, reading at once, slowly or not at
all, and leaves well, with a reset or without a word. Whoever comes back resumes by id or by time. Complained of is the first event that is
not the next one, and a gap told to somebody whose last event was not older than what is kept."""

import collections
import json
import pathlib
import random
import re
import resource
import selectors
import socket
import struct
import sys
import time
from datetime import datetime, timezone

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from support import crowd  # noqa: E402
from support.websocket import PING, PONG, TEXT, frame  # noqa: E402

EVENT = re.compile(rb'\{"id":"(evt_\w{26})","type":"[^"]+","timestamp":"[^"]+","createdAt":"[^"]+","seq":(\d+),')
GAP = re.compile(rb'^event: stream\.gap$|"type":"stream\.gap"', re.MULTILINE)
CROCKFORD = {character: value for value, character in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}

PACES = {"at once": 16, "slow": 2, "stalled": 1}
ENDINGS = {"closed": 2, "reset": 1, "without a word": 1}
WAYS = {"header": 4, "query": 4, "since": 3, "anew": 1}
WEBSOCKETS = 0.15
LONG = 0.02  # of the absences: until what was missed is trimmed
SLOW_BYTES, SLOW_PAUSE = 4096, 0.2
SILENT = 30  # seconds; a heartbeat comes every one
REFUSED_PAUSE = 0.5
TCP_REPAIR = 19


def milliseconds(event_id):
    """When it was committed: the first ten characters of a ULID."""
    value = 0
    for character in event_id[4:14]:
        value = value * 32 + CROCKFORD[character]
    return value


def pick(plan, weights):
    return plan.choices(list(weights), weights.values())[0]


class Visitor(crowd.Subscriber):
    def __init__(self, number, developer, key, house):
        super().__init__(developer, key, 0)
        self.house, self.plan = house, random.Random(f"{house.seed} {number}")
        self.seq = self.resumed_by = None
        self.again_at = time.monotonic() + self.plan.random() * house.stay / 4

    # --- coming ---

    def connect(self, nodes, selector):
        self.websocket = self.plan.random() < WEBSOCKETS
        self.pace = "at once" if self.house.settling else pick(self.plan, PACES)
        self.leaves_at = time.monotonic() + self.plan.expovariate(1 / self.house.stay)
        self.reads_at = self.rewound = self.gap_told = 0
        self.opened_ms = time.time() * 1000
        super().connect(nodes, selector)
        if self.pace != "at once":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def ask(self, selector):
        path, more = ("/v1/events/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n") if self.websocket else ("/v1/events/stream", "")
        query, header = self._where_from()
        self.socket.sendall(f"GET {path}?{query} HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {self.key}\r\n{header}{more}\r\n".encode())
        selector.modify(self.socket, selectors.EVENT_READ, self)

    def _where_from(self):
        way = pick(self.plan, WAYS) if self.last_id and not self.house.settling else "query" if self.last_id else "anew"
        self.house.count(way)
        if way == "anew":
            self.last_id, self.seq = "", None
            return "last=20", ""
        if way == "since":
            self.rewound = True
            moment = datetime.fromtimestamp(milliseconds(self.last_id) / 1000, timezone.utc)
            return f"since={moment.strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z", ""
        if way == "header":
            return "", f"Last-Event-ID: {self.last_id}\r\n"
        return f"last_event_id={self.last_id}", ""

    # --- going ---

    def leave(self, selector, nodes):
        try:
            selector.unregister(self.socket)
        except KeyError:  # one that does not read at once
            pass
        self._end(pick(self.plan, ENDINGS))
        self.socket = None
        away = self.house.retain_seconds * 1.3 if self.plan.random() < LONG else self.plan.expovariate(1 / self.house.away)
        self.again_at = time.monotonic() + away

    def _end(self, how):
        if how == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "without a word":
            try:  # in repair mode a socket is closed without a FIN
                self.socket.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            except OSError:  # only root may
                how = "closed"
        self.house.count(how)
        self.socket.close()

    # --- what it is told ---

    def _take_head(self):
        if self.websocket and self.chunks.startswith(b"HTTP/1.1 101 "):
            self.chunks = self.chunks.replace(b"101", b"200", 1)
        was_open = super()._take_head()
        if was_open:
            self.house.count("websocket" if self.websocket else "sse")
        return was_open

    def _take_chunks(self):
        if not self.websocket:
            return super()._take_chunks()
        at, texts = 0, []
        while len(self.chunks) >= at + 4:
            length, start = self.chunks[at + 1], at + 2
            if length == 126:
                length, start = int.from_bytes(self.chunks[start:start + 2], "big"), start + 2
            elif length == 127:
                length, start = int.from_bytes(self.chunks[start:start + 8], "big"), start + 8
            if len(self.chunks) < start + length:
                break
            opcode, payload, at = self.chunks[at] & 0x0F, self.chunks[start:start + length], start + length
            if opcode == PING:
                self.socket.sendall(frame(PONG, payload))
            elif opcode == TEXT:
                texts.append(payload)
        self.chunks = self.chunks[at:]
        self._take_events(b"\n".join(texts))
        return True

    def _take_events(self, text):
        if b"stream.gap" in text and GAP.search(text):
            self._take_gap()
        found = EVENT.findall(text)
        for event_id, seq in found:
            self._take_event(event_id, int(seq))
        if found:
            self.last_id = found[-1][0].decode()
            self.house.events += len(found)
            self._note_lag(milliseconds(self.last_id))

    def _take_event(self, event_id, seq):
        if self.seq is not None and not self.gap_told and (seq > self.seq + 1 or seq <= self.seq and not self.rewound):
            self.complain(f"after {self.seq} came {seq} ({event_id.decode()})")
        self.seq, self.gap_told, self.rewound = seq, False, False

    def _take_gap(self):
        self.house.count("gap")
        self.gap_told = True
        if self.last_id and milliseconds(self.last_id) > (time.time() - self.house.retain_seconds) * 1000:
            self.complain(f"a gap was told after {self.seq}, which is not old enough")

    def complain(self, what):
        kind = "WebSocket" if self.websocket else "SSE"
        self.fault = self.fault or f"{self.developer}, connection {self.connections}, {kind}, {self.pace}: {what}"

    def _note_lag(self, committed_ms):
        """Of what was committed while it was there, and of nothing that it had left lying itself."""
        if self.pace == "at once" and committed_ms > self.opened_ms:
            self.house.lags[max(0, int(time.time() * 1000 - committed_ms))] += 1


class House(crowd.Loop):
    """All of them, on one thread."""

    def __init__(self, port, people, retain_seconds, stay, away, seed):
        self.retain_seconds, self.stay, self.away, self.seed = retain_seconds, stay, away, seed
        self.counts, self.lags, self.events, self.settling = collections.Counter(), collections.Counter(), 0, False
        super().__init__([("127.0.0.1", port)], [Visitor(number, *one, self) for number, one in enumerate(people)])

    def count(self, what):
        self.counts[what] += 1

    def _serve(self, subscriber):
        super()._serve(subscriber)
        if subscriber.socket is not None and subscriber.open and subscriber.pace != "at once":
            self.selector.unregister(subscriber.socket)  # from now on it reads when it likes to

    def _look_after_all(self):
        now = time.monotonic()
        for one in self.subscribers:
            if one.socket is None:
                if now >= one.again_at or self.settling:
                    one.connect(self.nodes, self.selector)
            elif self._is_over(one, now):
                one.leave(self.selector, self.nodes)
            elif one.pace == "slow" and one.open and now >= one.reads_at:
                one.reads_at = now + SLOW_PAUSE
                self._read_slowly(one)

    def _is_over(self, one, now):
        if self.settling and one.pace != "at once":
            return True
        if one.pace == "at once" and now > one.heard_at + SILENT:
            one.complain("silence")
            return True
        return now > one.leaves_at and not self.settling

    def _read_slowly(self, one):
        try:
            if not one.read(SLOW_BYTES):
                one.leave(self.selector, self.nodes)
        except BlockingIOError:
            pass
        except OSError:
            one.leave(self.selector, self.nodes)

    def _command(self, word):
        self.settling = self.settling or word == "settle\n"
        if word:
            print(json.dumps(self._state()), flush=True)
        return word != ""

    def _state(self):
        lags, self.lags = self.lags, collections.Counter()
        seqs = {}
        for one in self.subscribers:
            seqs[one.developer] = min(seqs.get(one.developer, one.seq or 0), one.seq or 0)
        return {"open": sum(bool(one.socket and one.open) for one in self.subscribers), "events": self.events, "counts": self.counts, "lags": lags,
                "faults": [one.fault for one in self.subscribers if one.fault], "seqs": seqs}


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    House(*json.loads(sys.stdin.buffer.raw.readline())).run()


if __name__ == "__main__":
    main()
