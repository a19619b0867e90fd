"""A client of GET /v1/events/ws on a bare socket: what it sends is what the test says, byte by byte, and every frame that comes is kept."""

import base64
import hashlib
import json
import os
import socket
import struct
import time
import urllib.parse

from . import build, tls

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, payload=b"", final=True, mask=b"\x37\xfa\x21\x3d", reserved=0):
    """A client's frame; mask None leaves it unmasked."""
    payload = payload.encode() if isinstance(payload, str) else payload
    masked = 0x80 if mask is not None else 0
    if len(payload) < 126:
        length = struct.pack("!B", masked | len(payload))
    elif len(payload) < 65536:
        length = struct.pack("!BH", masked | 126, len(payload))
    else:
        length = struct.pack("!BQ", masked | 127, len(payload))
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask is not None else payload
    return bytes([(0x80 if final else 0) | reserved | opcode]) + length + (mask or b"") + body


class WsClient:
    """Connects and sends the upgrade, with `behind` right behind it. Use as a context manager."""

    def __init__(self, api, query="", headers=None, behind=b"", version="1.1", receive_buffer=None):
        parts = urllib.parse.urlsplit(api.url)
        self.key = base64.b64encode(os.urandom(16)).decode()
        self.status = None
        self.headers = {}
        self.frames = []  # (opcode, payload), every one
        self._rest = b""
        self.socket = tls.connect(api.url, build.PATIENCE, receive_buffer)
        wanted = {
            "Host": parts.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": self.key,
            "Authorization": f"Bearer {api.key}" if api.key is not None else None,
            **(headers or {}),
        }
        lines = [f"{name}: {value}" for name, value in wanted.items() if value is not None]
        self.send("\r\n".join([f"GET /v1/events/ws{query} HTTP/{version}", *lines, "", ""]).encode() + behind)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def say(self, value):
        self.send(frame(TEXT, json.dumps(value)))

    def read_head(self):
        while b"\r\n\r\n" not in self._rest:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionResetError(f"ended in the head: {self._rest!r}")
            self._rest += piece
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return self

    def opened(self):
        self.read_head()
        assert self.status == 101, (self.status, self.headers, self._rest)
        accept = base64.b64encode(hashlib.sha1((self.key + GUID).encode()).digest()).decode()
        assert self.headers["sec-websocket-accept"] == accept
        assert self.headers["upgrade"].lower() == "websocket" and self.headers["connection"].lower() == "upgrade"
        return self

    def refused(self):
        """Status and JSON of an answer that is no upgrade."""
        self.read_head()
        while len(self._rest) < int(self.headers["content-length"]):
            self._rest += self.socket.recv(65536)
        return self.status, json.loads(self._rest)

    def read_frame(self):
        """The next frame; None at the end of the connection."""
        while (found := self._take_frame()) is None:
            piece = self.socket.recv(65536)
            if not piece:
                if self._rest:
                    raise ConnectionResetError(f"cut in the middle of a frame: {self._rest!r}")
                return None
            self._rest += piece
        self.frames.append(found)
        return found

    def _take_frame(self):
        if len(self._rest) < 2:
            return None
        first, length = self._rest[0], self._rest[1]
        assert first & 0x70 == 0 and first & 0x80 and length < 128, "servers send whole, unmasked frames without extensions"
        start = {126: 4, 127: 10}.get(length, 2)
        if len(self._rest) < start:
            return None
        if start > 2:
            length = int.from_bytes(self._rest[2:start], "big")
        if len(self._rest) < start + length:
            return None
        payload, self._rest = self._rest[start:start + length], self._rest[start + length:]
        return first & 0x0F, payload

    def read_until(self, opcode):
        """The payload of the next frame of that kind; pings in between are answered."""
        deadline = time.monotonic() + build.PATIENCE
        while time.monotonic() < deadline:
            found = self.read_frame()
            assert found is not None, f"ended; {self.frames}"
            if found[0] == opcode:
                return found[1]
            if found[0] == PING:
                self.send(frame(PONG, found[1]))
        raise AssertionError(f"waited in vain for opcode {opcode}: {self.frames}")

    def read_events(self, count):
        return [json.loads(self.read_until(TEXT)) for _ in range(count)]

    def read_close(self):
        """Code and reason of the close frame, behind which the server must end the connection."""
        payload = self.read_until(CLOSE)
        assert self.read_frame() is None
        return (int.from_bytes(payload[:2], "big"), payload[2:].decode()) if payload else (None, "")
