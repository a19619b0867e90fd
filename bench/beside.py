"""Live delivery while something else goes on: a million events replayed to another, ten thousand who come back after a kill -9, a long log
that is trimmed. Durable debits at an even pace, each an event to twenty streams; what counts is whether they notice."""

import json
import subprocess
import tempfile
import threading
from pathlib import Path

import replay
from fanout import EVENT, HELLO, Program
from lag import DEBITS, budgets_of
from server import Server, load

STREAMS = 20
PER_SECOND = 500
EVENTS = 2001  # in each phase
CONNECTIONS = 16
CROWD = 10_000
MISSED = 50  # by each of the crowd
KEPT = 1000  # of the million, once they are trimmed


class Phases:
    """The same load again and again, beside something else."""

    def __init__(self, build):
        self.build, self.measured, self.budgets = build, {}, None

    def prepare(self, server, phases):
        self.key = sign_up(server)
        budgets = list(budgets_of(server, self.key, phases * EVENTS // len(DEBITS)))
        each = EVENTS // len(DEBITS)
        self.budgets = [budgets[start:start + each] for start in range(0, len(budgets), each)]

    def run(self, name, server, beside=None):
        """`beside` goes on until its argument is set, and what it returns is kept."""
        budgets = self.budgets.pop()
        debits = [(key, {"grantId": grant, "amount": amount}) for amount in DEBITS for key, grant in budgets]
        readers = Program(1, self.build / "bench/bench-fanout-client", server.port, STREAMS, HELLO, ": connected", EVENT)
        readers.order(f"{self.key}\n")
        readers.read()
        over, kept = threading.Event(), []
        other = threading.Thread(target=lambda: kept.append(beside(over)) if beside else None)
        other.start()
        try:
            readers.order("lag", EVENTS * STREAMS)
            load(self.build, server, CONNECTIONS, 60, "/v1/budget/debit", "once", debits, PER_SECOND)
            self.measured[name] = json.loads(readers.read())
        finally:
            over.set()
            other.join()
            readers.stop()
        self.measured[name]["beside"] = kept[0] if kept else None


def sign_up(server):
    return server.post("/v1/signup", {"name": "bench", "mode": "sandbox"})["apiKey"]


def developer_of(server, key):
    server.connection.request("GET", "/v1/me", headers={"Authorization": f"Bearer {key}"})
    return json.loads(server.connection.getresponse().read())["developerId"]


def replays(server, key):
    def beside(over):
        count = 0
        while not over.is_set():
            replay.replay(server, key)
            count += 1
        return f"{count} replays of {replay.EVENTS:,}"
    return beside


def first_of(server, key, events):
    """The id of the event after which so many more come."""
    agent = server.post("/v1/agents", {"name": "bench"}, key)["agentId"]
    for _ in range((events + 2) // 2):
        asked = server.post("/v1/authorize", {"agentId": agent, "principalId": "user_1", "scopes": ["a:b"]}, key)
        server.post("/v1/token", {"code": asked["code"], "agentId": agent}, key)
    server.connection.request("GET", f"/v1/events?since=2020-01-01T00:00:00Z&limit={events + 10}", headers={"Authorization": f"Bearer {key}"})
    return json.loads(server.connection.getresponse().read())["events"][-1 - events]["id"]


def crowd(build, server, key, cursor):
    hello = (f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nLast-Event-ID: {cursor}\r\n\r\n")

    def beside(over):
        command = ["taskset", "-c", "1", build / "bench/bench-crowd", server.port, CROWD, hello, EVENT, MISSED]
        done = json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout)
        return f"{CROWD:,} back in {done['seconds']:.1f} s, {MISSED} events each"
    return beside


def trimming(server, key):
    def beside(over):
        over.wait()
        server.connection.request("GET", "/v1/events?since=2020-01-01T00:00:00Z&limit=1", headers={"Authorization": f"Bearer {key}"})
        page = json.loads(server.connection.getresponse().read())
        return f"{page['events'][0]['seq'] - 1:,} events trimmed meanwhile"
    return beside


def measure(build, folder):
    phases = Phases(build)
    server = Server(build, "--data", folder, "--max-streams", str(2 * CROWD))
    try:
        long, many = sign_up(server), sign_up(server)
        replay.fill(str(next(Path(folder).glob("*.db"))), developer_of(server, long))
        phases.prepare(server, 4)
        cursor = first_of(server, many, MISSED)
        phases.run("alone", server)
        phases.run("replay", server, replays(server, long))
    finally:
        server.process.kill()
        server.stop()
    server = Server(build, "--data", folder, "--max-streams", str(2 * CROWD))
    try:
        phases.run("crowd", server, crowd(build, server, many, cursor))
    finally:
        server.stop()
    server = Server(build, "--data", folder, "--retain-events", str(KEPT), "--retain-every", "50")
    try:
        phases.run("trimming", server, trimming(server, long))
    finally:
        server.stop()
    return phases.measured


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        measured = measure(build, folder)
    before = measured["alone"]["per_second"]
    rows = [("", "deliveries/s", "of before", "p50 in ms", "p99 in ms", "most in ms", "what else there was")]
    for name, one in measured.items():
        rows.append((name, f"{one['per_second']:,.0f}", f"{one['per_second'] / before:.2f}",
                     *(f"{one[quantile] / 1000:.1f}" for quantile in ("p50_us", "p99_us", "most_us")), one["beside"] or ""))
    title = (f"live delivery beside other work: {PER_SECOND} durable debits/s, each an event to {STREAMS} streams; from the event's timestamp to the"
             " reader (wanted: at least 0.90 of before)")
    return {"title": title, "rows": rows, "result": measured}
