"""The client alone: how fast bytes become frames and events in memory, and from a socket through libgrantex, beside what the machine does with
the same bytes at all. One core each for the sender and the receiver."""

import contextlib
import json
import statistics
import subprocess

import figures

EVENTS = 1_000_000
ROUNDS = 7
CHUNK = 16384
PACED = 20_000  # events, a few at a time, as a live stream has them
PACED_CHUNK = 1024
PACED_PAUSE_US = 200
WINDOW_BYTES = 4096 * (44 + 2 * 4)  # what src/lib/recent.c keeps: an entry and two slots of the table for each id


def in_memory(build):
    return json.loads(subprocess.run([build / "bench/bench-parse-memory"], stdout=subprocess.PIPE, check=True).stdout)


@contextlib.contextmanager
def sender(build, *arguments):
    """Its port and the length of the body that it sends."""
    process = subprocess.Popen([build / "bench/bench-parse-sender", *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().split()
    finally:
        process.kill()
        process.wait()


def receive(build, how, port, events, size):
    receiver = [build / "bench/bench-parse-receiver", how, f"http://127.0.0.1:{port}", str(events), size]
    return json.loads(subprocess.run(receiver, stdout=subprocess.PIPE, check=True).stdout)


def over_loopback(build):
    """The raw loop, the same loop with the parser in it, and the library take turns."""
    taken = {"raw": [], "frames": [], "stream": []}
    with sender(build, EVENTS, CHUNK, 0) as (port, size):
        for _ in range(ROUNDS):
            for how, results in taken.items():
                results.append(receive(build, how, port, EVENTS, size))
    with sender(build, PACED, PACED_CHUNK, PACED_PAUSE_US) as (port, size):
        paced = receive(build, "stream", port, PACED, size)
    return {**taken, "paced": paced}


def run(build):
    memory, socket = in_memory(build), over_loopback(build)
    size = memory["bytes"] / memory["events"]

    def row(title, name, wanted=""):
        return title, *figures.middle(memory[name], "{:.2f}"), wanted

    def ratios(how, floor):
        return [one["seconds"] / other["seconds"] for one, other in zip(socket[floor], socket[how])]

    per_event = [EVENTS / one["seconds"] / 1e6 for one in socket["stream"]]
    last, paced = socket["stream"][-1], socket["paced"]
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
        ("  to a bare recv loop", *figures.middle(ratios("stream", "raw"), "{:.2f}"), "0.75"),
        ("  to a recv loop with the parser in it", *figures.middle(ratios("stream", "frames"), "{:.2f}"), ""),
        ("  of that loop, to the bare one", *figures.middle(ratios("frames", "raw"), "{:.2f}"), ""),
        ("  allocations for 1,000 events, paced", f"{paced['allocations'] * 1000 / PACED:.1f}", "", "0"),
        ("  allocations for 1,000 events, flooded", f"{last['allocations'] * 1000 / EVENTS:.1f}", "", "0"),
        ("  bytes that a stream holds beside its window, paced", f"{paced['bytes_held'] - WINDOW_BYTES:,}", "", "65,536"),
        ("  bytes that a stream holds beside its window, flooded", f"{last['bytes_held'] - WINDOW_BYTES:,}", "", "65,536"),
    ]
    return {"title": "libgrantex: parsing", "rows": rows, "result": {"memory": memory, "loopback": socket}}
