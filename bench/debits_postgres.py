"""Durable debits of many developers on PostgreSQL, which runs on the same cores."""

import sys
from pathlib import Path

import debits
import figures
from server import Server

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/e2e"))

from support.postgres import Postgres  # noqa: E402

DEVELOPERS = 64


def measure(build, postgres):
    server = Server(build, "--store", postgres.new_database().url)
    try:
        people = [server.post("/v1/signup", {"name": f"bench {number}", "mode": "sandbox"}) for number in range(DEVELOPERS)]
        return debits.debits_of(build, server, [person["apiKey"] for person in people])
    finally:
        server.stop()


def run(build):
    postgres = Postgres()
    try:
        postgres.start(durable=True)
        rounds = [measure(build, postgres) for _ in range(debits.ROUNDS)]
    finally:
        postgres.remove()

    def row(title, field):
        values = [one[field] for one in rounds]
        return title, *figures.middle(values)

    rows = [
        ("", "median", "spread"),
        row(f"through the API, {debits.CONNECTIONS} clients, debits/s", "per_second"),
        row("  50 % answered within, µs", "p50_us"),
        row("  99 % answered within, µs", "p99_us"),
        row("  refused", "refused"),
    ]
    title = f"durable debits of {DEVELOPERS} developers on PostgreSQL ({debits.ROUNDS} rounds of {debits.SECONDS} s, all on the same cores)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds}}
