"""Durable debits through the API (fsync before each answer) against a bare SQLite loop with the same settings."""

import http.client
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

SECONDS = 3
ROUNDS = 3
CONNECTIONS = 64
GRANTS = 64


class Server:
    """A grantexd of its own, on a free port, in a folder that goes away with it."""

    def __init__(self, build, *where):
        self.process = subprocess.Popen(
            [str(build / "bin/grantexd"), "dev", "--listen", "127.0.0.1:0", *where, "--log-level", "warn"],
            stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.key = ready["apiKey"]
        self.port = int(ready["url"].rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def post(self, path, body, key=None):
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        self.connection.request("POST", path, json.dumps(body), headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status >= 300:
            raise RuntimeError(f"{path}: {response.status} {answer}")
        return answer

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=20)


def funded_grant(server, key, number):
    agent = server.post("/v1/agents", {"name": f"bench {number}"}, key)["agentId"]
    asked = server.post("/v1/authorize", {"agentId": agent, "principalId": f"user_{number}", "scopes": ["payments:initiate"]}, key)
    grant = server.post("/v1/token", {"code": asked["code"], "agentId": agent}, key)["grantId"]
    server.post("/v1/budget/allocate", {"grantId": grant, "initialBudget": "1000000000"}, key)
    return f"{key} {grant}\n"


def load(build, server, keys):
    """What the load generator measured: every connection debits a grant of its own, of the developers in turn."""
    lines = "".join(funded_grant(server, keys[number % len(keys)], number) for number in range(GRANTS))
    said = subprocess.run([str(build / "bench/bench-debit-load"), str(server.port), str(CONNECTIONS), str(SECONDS)],
                          input=lines, check=True, capture_output=True, text=True).stdout
    return json.loads(said)


def measure(build, folder):
    floor = subprocess.run([str(build / "bench/bench-debit-floor"), folder, str(SECONDS)], check=True,
                           capture_output=True, text=True).stdout
    server = Server(build, "--data", str(Path(folder) / "data"))
    try:
        return {"floor": json.loads(floor), "api": load(build, server, [server.key])}
    finally:
        server.stop()


def run(build):
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
            rounds.append(measure(build, folder))

    def spread(pick):
        values = [pick(one) for one in rounds]
        return f"{statistics.median(values):,.0f}", f"{min(values):,.0f} to {max(values):,.0f}"

    ratios = [one["api"]["per_second"] / one["floor"]["one"] for one in rounds]
    rows = [
        ("", "median", "spread"),
        ("floor, one commit per debit, debits/s", *spread(lambda one: one["floor"]["one"])),
        ("floor, one commit per 64 debits, debits/s", *spread(lambda one: one["floor"]["shared"])),
        (f"through the API, {CONNECTIONS} clients, debits/s", *spread(lambda one: one["api"]["per_second"])),
        ("  50 % answered within, µs", *spread(lambda one: one["api"]["p50_us"])),
        ("  99 % answered within, µs", *spread(lambda one: one["api"]["p99_us"])),
        ("  refused", *spread(lambda one: one["api"]["refused"])),
        ("API / floor with one commit each", f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"),
    ]
    title = f"durable debits ({ROUNDS} rounds of {SECONDS} s, load generator on the same cores)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "ratio_to_floor": statistics.median(ratios)}}
