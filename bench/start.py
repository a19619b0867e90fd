"""How soon a server is ready, from the program's start to its ready line, and how much memory it then has while nobody asks anything."""

import statistics
import tempfile
import time
from pathlib import Path

import figures
import debits
from server import Server

STARTS = 10
IDLE_SECONDS = 0.3
MOST_MS = 50
MOST_MB = 12


def resident_mb(server):
    time.sleep(IDLE_SECONDS)
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def started(build, folder):
    began = time.perf_counter()
    server = Server(build, "--data", folder)
    return server, (time.perf_counter() - began) * 1000


def one_start(build, folder, kill=False):
    """Milliseconds to the ready line, resident megabytes when idle."""
    server, ms = started(build, folder)
    try:
        return ms, resident_mb(server)
    finally:
        if kill:
            server.process.kill()
        server.stop()


def fill(build, folder):
    """Debits for a while, then kill -9: the next start finds a WAL to recover. Resident megabytes when idle again."""
    server, ms = started(build, folder)
    try:
        debits.debits_of(build, server, [server.key])
        return ms, resident_mb(server)
    finally:
        server.process.kill()
        server.stop()


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        new_ms, loaded_mb = fill(build, folder)
        after_kill = [one_start(build, folder, kill=True) for _ in range(STARTS)]
        one_start(build, folder)  # ends in order: no WAL any more
        after_stop = [one_start(build, folder) for _ in range(STARTS)]

    measured = {
        "new_ms": [new_ms],
        "existing_ms": [ms for ms, _ in after_stop],
        "killed_ms": [ms for ms, _ in after_kill],
        "idle_mb": [mb for _, mb in after_stop + after_kill],
        "idle_after_load_mb": [loaded_mb],
    }

    def row(name, key, limit):
        values = measured[key]
        return name, *figures.middle(values, "{:,.1f}"), limit

    rows = [
        ("", "median", "spread", "at most"),
        row("ready with an existing database, ms", "existing_ms", MOST_MS),
        row("ready after kill -9, with a WAL to recover, ms", "killed_ms", MOST_MS),
        row("ready in a new folder (makes its RSA key), ms", "new_ms", ""),
        row("resident when idle, MB", "idle_mb", MOST_MB),
        row(f"resident when idle again, after {debits.SECONDS} s of debits, MB", "idle_after_load_mb", ""),
    ]
    medians = {key: statistics.median(values) for key, values in measured.items()}
    return {"title": f"start and rest ({STARTS} starts of each kind)", "rows": rows, "result": {**medians, "all": measured}}
