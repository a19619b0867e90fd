"""Durable debits through the API (fsync before each answer) against a bare SQLite loop with the same settings."""

import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import figures
from server import Server, load

SECONDS = 3
ROUNDS = 3
CONNECTIONS = 64
GRANTS = 64


def debit_of(server, key, number):
    """A debit of a grant of its own, of the developer with that key."""
    agent = server.post("/v1/agents", {"name": f"bench {number}"}, key)["agentId"]
    asked = server.post("/v1/authorize", {"agentId": agent, "principalId": f"user_{number}", "scopes": ["payments:initiate"]}, key)
    grant = server.post("/v1/token", {"code": asked["code"], "agentId": agent}, key)["grantId"]
    server.post("/v1/budget/allocate", {"grantId": grant, "initialBudget": "1000000000"}, key)
    return key, {"grantId": grant, "amount": "0.0001"}


def debits_of(build, server, keys):
    """What the load generator measured: every connection debits a grant of its own, of the developers in turn."""
    requests = [debit_of(server, keys[number % len(keys)], number) for number in range(GRANTS)]
    return load(build, server, CONNECTIONS, SECONDS, "/v1/budget/debit", "again", requests)


def measure(build, folder):
    floor = subprocess.run([str(build / "bench/bench-debit-floor"), folder, str(SECONDS)], check=True,
                           capture_output=True, text=True).stdout
    server = Server(build, "--data", str(Path(folder) / "data"))
    try:
        return {"floor": json.loads(floor), "api": debits_of(build, server, [server.key])}
    finally:
        server.stop()


def run(build):
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
            rounds.append(measure(build, folder))

    def spread(pick):
        values = [pick(one) for one in rounds]
        return figures.middle(values)

    ratios = [one["api"]["per_second"] / one["floor"]["one"] for one in rounds]
    rows = [
        ("", "median", "spread"),
        ("floor, one commit per debit, debits/s", *spread(lambda one: one["floor"]["one"])),
        ("floor, one commit per 64 debits, debits/s", *spread(lambda one: one["floor"]["shared"])),
        (f"through the API, {CONNECTIONS} clients, debits/s", *spread(lambda one: one["api"]["per_second"])),
        ("  50 % answered within, µs", *spread(lambda one: one["api"]["p50_us"])),
        ("  99 % answered within, µs", *spread(lambda one: one["api"]["p99_us"])),
        ("  refused", *spread(lambda one: one["api"]["refused"])),
        ("API / floor with one commit each", *figures.middle(ratios, "{:.2f}")),
    ]
    title = f"durable debits ({ROUNDS} rounds of {SECONDS} s, load generator on the same cores)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "ratio_to_floor": statistics.median(ratios)}}
