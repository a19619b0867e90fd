"""One to three nodes on one PostgreSQL, told by NATS or looking for themselves: deliveries a second under a flood of durable debits at the
first node, and from an event's timestamp to the socket's reader at a pace. All of it, PostgreSQL too, on the same cores."""

import json
import sys
import tempfile
from pathlib import Path

import figures
from fanout import EVENT, HELLO, Program
from lag import DEBITS, budgets_of
from server import Server, load

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/e2e"))

from support.nats import Nats  # noqa: E402
from support.postgres import Postgres  # noqa: E402

ROUNDS = 3
NODES = (1, 2, 3)
DEVELOPERS, STREAMS_EACH, BUDGETS_EACH = 20, 48, 20
PACED = 100  # events a second
CONNECTIONS = 32
KEY = "gx_test_the-developer-of-the-bench"
EVENTS = DEVELOPERS * BUDGETS_EACH * len(DEBITS)


def follow(build, servers, keys):
    ports = ",".join(str(server.port) for server in servers)
    readers = Program(1, build / "bench/bench-fanout-client", ports, len(keys) * STREAMS_EACH, HELLO, ": connected", EVENT)
    readers.order("\n".join(keys) + "\n")
    readers.read()
    return readers


def measure(build, store, nodes, bus):
    options = ["--store", store, "--key", KEY, "--max-streams", "5000", *(["--bus", bus] if bus else [])]
    servers = [Server(build, *options) for _ in range(nodes)]
    try:
        keys = [servers[0].post("/v1/signup", {"name": f"bench {number}", "mode": "sandbox"})["apiKey"] for number in range(DEVELOPERS)]
        measured = {}
        for kind, per_second in (("until", 0), ("lag", PACED)):
            budgets = [budget for key in keys for budget in budgets_of(servers[0], key, BUDGETS_EACH)]
            debits = [(key, {"grantId": grant, "amount": amount}) for amount in DEBITS for key, grant in budgets]
            readers = follow(build, servers, keys)
            try:
                before = sum(figures.cpu_seconds(server.process.pid) for server in servers)
                readers.order(kind, EVENTS * STREAMS_EACH)
                load(build, servers[0], CONNECTIONS, 120, "/v1/budget/debit", "once", debits, per_second)
                measured[kind] = json.loads(readers.read())
                cpu = sum(figures.cpu_seconds(server.process.pid) for server in servers) - before
                measured[kind]["cpu_per_million"] = cpu / measured[kind]["events"] * 1e6
            finally:
                readers.stop()
        return measured
    finally:
        for server in servers:
            server.stop()


def one_round(build, postgres, nats):
    """{(nodes, told by): measured}"""
    return {
        (nodes, told_by): measure(build, postgres.new_database().url, nodes, nats.url if told_by == "NATS" else None)
        for nodes in NODES for told_by in ("NATS", "poll")
    }


def run(build):
    postgres = Postgres()
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        nats = Nats(Path(folder) / "nats").start()
        try:
            postgres.start(durable=True)
            rounds = [one_round(build, postgres, nats) for _ in range(ROUNDS)]
        finally:
            nats.kill()
            postgres.remove()
    rows = [("nodes", "told by", "deliveries/s", "spread", "of one node's", "lag p50, ms", "lag p99, ms", "spread", "CPU s per million")]
    for case in rounds[0]:
        flood = [one[case]["until"]["per_second"] for one in rounds]
        alone = [one[1, case[1]]["until"]["per_second"] for one in rounds]
        ratio, _ = figures.middle([a / b for a, b in zip(flood, alone)], "{:.2f}")
        p50, _ = figures.middle([one[case]["lag"]["p50_us"] / 1000 for one in rounds], "{:.1f}")
        p99, spread = figures.middle([one[case]["lag"]["p99_us"] / 1000 for one in rounds], "{:.1f}")
        cpu, _ = figures.middle([one[case]["until"]["cpu_per_million"] for one in rounds], "{:.1f}")
        rows.append((case[0], case[1], *figures.middle(flood), ratio, p50, p99, spread, cpu))
    title = (f"{DEVELOPERS} developers with {STREAMS_EACH} streams each, spread over the nodes; debits at the first ({ROUNDS} rounds; flood, then"
             f" {PACED} events/s; nodes, PostgreSQL, NATS, load and readers on the same cores)")
    result = [{f"{nodes} {told_by}": measured for (nodes, told_by), measured in one.items()} for one in rounds]
    return {"title": title, "rows": rows, "result": {"rounds": result}}
