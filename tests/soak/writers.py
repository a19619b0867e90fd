"""Who makes the events, in a process of their own: each connection leads a grant's life after the other, with grants delegated from it, budgets
that are used up by one debit, and the revocation of them all. Together they offer so many events a second and no more. Counted is what was
acknowledged, so how many events each developer's log must have is known."""

import collections
import json
import selectors
import socket
import sys
import time

CONNECTIONS = 24
DELEGATES = 10
SCOPES = ["payments:initiate"]
BUDGET = 100
OF_A_DEBIT = 3  # half gone, nearly gone, gone
EVENTS_OF_A_LIFE = 2 + OF_A_DEBIT + DELEGATES * (2 + OF_A_DEBIT) + 1 + DELEGATES


def life(writer):
    """Yields calls, is sent their answers."""
    agent, events = writer.agent, writer.acknowledge
    asked = yield "POST", "/v1/authorize", {"agentId": agent, "principalId": f"user_{writer.number}", "scopes": SCOPES}
    root = yield "POST", "/v1/token", {"code": asked["code"], "agentId": agent}
    events(2)
    yield from use_up(writer, root["grantId"])
    for _ in range(DELEGATES):
        grant = yield "POST", "/v1/grants/delegate", {"parentGrantToken": root["grantToken"], "subAgentId": agent, "scopes": SCOPES}
        events(2)
        yield from use_up(writer, grant["grantId"])
    yield "DELETE", f"/v1/grants/{root['grantId']}", None
    events(1 + DELEGATES)


def use_up(writer, grant):
    yield "POST", "/v1/budget/allocate", {"grantId": grant, "initialBudget": BUDGET}
    yield "POST", "/v1/budget/debit", {"grantId": grant, "amount": BUDGET}
    writer.acknowledge(OF_A_DEBIT)


class Writer:
    """One connection, one call at a time; a developer of the line for each life."""

    def __init__(self, number, load, port):
        self.number, self.load = number, load
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received, self.calls = b"", None

    def acknowledge(self, events):
        self.load.acknowledged[self.developer] += events

    def begin(self):
        self.developer, self.key, self.agent = self.load.next_developer()
        self.calls = life(self)
        self._send(next(self.calls))

    def _send(self, call):
        method, path, body = call
        raw = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if raw else ""
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n{kind}"
                f"Content-Length: {len(raw)}\r\n\r\n")
        self.socket.sendall(head.encode() + raw)

    def read(self):
        """True: this life is over."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server has closed a writer's connection")
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found or len(body) < self._length(head):
            return False
        self.received = b""
        if head[9:11] != b"20":
            raise ConnectionError(f"refused: {head[:12].decode()} {body[:300].decode()}")
        try:
            self._send(self.calls.send(json.loads(body) if body else None))
        except StopIteration:
            return True
        return False

    @staticmethod
    def _length(head):
        at = head.lower().find(b"\r\ncontent-length:")
        return int(head[at + 17:].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Load:
    def __init__(self, port, developers, rate):
        self.developers, self.rate = developers, rate
        self.acknowledged, self.lives = collections.Counter(), 0
        self.began, self.ending = time.monotonic(), False
        self.selector = selectors.DefaultSelector()
        self.idle = [Writer(number, self, port) for number in range(CONNECTIONS)]
        for writer in self.idle:
            self.selector.register(writer.socket, selectors.EVENT_READ, writer)
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)

    def next_developer(self):
        self.lives += 1
        return self.developers[self.lives % len(self.developers)]

    def _begin_what_is_due(self):
        while self.idle and not self.ending and time.monotonic() >= self.began + self.lives * EVENTS_OF_A_LIFE / self.rate:
            self.idle.pop(0).begin()

    def run(self):
        """Until its input ends and every life that was begun is over."""
        while not self.ending or len(self.idle) < CONNECTIONS:
            self._begin_what_is_due()
            for key, _ in self.selector.select(0.01):
                if key.data is None:
                    self._command(sys.stdin.readline())
                elif key.data.read():
                    self.idle.append(key.data)
        self._tell()

    def _command(self, word):
        if word:
            self._tell()
        else:
            self.ending = True
            self.selector.unregister(sys.stdin)

    def _tell(self):
        print(json.dumps(self.acknowledged), flush=True)


def main():
    Load(*json.loads(sys.stdin.buffer.raw.readline())).run()


if __name__ == "__main__":
    main()
