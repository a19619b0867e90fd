"""Hundreds of subscribers in a process of their own, each with one bare socket. One whose connection ends, or is silent, goes to the next
node and resumes after its last id. Of what it was told it keeps the last sequence number and a digest of all ids, and complains of the
first event that is not the next one."""

import hashlib
import json
import pathlib
import re
import selectors
import socket
import subprocess
import sys
import time

BEGINNING = "?since=2020-01-01T00:00:00Z"
SILENT = 6  # seconds; a heartbeat comes every one
PAUSE = 0.1  # before it tries the next node
EVENT = re.compile(rb'^id: (evt_\w+)\ndata: \{[^\n]*?"seq":(\d+)[^\n]*\}\n$', re.MULTILINE)
CONTROL = re.compile(rb"^event: (stream\.\w+)$", re.MULTILINE)


def digest():
    return hashlib.blake2b(digest_size=16)


class Subscriber:
    def __init__(self, developer, key, node):
        self.developer, self.key, self.node = developer, key, node
        self.last_id, self.seq, self.ids = "", 0, digest()
        self.connections, self.fault = 0, None
        self.socket, self.again_at, self.heard_at = None, 0, 0

    # --- its connection ---

    def connect(self, nodes, selector):
        host, port = nodes[self.node]
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.chunks, self.text, self.open = b"", b"", False
        self.heard_at = time.monotonic()
        self.socket.connect_ex((host, port))
        selector.register(self.socket, selectors.EVENT_WRITE, self)

    def ask(self, selector):
        resume = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        path = "/v1/events/stream" + ("" if self.last_id else BEGINNING)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer {self.key}\r\n{resume}\r\n".encode())
        selector.modify(self.socket, selectors.EVENT_READ, self)

    def leave(self, selector, nodes):
        selector.unregister(self.socket)
        self.socket.close()
        self.socket = None
        self.node = (self.node + 1) % len(nodes)
        self.again_at = time.monotonic() + PAUSE

    # --- what it is told ---

    def read(self, most=262144):
        """False: the connection is over."""
        received = self.socket.recv(most)
        self.heard_at = time.monotonic()
        self.chunks += received
        if not self.open and not self._take_head():
            return received != b""
        return self._take_chunks() and received != b""

    def _take_head(self):
        head, found, rest = self.chunks.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 200 "):
            if head[9:12] != b"503":
                self.fault = self.fault or head.decode()
            raise ConnectionError
        self.open, self.chunks = True, rest
        self.connections += 1
        return True

    def _take_chunks(self):
        at, pieces, more = 0, [self.text], True
        while (end := self.chunks.find(b"\r\n", at)) > 0:
            size = int(self.chunks[at:end], 16)
            if len(self.chunks) < end + size + 4:
                break
            pieces.append(self.chunks[end + 2:end + 2 + size])
            at, more = end + size + 4, size > 0
        self.chunks, text = self.chunks[at:], b"".join(pieces)
        whole = text.rfind(b"\n\n") + 2 if b"\n\n" in text else 0
        self.text = text[whole:]
        self._take_events(text[:whole])
        return more

    def _take_events(self, text):
        for event_id, seq in EVENT.findall(text):
            if int(seq) != self.seq + 1:
                self.fault = self.fault or f"after {self.seq} came {int(seq)}, over connection {self.connections}"
            self.seq = int(seq)
            self.ids.update(event_id)
            self.last_id = event_id.decode()
        if (b"stream.gap",) in (match.groups() for match in CONTROL.finditer(text)):
            self.fault = self.fault or f"a gap was told after {self.seq}"


class Loop:
    def __init__(self, nodes, subscribers):
        self.nodes, self.subscribers = nodes, subscribers
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)

    def run(self):
        while True:
            for key, _ in self.selector.select(0.05):
                if key.data is None and not self._command(sys.stdin.readline()):
                    return
                if key.data is not None:
                    self._serve(key.data)
            self._look_after_all()

    def _serve(self, subscriber):
        try:
            waits = self.selector.get_key(subscriber.socket).events == selectors.EVENT_WRITE
            if waits:
                subscriber.ask(self.selector)
            elif not subscriber.read():
                subscriber.leave(self.selector, self.nodes)
        except BlockingIOError:
            pass
        except OSError:
            subscriber.leave(self.selector, self.nodes)

    def _look_after_all(self):
        now = time.monotonic()
        for one in self.subscribers:
            if one.socket is None and now >= one.again_at:
                one.connect(self.nodes, self.selector)
            elif one.socket is not None and now > one.heard_at + SILENT:
                one.leave(self.selector, self.nodes)

    def _command(self, word):
        """ "state": where everybody is. The end of the input: of the program, too."""
        if word:
            print(json.dumps([
                {"developer": one.developer, "node": one.node, "seq": one.seq, "ids": one.ids.hexdigest(), "open": bool(one.socket and one.open),
                 "connections": one.connections, "fault": one.fault} for one in self.subscribers
            ]), flush=True)
        return word != ""


class Crowd:
    """The process, as tests see it: with Crowd(…) as crowd."""

    def __init__(self, nodes, keys, count):
        """nodes: [(host, port)]; keys: {developer id: API key}."""
        developers = list(keys)
        people = [(developers[n % len(developers)], keys[developers[n % len(developers)]], n // len(developers) % len(nodes)) for n in range(count)]
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps([nodes, people]) + "\n")
        self.process.stdin.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def state(self):
        print("state", file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())


def main():
    nodes, people = json.loads(sys.stdin.buffer.raw.readline())
    Loop([tuple(node) for node in nodes], [Subscriber(*one) for one in people]).run()


if __name__ == "__main__":
    main()
