"""The client alone: how fast bytes become frames and events in memory, and from a socket through libgrantex, beside what the machine does with
the same bytes at all. One core each for the sender and the receiver."""

import json
import statistics
import subprocess

import figures

EVENTS = 1_000_000
ROUNDS = 7


def in_memory(build):
    return json.loads(subprocess.run([build / "bench/bench-parse-memory"], stdout=subprocess.PIPE, check=True).stdout)


def over_loopback(build):
    """The raw loop and the library take turns."""
    sender = subprocess.Popen([build / "bench/bench-parse-sender", str(EVENTS)], stdout=subprocess.PIPE, text=True)
    try:
        port, size = sender.stdout.readline().split()
        taken = {"raw": [], "stream": []}
        for _ in range(ROUNDS):
            for how, results in taken.items():
                receiver = [build / "bench/bench-parse-receiver", how, f"http://127.0.0.1:{port}", str(EVENTS), size]
                results.append(json.loads(subprocess.run(receiver, stdout=subprocess.PIPE, check=True).stdout))
        return {"bytes": int(size), **taken}
    finally:
        sender.kill()
        sender.wait()


def run(build):
    memory, socket = in_memory(build), over_loopback(build)
    size = memory["bytes"] / memory["events"]

    def row(title, name, wanted=""):
        return title, *figures.middle(memory[name], "{:.2f}"), wanted

    ratios = [raw["seconds"] / stream["seconds"] for raw, stream in zip(socket["raw"], socket["stream"])]
    per_event = [EVENTS / one["seconds"] / 1e6 for one in socket["stream"]]
    last = socket["stream"][-1]
    rows = [
        (f"GB/s, {size:.0f} bytes an event, 16 KiB at a time", "median", "spread", "wanted"),
        row("one copy", "copy"),
        row("one search for LF", "find_lines"),
        row("parser, LF", "parser_lf", "4"),
        row("parser, CRLF", "parser_crlf"),
        row("parser, CR", "parser_cr"),
        row("parser and envelope", "events_lf", "1.5"),
        ("  in millions of events/s", *figures.middle([one * 1e3 / size for one in memory["events_lf"]], "{:.1f}"), "5"),
        ("  to one copy", f"{statistics.median(memory['events_lf']) / statistics.median(memory['copy']):.2f}", "", ""),
        ("loopback, millions of events/s by libgrantex", *figures.middle(per_event, "{:.2f}"), ""),
        ("  to a bare recv loop", *figures.middle(ratios, "{:.2f}"), "0.75"),
        ("  allocations for 1,000 events", f"{last['allocations'] * 1000 / EVENTS:.1f}", "", "0"),
        ("  bytes that the stream holds", f"{last['bytes_held']:,}", "", ""),
    ]
    return {"title": "libgrantex: parsing", "rows": rows, "result": {"memory": memory, "loopback": socket}}
