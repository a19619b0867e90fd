"""One subscriber on an idle machine: from a change that is handed to the store to the handler of a libgrantex subscription, against a bare
commit. The two take turns, so that what the disk does to one it does to the other."""

import json
import subprocess
import tempfile

import figures
from fanout import Program

CHANGES = 1500
WARM_UP = 100
ROUNDS = 3
ALLOWED_US = 300


def one_round(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        server = Program("0,1", build / "bench/bench-handler-commits", folder)
        try:
            port, key = server.read().split()
            subscriber = subprocess.Popen(
                [build / "bench/bench-handler-subscriber", f"http://127.0.0.1:{port}", key, str(CHANGES), str(WARM_UP)],
                stdout=subprocess.PIPE, text=True)
            if subscriber.stdout.readline() != "ready\n":
                raise RuntimeError("the subscription did not open")
            server.order(CHANGES, WARM_UP)
            bare = json.loads(server.read())
            heard, _ = subscriber.communicate(timeout=60)
            return {"floor": bare, "handler": json.loads(heard)}
        finally:
            server.stop()


def run(build):
    rounds = [one_round(build) for _ in range(ROUNDS)]

    def row(title, pick, wanted=""):
        return title, *figures.middle(map(pick, rounds)), wanted

    def more(quantile):
        return lambda one: one["handler"][quantile] - one["floor"][quantile]

    rows = [
        ("", "median", "spread", "wanted"),
        row("bare commit, p50 in µs", lambda one: one["floor"]["p50_us"]),
        row("  p99 in µs", lambda one: one["floor"]["p99_us"]),
        row("change to handler, p50 in µs", lambda one: one["handler"]["p50_us"]),
        row("  p99 in µs", lambda one: one["handler"]["p99_us"]),
        row("  more than a bare commit, at p50", more("p50_us")),
        row("  more than a bare commit, at p99", more("p99_us"), f"at most {ALLOWED_US}"),
    ]
    title = f"{CHANGES:,} changes one at a time, from the store's lane to a libgrantex handler in another process ({ROUNDS} rounds)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds}}
