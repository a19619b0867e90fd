"""One subscriber on an idle machine: how long after the request to change something its event is in his hands, against a bare commit."""

import json
import socket
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

import figures
from lag import DEBITS, budgets_of
from server import Server

CHANGES = 1500
WARM_UP = 100
ROUNDS = 3
ALLOWED_US = 300


def quantiles(samples):
    ordered = sorted(samples[WARM_UP:])
    return {"p50_us": statistics.median(ordered) * 1e6, "p99_us": ordered[len(ordered) * 99 // 100] * 1e6}


def bare_commits(folder):
    """One row a commit, with the server's settings."""
    with sqlite3.connect(Path(folder) / "floor.db", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE changes (number INTEGER PRIMARY KEY, what TEXT)")
        samples = []
        for _ in range(CHANGES):
            began = time.perf_counter()
            connection.execute("INSERT INTO changes (what) VALUES ('budget.threshold')")
            samples.append(time.perf_counter() - began)
    connection.close()
    return quantiles(samples)


def follow(server):
    stream = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    stream.sendall(f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n\r\n".encode())
    head = b""
    while not (b"\nid: evt_" in head and head.endswith(b"\n\n\r\n")):  # the newest event's, where it begins
        head += stream.recv(4096)
    return stream


def request(server, path, body):
    text = json.dumps(body)
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n{text}").encode()


def debits_to_handler(server):
    """Each makes an event: half gone, nearly gone, gone."""
    budgets = list(budgets_of(server, server.key, CHANGES // len(DEBITS)))
    debits = [request(server, "/v1/budget/debit", {"grantId": grant, "amount": amount}) for amount in DEBITS for _, grant in budgets]
    samples = []
    with follow(server) as stream, socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        for debit in debits:
            began = time.perf_counter()
            caller.sendall(debit)
            event = stream.recv(65536)
            samples.append(time.perf_counter() - began)
            if b'"budget.' not in event or b" 200 " not in caller.recv(65536):
                raise RuntimeError(f"no event: {event}")
    return quantiles(samples)


def one_round(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        server = Server(build, "--data", str(Path(folder) / "data"))
        try:
            return {"floor": bare_commits(folder), "handler": debits_to_handler(server)}
        finally:
            server.stop()


def run(build):
    rounds = [one_round(build) for _ in range(ROUNDS)]

    def row(title, pick, wanted=""):
        return title, *figures.middle(map(pick, rounds)), wanted

    rows = [
        ("", "median", "spread", "wanted"),
        row("bare commit, p50 in µs", lambda one: one["floor"]["p50_us"]),
        row("  p99 in µs", lambda one: one["floor"]["p99_us"]),
        row("request to handler, p50 in µs", lambda one: one["handler"]["p50_us"]),
        row("  p99 in µs", lambda one: one["handler"]["p99_us"]),
        row("  more than a bare commit, at p99", lambda one: one["handler"]["p99_us"] - one["floor"]["p99_us"], f"at most {ALLOWED_US}"),
    ]
    title = f"{CHANGES:,} debits over HTTP, one at a time, and the one who hears of them ({ROUNDS} rounds; the request is in it)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds}}
