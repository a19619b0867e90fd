"""Writers in a process of their own, that offer so many events a second and no more: grants, grants delegated from them, the revocation of
all. A call that is not answered, or not now (503), is made again at the next node under the same Idempotency-Key, until it is: so every
call ends acknowledged, and how many events each developer's log must have is known."""

import collections
import http.client
import json
import pathlib
import select
import subprocess
import sys
import threading
import time
import uuid

WRITERS = 12
TIMEOUT = 5  # seconds, for one answer
PAUSE = 0.05  # before a call is made again
DELEGATES = 10
SCOPES = ["calendar:read"]
EVENTS_OF_A_ROUND = 2 + 2 * DELEGATES + 1 + DELEGATES


class Writer:
    def __init__(self, number, load):
        self.number, self.load = number, load
        self.developer, self.key = load.developers[number % len(load.developers)]
        self.node = number % len(load.nodes)
        self.connection = None

    # --- one call, until it is answered ---

    def call(self, method, path, body=None, good=(200, 201, 204)):
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": str(uuid.uuid4())}
        raw = None if body is None else json.dumps(body).encode()
        if raw:
            headers["Content-Type"] = "application/json"
        while True:
            status, said = self._try(method, path, raw, headers)
            if status in good:
                return json.loads(said) if said else None
            if status not in (None, 409, 503):
                raise AssertionError(f"{method} {path}: {status} {said[:300]}")
            self.load.note(repeated=1)
            good = good if method != "DELETE" else (*good, 404)  # it was kept, but not confirmed
            select.select([], [], [], PAUSE)

    def _try(self, method, path, raw, headers):
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(*self.load.nodes[self.node], timeout=TIMEOUT)
            self.connection.request(method, path, raw, headers)
            answer = self.connection.getresponse()
            said = answer.read()
            if answer.status != 503 and not answer.will_close:
                return answer.status, said
            status = answer.status
        except (OSError, http.client.HTTPException):
            status, said = None, b""
        self.connection.close()
        self.connection = None
        if status in (None, 503):
            self.node = (self.node + 1) % len(self.load.nodes)
        return status, said

    # --- one round ---

    def round(self):
        agent = self.load.agents[self.developer]
        asked = self.call("POST", "/v1/authorize", {"agentId": agent, "principalId": f"user_{self.number}", "scopes": SCOPES})
        root = self.call("POST", "/v1/token", {"code": asked["code"], "agentId": agent})
        self.load.note(self.developer, 2)
        for _ in range(DELEGATES):
            self.call("POST", "/v1/grants/delegate", {"parentGrantToken": root["grantToken"], "subAgentId": agent, "scopes": SCOPES})
            self.load.note(self.developer, 2)
        self.call("DELETE", f"/v1/grants/{root['grantId']}")
        self.load.note(self.developer, 1 + DELEGATES)

    def run(self):
        try:
            while self.load.may_go_on():
                self.round()
        except Exception as fault:  # pylint: disable=broad-exception-caught  # told to the test
            self.load.fault = repr(fault)


class Load:
    def __init__(self, nodes, keys, agents, rate):
        self.nodes, self.developers, self.agents = nodes, list(keys.items()), agents
        self.rate, self.began = rate, time.monotonic()
        self.lock, self.ending = threading.Lock(), threading.Event()
        self.offered = self.repeated = 0
        self.acknowledged, self.fault = collections.Counter(), None

    def note(self, developer=None, events=0, repeated=0):
        with self.lock:
            self.repeated += repeated
            if developer:
                self.acknowledged[developer] += events

    def may_go_on(self):
        """Waits until the rate allows the next round."""
        with self.lock:
            self.offered += EVENTS_OF_A_ROUND
            due = self.began + self.offered / self.rate
        return not self.ending.wait(max(0, due - time.monotonic()))

    def sum(self):
        with self.lock:
            return {"acknowledged": dict(self.acknowledged), "repeated": self.repeated, "seconds": time.monotonic() - self.began, "fault": self.fault}

    def run(self):
        writers = [threading.Thread(target=Writer(number, self).run) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in sys.stdin:
            print(json.dumps(self.sum()), flush=True)
        self.ending.set()
        for writer in writers:
            writer.join()
        print(json.dumps(self.sum()), flush=True)


class Writers:
    """The process, as tests see it."""

    def __init__(self, nodes, keys, agents, rate):
        """keys, agents: {developer id: API key, an agent's id}; rate: events a second."""
        self.process = subprocess.Popen(
            [sys.executable, pathlib.Path(__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        print(json.dumps([nodes, keys, agents, rate]), file=self.process.stdin, flush=True)

    def so_far(self):
        print("sum", file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def finish(self):
        """What was acknowledged, when every call that was begun has been answered."""
        self.process.stdin.close()
        said = json.loads(self.process.stdout.readline())
        self.process.wait()
        self.process.stdout.close()
        assert said["fault"] is None, said["fault"]
        return said

    def kill(self):
        self.process.kill()
        self.process.wait()


def main():
    nodes, keys, agents, rate = json.loads(sys.stdin.readline())
    Load([tuple(node) for node in nodes], keys, agents, rate).run()


if __name__ == "__main__":
    main()
