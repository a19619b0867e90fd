"""From a debit to its subscribers: many developers with a few streams each, while durable debits come through the API, each with an event."""

import json
import tempfile

import figures
from fanout import EVENT, HELLO, Pair, Program
from server import Server, load

DEVELOPERS = 2000
STREAMS_EACH = 5
BUDGETS_EACH = 2
DEBITS = ("50", "40", "10")  # half gone, nearly gone, gone
PER_SECOND = 5000
CONNECTIONS = 64
EVENTS = DEVELOPERS * BUDGETS_EACH * len(DEBITS)


def budgets_of(server, key, count):
    agent = server.post("/v1/agents", {"name": "bench"}, key)["agentId"]
    for number in range(count):
        asked = server.post("/v1/authorize", {"agentId": agent, "principalId": f"user_{number}", "scopes": ["payments:initiate"]}, key)
        grant = server.post("/v1/token", {"code": asked["code"], "agentId": agent}, key)["grantId"]
        server.post("/v1/budget/allocate", {"grantId": grant, "initialBudget": "100"}, key)
        yield key, grant


def follow(build, server, keys):
    readers = Program(1, build / "bench/bench-fanout-client", server.port, len(keys) * STREAMS_EACH, HELLO, ": connected", EVENT)
    readers.order("\n".join(keys) + "\n")
    readers.read()
    return readers


def measure(build, server):
    keys = [server.post("/v1/signup", {"name": f"bench {number}", "mode": "sandbox"})["apiKey"] for number in range(DEVELOPERS)]
    budgets = [budget for key in keys for budget in budgets_of(server, key, BUDGETS_EACH)]
    debits = [(key, {"grantId": grant, "amount": amount}) for amount in DEBITS for key, grant in budgets]
    readers = follow(build, server, keys)
    try:
        before = figures.cpu_seconds(server.process.pid)
        readers.order("lag", EVENTS * STREAMS_EACH)
        sent = load(build, server, CONNECTIONS, 60, "/v1/budget/debit", "once", debits, PER_SECOND)
        measured = json.loads(readers.read())
        measured["cpu_per_million"] = (figures.cpu_seconds(server.process.pid) - before) / measured["events"] * 1e6
        return {"debits": sent, "streams": measured}
    finally:
        readers.stop()


def floor(build):
    """As many writes of one event, to as many streams as one event goes to."""
    pair = Pair(build, "floor", STREAMS_EACH)
    try:
        return pair.run(EVENTS, 1, PER_SECOND)
    finally:
        pair.close()


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        server = Server(build, "--data", folder)
        try:
            measured = measure(build, server)
        finally:
            server.stop()
    measured["floor"] = floor(build)
    streams = measured["streams"]
    rows = [
        ("", "", "wanted"),
        ("debits answered/s", f"{measured['debits']['per_second']:,.0f}", f"{PER_SECOND:,}"),
        ("events delivered", f"{streams['events']:,}", f"{EVENTS * STREAMS_EACH:,}"),
        ("from the event's timestamp to the socket's reader, p50 in ms", f"{streams['p50_us'] / 1000:.1f}", ""),
        ("  p99 in ms", f"{streams['p99_us'] / 1000:.1f}", "at most 50"),
        ("  most in ms", f"{streams['most_us'] / 1000:.1f}", ""),
        ("CPU seconds per million deliveries, debits and all", f"{streams['cpu_per_million']:.1f}", ""),
        ("  of the floor, which only writes", f"{measured['floor']['cpu_per_million']:.1f}", ""),
    ]
    title = (f"{DEVELOPERS:,} developers with {STREAMS_EACH} streams each, {PER_SECOND:,} durable debits/s that each make an event"
             " (load, server and readers on the same cores)")
    return {"title": title, "rows": rows, "result": measured}
