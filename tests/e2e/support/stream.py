"""A reader of GET /v1/events/stream that keeps every byte, so that a test can say what was on the wire."""

import json
import socket
import threading
import time
import urllib.parse

from . import build, secrets_told, tls


class Frame:
    """One block of the stream: its lines, and what they say."""

    def __init__(self, raw):
        self.raw = raw
        self.id = self.event = self.data = None
        for line in raw.decode().split("\n"):
            name, _, value = line.partition(":")
            if name in ("id", "event", "data"):
                setattr(self, name, value[1:] if value.startswith(" ") else value)

    @property
    def is_event(self):
        return self.data is not None and not (self.event or "").startswith("stream.")

    @property
    def json(self):
        return json.loads(self.data)


class SseReader:
    """Connects at once; a thread reads until the end. Use as a context manager."""

    def __init__(self, api, query="", headers=None, version="1.1", path="/v1/events/stream", method="GET"):
        parts = urllib.parse.urlsplit(api.url)
        self.status = None
        self.headers = {}
        self.body = b""  # as sent, without the chunks around it
        self.frames = []
        self.end = None  # "clean", "cut"
        self.closed = False
        self._rest = b""
        self._changed = threading.Condition()
        self._asked = (method, path + query, {"Authorization": f"Bearer {api.key or ''}", **(headers or {})})
        self._socket = tls.connect(api.url, build.PATIENCE)
        lines = [f"{method} {path}{query} HTTP/{version}", f"Host: {parts.netloc}"]
        if api.key is not None:
            lines.append(f"Authorization: Bearer {api.key}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.closed = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(build.PATIENCE)
        self._socket.close()

    # --- for the test ---

    def wait_for(self, predicate, deadline=None):
        """Returns what predicate(self) says as soon as that is true; fails after the deadline, in seconds."""
        until = time.monotonic() + (deadline or build.PATIENCE)
        with self._changed:
            while not (result := predicate(self)):
                remaining = until - time.monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    raise AssertionError(f"waited in vain; status {self.status}, end {self.end}, so far:\n{self.body!r}")
            return result

    def wait_open(self):
        """Until the head and the first bytes are there."""
        self.wait_for(lambda reader: reader.end or b": connected\n\n" in reader.body)
        assert self.status == 200, f"{self.status} {self.body!r}"
        return self

    def wait_end(self):
        return self.wait_for(lambda reader: reader.end)

    def wait_events(self, count):
        """The first `count` events; more may follow."""
        self.wait_for(lambda reader: len(reader.events) >= count or reader.end)
        assert len(self.events) >= count, f"ended ({self.end}) after {len(self.events)} events: {self.body!r}"
        return self.events[:count]

    @property
    def events(self):
        return [frame.json for frame in self.frames if frame.is_event]

    # --- the thread ---

    def _read(self):
        end = "cut"
        try:
            chunked = self._read_head()
            end = self._read_body(chunked)
        except (OSError, ValueError):
            pass
        if self.status is not None:
            secrets_told.heard(*self._asked, None, self)
        with self._changed:
            self.end = end
            self._changed.notify_all()

    def _receive(self):
        piece = self._socket.recv(65536)
        self._rest += piece
        return len(piece) > 0

    def _read_head(self):
        while b"\r\n\r\n" not in self._rest:
            if not self._receive():
                raise ValueError("no head")
        head, self._rest = self._rest.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        with self._changed:
            self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self.status = int(status.split()[1])
            self._changed.notify_all()
        return self.headers.get("transfer-encoding", "").lower() == "chunked"

    def _read_body(self, chunked):
        length = self.headers.get("content-length")
        while True:
            if chunked and self._take_chunks():
                return "clean"
            if not chunked:
                self._take(len(self._rest))
            if length is not None and len(self.body) >= int(length):
                return "clean"
            if not self._receive():
                return "cut" if chunked or length is not None else "clean"

    def _take_chunks(self):
        """Takes every whole chunk; whether the last one has come."""
        while b"\r\n" in self._rest:
            size_line = self._rest.split(b"\r\n", 1)[0]
            size, start = int(size_line.split(b";")[0], 16), len(size_line) + 2
            if len(self._rest) < start + size + 2:
                return False
            self._rest = self._rest[start:]
            self._take(size)
            assert self._rest[:2] == b"\r\n"
            self._rest = self._rest[2:]
            if size == 0:
                return True
        return False

    def _take(self, count):
        with self._changed:
            old_end = self.body.rfind(b"\n\n") + 2 if b"\n\n" in self.body else 0
            self.body += self._rest[:count]
            self._rest = self._rest[count:]
            *whole, _ = self.body[old_end:].split(b"\n\n")
            self.frames += [Frame(raw + b"\n") for raw in whole]
            self._changed.notify_all()


def wait_events(api, types, count=1):
    """The first `count` events of these types that ever were, as soon as there are so many."""
    with SseReader(api, f"?since=2020-01-01T00:00:00Z&types={types}") as reader:
        return reader.wait_events(count)
