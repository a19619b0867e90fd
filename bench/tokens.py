"""Token exchanges through the API (grant, token, refresh token, two events, all durable) against bare RSA-2048 signatures."""

import json
import statistics
import subprocess
import tempfile

import figures
from server import Server, load

SECONDS = 3
ROUNDS = 3
CONNECTIONS = 64


def codes(server, count):
    """Requests of POST /v1/token, each with a code of its own."""
    agent = server.post("/v1/agents", {"name": "bench"})["agentId"]
    for number in range(count):
        asked = server.post("/v1/authorize", {"agentId": agent, "principalId": f"user_{number}", "scopes": ["payments:initiate"]})
        yield server.key, {"code": asked["code"], "agentId": agent}


def bare_signatures(build):
    done = subprocess.run([str(build / "bench/bench-token-floor"), str(SECONDS)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def measure(build, folder):
    before = bare_signatures(build)
    server = Server(build, "--data", folder)
    try:
        # More than there are signatures in that time cannot be used up.
        requests = list(codes(server, before["per_second"] * SECONDS * 5 // 4))
        api = load(build, server, CONNECTIONS, SECONDS, "/v1/token", "once", requests)
    finally:
        server.stop()
    after = bare_signatures(build)  # again, because others may use the machine in between
    return {"floor": {**before, "per_second": (before["per_second"] + after["per_second"]) / 2}, "api": api}


def run(build):
    rounds = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
            rounds.append(measure(build, folder))

    def spread(pick):
        values = [pick(one) for one in rounds]
        return figures.middle(values)

    ratios = [one["api"]["per_second"] / one["floor"]["per_second"] for one in rounds]
    rows = [
        ("", "median", "spread"),
        (f"floor, RSA-2048 signatures/s on {rounds[0]['floor']['cores']} cores", *spread(lambda one: one["floor"]["per_second"])),
        (f"through the API, {CONNECTIONS} clients, exchanges/s", *spread(lambda one: one["api"]["per_second"])),
        ("  50 % answered within, µs", *spread(lambda one: one["api"]["p50_us"])),
        ("  99 % answered within, µs", *spread(lambda one: one["api"]["p99_us"])),
        ("  refused", *spread(lambda one: one["api"]["refused"])),
        ("exchanges / bare signatures", *figures.middle(ratios, "{:.2f}")),
    ]
    title = f"token exchange ({ROUNDS} rounds of {SECONDS} s, load generator on the same cores)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "ratio_to_floor": statistics.median(ratios)}}
