"""Events to many subscribers, against a bare loop that writes the same bytes to as many sockets. Whoever sends is on core 0, whoever
reads on core 1; each figure is a ratio within a round, in which the two take turns."""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

import figures

ROUNDS = 9
STREAMS = 1000
IDLE_STREAMS = 10000
CROWD = (4, 12500)  # processes, streams of each: more than one process may have files
SPREAD_EVENTS = 15
# Title, batches, events in each, batches per second; 0: as fast as it goes.
LOADS = {
    "one": ("one event at a time", 60, 1, 0),
    "eight": ("bursts of 8", 40, 8, 0),
    "sixty_four": ("bursts of 64", 20, 64, 0),
}
PACED = (200, 1, 100)
SIDES = ("floor", "feed")
HELLO = "GET /v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer @KEY@\r\n\r\n"
EVENT = "{{"


def on_core(core, *command):
    return subprocess.Popen(["taskset", "-c", str(core), *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


class Program:
    """One that takes orders by the line."""

    def __init__(self, core, *command):
        self.process = on_core(core, *map(str, command))

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended")
        return line.strip()

    def order(self, *words):
        print(*words, file=self.process.stdin, flush=True)

    def cpu_seconds(self):
        return figures.cpu_seconds(self.process.pid)

    def own_memory(self):
        """Bytes of user space that are the process's own."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) * 1024

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()


class Pair:
    """A sender and its subscribers; over TLS where it has a certificate and a key."""

    def __init__(self, build, name, streams, certificate=()):
        self.folder = tempfile.TemporaryDirectory(prefix="grantex-bench-")
        self.streams = streams
        argument = streams if name == "floor" else self.folder.name
        self.sender = Program(0, build / f"bench/bench-fanout-{name}", argument, *certificate)
        port, *keys = self.sender.read().split()
        self.memory_before = self.sender.own_memory()
        self.readers = Program(1, build / "bench/bench-fanout-client", port, streams, HELLO, ": connected", EVENT, *(["tls"] if certificate else []))
        self.readers.order("\n".join(keys or ["none"]) + "\n")
        self.readers.read()
        self.memory_each = (self.sender.own_memory() - self.memory_before) / streams

    def run(self, batches, at_once=1, per_second=0, kind="until"):
        """What the readers measured while the sender carried out that order."""
        before = self.sender.cpu_seconds()
        self.readers.order(kind, batches * at_once * self.streams)
        self.sender.order(batches, at_once, per_second)
        self.sender.read()
        measured = json.loads(self.readers.read())
        measured["cpu_per_million"] = (self.sender.cpu_seconds() - before) / max(measured["events"], 1) * 1e6
        return measured

    def close(self):
        self.readers.stop()
        self.sender.stop()
        self.folder.cleanup()


def one_round(build):
    """{load: {side: measured}} of a thousand streams."""
    pairs = {side: Pair(build, side, STREAMS) for side in SIDES}
    try:
        measured = {load: {side: pairs[side].run(*order) for side in SIDES} for load, (_, *order) in LOADS.items()}
        measured["paced"] = {side: pairs[side].run(*PACED, kind="ages") for side in SIDES}
        return measured
    finally:
        for pair in pairs.values():
            pair.close()


def idle(build, side):
    """Memory of each of many idle streams, and how long one event takes from the first to the last of them."""
    pair = Pair(build, side, IDLE_STREAMS)
    try:
        return {"bytes_each": pair.memory_each, **pair.run(SPREAD_EVENTS, 1, 4, kind="spread")}
    finally:
        pair.close()


def crowd(build):
    """Bytes of each stream, when so many are open that it takes several processes."""
    processes, streams = CROWD
    pairs = []
    try:
        for _ in range(processes):
            pairs.append(Pair(build, "feed", streams))
        return sum(pair.sender.own_memory() - pair.memory_before for pair in pairs) / (processes * streams)
    finally:
        for pair in pairs:
            pair.close()


def ratios(measured, load, field):
    return [one[load]["feed"][field] / one[load]["floor"][field] for one in measured]


def comparison(rounds, title, load, field, form, wanted):
    """The floor's figure, the server's, and the ratio of the two in each round."""
    for side, name in zip(SIDES, ("floor", "server")):
        yield f"{title}, {name}", *figures.middle([one[load][side][field] for one in rounds], form), ""
    yield "  server / floor", *figures.middle(ratios(rounds, load, field), "{:.2f}"), wanted


def run(build):
    rounds = [one_round(build) for _ in range(ROUNDS)]
    at_rest = {side: idle(build, side) for side in SIDES}
    of_crowd = crowd(build)
    rows = [("", "median", "spread", "wanted")]
    for load, (title, *_) in LOADS.items():
        rows += comparison(rounds, f"{title}, deliveries/s", load, "per_second", "{:,.0f}", "at least 0.90")
        rows += comparison(rounds, f"{title}, CPU seconds per million", load, "cpu_per_million", "{:.2f}", "")
    rows += comparison(rounds, "100,000 deliveries/s, p99 in µs", "paced", "p99_us", "{:,.0f}", "at most 1.3")
    rows += comparison(rounds, "100,000 deliveries/s, CPU seconds per million", "paced", "cpu_per_million", "{:.2f}", "at most 1.15")
    spread = {side: at_rest[side]["p50_us"] for side in SIDES}
    rows += [
        (f"{IDLE_STREAMS:,} idle streams, bytes of user space each", f"{at_rest['feed']['bytes_each']:,.0f}", "", "at most 1,024"),
        (f"{CROWD[0] * CROWD[1]:,} over {CROWD[0]} processes, bytes of user space each", f"{of_crowd:,.0f}", "", "at most 1,024"),
        *((f"one event to {IDLE_STREAMS:,} of one process, first to last in µs, {name}", f"{spread[side]:,.0f}", "", "")
          for side, name in zip(SIDES, ("floor", "server"))),
        ("  server / floor", f"{spread['feed'] / spread['floor']:.2f}", "", "at most 1.1"),
    ]
    medians = {load: statistics.median(ratios(rounds, load, "per_second")) for load in LOADS}
    load_average = os.getloadavg()[0]
    title = (f"fan-out to {STREAMS:,} streams ({ROUNDS} rounds; sender on core 0, readers on core 1; events from memory;"
             f" load average {load_average:.1f}: where others run, CPU seconds compare, deliveries/s do not)")
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "idle": at_rest, "crowd_bytes_each": of_crowd, "ratio_to_floor": medians,
                                                       "load_average": load_average}}
