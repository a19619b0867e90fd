"""A subscriber whose reader is slow, sleeps, is cut off in the middle of a frame and comes back; one thread looks after hundreds. It keeps
what it was told, and nothing else decides where it resumes: what a client of this wire can know, it knows."""

import json
import socket
import struct

from .websocket import CLOSE, PING, PONG, TEXT, frame

EVERYTHING = "since=2020-01-01T00:00:00Z"


class Gone(Exception):
    """The connection has ended, or none could be had."""


class Sse:
    """Frames out of bytes, as far as they are whole."""

    path = "/v1/events/stream"
    headers = "Accept: text/event-stream\r\n"
    status = b"200"

    def __init__(self):
        self.chunks, self.text = b"", b""

    def frames(self, received):
        self.chunks += received
        self._take_chunks()
        *whole, self.text = self.text.split(b"\n\n")
        for block in whole:
            fields = {}
            for line in block.split(b"\n"):
                name, _, value = line.partition(b":")
                fields[name] = value.removeprefix(b" ")
            data = json.loads(fields[b"data"]) if b"data" in fields else None
            if b"event" in fields:
                yield fields[b"event"].decode(), data
            elif data is not None:
                assert fields[b"id"].decode() == data["id"]
                yield "event", data
            elif b"id" in fields:
                yield "cursor", fields[b"id"].decode()

    def _take_chunks(self):
        while b"\r\n" in self.chunks:
            size, _, rest = self.chunks.partition(b"\r\n")
            length = int(size, 16)
            if length == 0 or len(rest) < length + 2:
                return
            self.text += rest[:length]
            self.chunks = rest[length + 2:]


class WebSocket:
    path = "/v1/events/ws"
    headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
    status = b"101"

    def __init__(self):
        self.bytes = b""
        self.answers = b""

    def frames(self, received):
        self.bytes += received
        while (one := self._take()) is not None:
            opcode, payload = one
            if opcode == PING:
                self.answers += frame(PONG, payload)
            elif opcode == CLOSE:
                raise Gone
            elif opcode == TEXT:
                message = json.loads(payload)
                yield ("event", message) if "id" in message else (message["type"], message["data"])

    def _take(self):
        if len(self.bytes) < 4:
            return None
        length, start = self.bytes[1] & 0x7F, 2
        if length == 126:
            length, start = struct.unpack("!H", self.bytes[2:4])[0], 4
        if len(self.bytes) < start + length:
            return None
        opcode, payload = self.bytes[0] & 0x0F, self.bytes[start:start + length]
        self.bytes = self.bytes[start + length:]
        return opcode, payload


class Wanderer:
    """`told` is what it learnt, in order: ("connect", query), ("event", envelope), ("cursor", id), ("gap", data)."""

    def __init__(self, number, api, wire, types, plan):
        self.number, self.api, self.wire, self.types, self.plan = number, api, wire, types, plan
        self.told = []
        self.eagerness = plan.choice([0.5, 0.1, 0.01, 0.002])  # to come back, at each turn
        self.socket = None
        self.turns_asleep = 0
        self._resume_by = None
        self._begun = False

    def __repr__(self):
        return f"subscriber {self.number} ({self.wire.__name__}, {self.types or 'all types'})"

    def fileno(self):
        return self.socket.fileno()

    # --- coming and going ---

    def _query(self):
        """By id or by time, as its plan says; from the beginning until it knows anything."""
        last = next((what for kind, what in reversed(self.told) if kind in ("event", "cursor")), None)
        parts = [f"types={self.types}"] if self.types else []
        if last is None:
            parts.append(EVERYTHING)
        elif isinstance(last, dict) and self.plan.random() < 0.3:
            parts.append(f"since={last['timestamp']}")
        else:
            parts.append(f"last_event_id={last['id'] if isinstance(last, dict) else last}")
        return "&".join(parts)

    def connect(self):
        query = self._query()
        host, _, port = self.api.url.removeprefix("http://").partition(":")
        self.socket = socket.socket()
        self.socket.settimeout(10)
        if self.plan.random() < 0.5:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        try:
            self.socket.connect((host, int(port)))
            self.socket.sendall(
                f"GET {self.wire.path}?{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.api.key}\r\n{self.wire.headers}\r\n".encode())
            self._rest = b""
            self._head()
        except (OSError, Gone) as fault:
            self.leave()
            raise Gone from fault
        self.told.append(("connect", query))
        self.frames = self.wire()
        self.socket.setblocking(False)

    def _head(self):
        head = b""
        while b"\r\n\r\n" not in head:
            received = self.socket.recv(4096)
            if not received:
                raise Gone
            head += received
        head, _, self._rest = head.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1]
        if status == b"503":
            raise Gone
        assert status == self.wire.status, f"{self}: {head} {self._rest}"

    def leave(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    # --- reading ---

    def read(self, most=65536):
        """Up to so many bytes; raises Gone at their end."""
        received, self._rest = self._rest, b""
        try:
            received += self.socket.recv(most)
            ended = not received
        except BlockingIOError:
            ended = False
        except OSError as fault:
            raise Gone from fault
        for kind, what in self.frames.frames(received):
            if kind == "stream.gap":
                self.told.append(("gap", what))
            elif kind in ("event", "cursor"):
                self.told.append((kind, what))
            else:
                assert kind == "stream.closing", kind
        self._answer()
        if ended:
            raise Gone

    def _answer(self):
        answers = getattr(self.frames, "answers", b"")
        if not answers:
            return
        self.frames.answers = b""
        try:
            self.socket.sendall(answers)
        except OSError as fault:
            raise Gone from fault
