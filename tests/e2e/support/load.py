"""Writers in a process of their own, that offer so many events a second and no more: each connection leads a grant's life after the other, with
grants delegated from it, budgets that are used up by one debit, and the revocation of them all. A call that is not answered, or not now (503),
is made again at the next node under the same Idempotency-Key, until it is; where nothing goes wrong, it is a fault instead. So every call ends
acknowledged, and how many events each developer's log must have is known."""

import collections
import json
import pathlib
import selectors
import socket
import subprocess
import sys
import time
import uuid

CONNECTIONS = 24
TIMEOUT = 5  # seconds, for one answer; then another node is asked
LAST = 60  # the same where there is none: for machines that hang
PAUSE = 0.05  # before a call is made again
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

    def __init__(self, number, load):
        self.number, self.load = number, load
        self.node = number % len(load.nodes)
        self.socket = self.calls = None
        self.deadline = self.again_at = None  # of the answer; of the next attempt

    def acknowledge(self, events):
        self.load.acknowledged[self.developer] += events

    def begin(self):
        self.developer, self.key, self.agent = self.load.next_developer()
        self.calls = life(self)
        self._take(next(self.calls))

    # --- one call, until it is answered ---

    def _take(self, call):
        method, path, body = call
        raw = b"" if body is None else json.dumps(body).encode()
        kind = "Content-Type: application/json\r\n" if raw else ""
        kind += f"Idempotency-Key: {uuid.uuid4()}\r\n" if raw and self.load.patient else ""
        head = (f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n{kind}"
                f"Content-Length: {len(raw)}\r\n\r\n")
        self.request, self.good = head.encode() + raw, {200, 201, 204}
        self.send()

    def send(self):
        self.received, self.again_at, self.deadline = b"", None, time.monotonic() + self.load.timeout
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.load.nodes[self.node], timeout=self.load.timeout)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.load.selector.register(self.socket, selectors.EVENT_READ, self)
            self.socket.sendall(self.request)
        except OSError as error:
            self.fail(repr(error))

    def fail(self, why):
        """It is not known what became of the call."""
        self._again(why, elsewhere=True)

    def _again(self, why, elsewhere):
        if not self.load.patient:
            raise AssertionError(f"{self.request.split(b' HTTP')[0].decode()}: {why}")
        self.load.repeated += 1
        if elsewhere:
            self.leave()
            self.node = (self.node + 1) % len(self.load.nodes)
        if self.request.startswith(b"DELETE"):
            self.good |= {404}  # it was kept, but not confirmed
        self.deadline, self.again_at = None, time.monotonic() + PAUSE

    def leave(self):
        if self.socket is not None:
            self.load.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None

    def read(self):
        try:
            piece = self.socket.recv(65536)
        except OSError:
            piece = b""
        if self.calls is None:
            self.leave()  # it is idle, and the server has gone
            return
        if not piece:
            self.fail("the connection has ended")
            return
        self.received += piece
        head, found, body = self.received.partition(b"\r\n\r\n")
        lower = head.lower()
        if found and len(body) >= length_of(lower):
            if b"\r\nconnection: close" in lower:
                self.leave()
            self._answered(int(head[9:12]), body)

    def _answered(self, status, body):
        if status in self.good:
            self._go_on(json.loads(body) if body and status != 404 else None)
        elif status in (409, 503):
            self._again(f"{status} {body[:300]}", elsewhere=status == 503)
        else:
            raise AssertionError(f"{self.request.split(b' HTTP')[0].decode()}: {status} {body[:300]}")

    def _go_on(self, answer):
        self.deadline = None
        try:
            self._take(self.calls.send(answer))
        except StopIteration:
            self.calls = None
            self.load.idle.append(self)


def length_of(head):
    at = head.find(b"\r\ncontent-length:")
    return int(head[at + 17:].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Load:
    def __init__(self, nodes, keys, agents, rate, patient):
        self.nodes, self.rate, self.patient = [tuple(node) for node in nodes], rate, patient
        self.timeout = TIMEOUT if patient else LAST
        self.developers = [(name, key, agents[name]) for name, key in keys.items()]
        self.acknowledged, self.lives, self.repeated = collections.Counter(), 0, 0
        self.began, self.ending, self.fault = time.monotonic(), False, None
        self.selector = selectors.DefaultSelector()
        self.selector.register(sys.stdin, selectors.EVENT_READ, None)
        self.writers = [Writer(number, self) for number in range(CONNECTIONS)]
        self.idle = list(self.writers)

    def next_developer(self):
        self.lives += 1
        return self.developers[self.lives % len(self.developers)]

    def _look_after_all(self):
        now = time.monotonic()
        while self.idle and not self.ending and now >= self.began + self.lives * EVENTS_OF_A_LIFE / self.rate:
            self.idle.pop(0).begin()
        for writer in self.writers:
            if writer.deadline is not None and now >= writer.deadline:
                writer.fail(f"no answer within {self.timeout} s")
            elif writer.again_at is not None and now >= writer.again_at:
                writer.send()

    def run(self):
        """Until its input ends and every life that was begun is over."""
        while self.fault is None and (not self.ending or len(self.idle) < CONNECTIONS):
            try:
                self._step()
            except Exception as fault:  # pylint: disable=broad-exception-caught  # told to the test
                self.fault = repr(fault)
        while not self.ending:
            self._command(sys.stdin.readline())
        self._tell()

    def _step(self):
        self._look_after_all()
        for key, _ in self.selector.select(0.01):
            if key.data is None:
                self._command(sys.stdin.readline())
            elif key.data.socket is key.fileobj:
                key.data.read()

    def _command(self, word):
        if word:
            self._tell()
        else:
            self.ending = True
            self.selector.unregister(sys.stdin)

    def _tell(self):
        print(json.dumps({"acknowledged": self.acknowledged, "repeated": self.repeated, "seconds": time.monotonic() - self.began, "fault": self.fault}),
              flush=True)


class Writers:
    """The process, as tests see it."""

    def __init__(self, nodes, keys, agents, rate, patient=True):
        """nodes: [(host, port)]; keys, agents: {developer: API key, an agent's id}; rate: events a second."""
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print(json.dumps([nodes, keys, agents, rate, patient]), file=self.process.stdin, flush=True)

    def so_far(self):
        """How many events were acknowledged to all."""
        print("sum", file=self.process.stdin, flush=True)
        return sum(self._read()["acknowledged"].values())

    def _read(self):
        line = self.process.stdout.readline()
        assert line, "the writers have died (see above)"
        said = json.loads(line)
        assert said["fault"] is None, said["fault"]
        return said

    def finish(self):
        """What was acknowledged, when every call that was begun has been answered."""
        self.process.stdin.close()
        said = self._read()
        self.process.wait()
        self.process.stdout.close()
        return said

    def kill(self):
        self.process.kill()
        self.process.wait()


def main():
    Load(*json.loads(sys.stdin.buffer.raw.readline())).run()


if __name__ == "__main__":
    main()
