"""A million events to one reader who asks for them by `since`, against a bare scan of the same rows."""

import json
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import figures
from server import Server

EVENTS = 1_000_000
ROUNDS = 3
BEGAN_MS = 1_700_000_000_000
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHUNK = 1 << 20


def base32(number, length):
    return "".join(BASE32[number >> 5 * place & 31] for place in reversed(range(length)))


def event_id(number):
    """A ULID of that millisecond."""
    return f"evt_{base32(BEGAN_MS + number, 10)}{base32(number, 16)}"


def event(developer, number):
    grant = f"grnt_{base32(BEGAN_MS, 10)}{base32(number % 5000, 16)}"
    data = {"grantId": grant, "tokenId": f"tok_{base32(BEGAN_MS, 10)}{base32(number, 16)}", "method": "refresh_token"}
    return developer, number, event_id(number), "token.issued", BEGAN_MS + number, json.dumps(data, separators=(",", ":"))


def fill(store, developer):
    """What a million exchanges would have left, without their tokens."""
    with sqlite3.connect(store) as connection:
        connection.executemany("INSERT INTO events (developer_id, seq, id, type, timestamp, data) VALUES (?, ?, ?, ?, ?, ?)",
                               (event(developer, number) for number in range(1, EVENTS + 1)))
        connection.execute("UPDATE developers SET last_seq = ?, last_event_id = ?, last_event_at = ? WHERE id = ?",
                           (EVENTS, event_id(EVENTS), BEGAN_MS + EVENTS, developer))
    connection.close()


def scan(build, store, developer):
    done = subprocess.run([str(build / "bench/bench-replay-floor"), store, developer], check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)
    if measured["rows"] != EVENTS:
        raise RuntimeError(f"the scan saw {measured['rows']} rows")
    return measured


def replay(server, key=None):
    """From the request to the last event's id; what comes in between is only counted in bytes, to cost the server's cores nothing."""
    last, tail, received = event_id(EVENTS).encode(), b"", 0
    buffer = memoryview(bytearray(CHUNK))
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as reader:
        reader.sendall(f"GET /v1/events/stream?since=2020-01-01T00:00:00Z HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key or server.key}\r\n\r\n".encode())
        while last not in tail:
            length = reader.recv_into(buffer)
            if length == 0:
                raise RuntimeError("the replay ended early")
            received += length
            tail = (tail + bytes(buffer[max(0, length - 600):length]))[-1000:]
    return {"seconds": time.monotonic() - began, "bytes": received}


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        server = Server(build, "--data", folder)
        try:
            server.connection.request("GET", "/v1/me", headers={"Authorization": f"Bearer {server.key}"})
            developer = json.loads(server.connection.getresponse().read())["developerId"]
            store = str(next(Path(folder).glob("*.db")))
            fill(store, developer)
            replay(server)  # the pages of the file are in memory from here on, for both
            rounds = [{"floor": scan(build, store, developer), "replay": replay(server)} for _ in range(ROUNDS)]
        finally:
            server.stop()

    ratios = [one["floor"]["seconds"] / one["replay"]["seconds"] for one in rounds]
    rows = [
        ("", "median", "spread", "wanted"),
        ("bare scan, rows/s", *figures.middle(EVENTS / one["floor"]["seconds"] for one in rounds), ""),
        ("replay, events/s", *figures.middle(EVENTS / one["replay"]["seconds"] for one in rounds), ""),
        ("replay, MB/s on the wire", *figures.middle(one["replay"]["bytes"] / one["replay"]["seconds"] / 1e6 for one in rounds), ""),
        ("  replay / scan", *figures.middle(ratios, "{:.2f}"), "at least 0.50"),
    ]
    title = f"replay of {EVENTS:,} events by since to one reader, SQLite ({ROUNDS} rounds)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "ratio_to_floor": statistics.median(ratios)}}
