"""The Python package beside the official SDK, on the bytes that grantexd sends for a million real events, recorded once: all read
them from the same sender. The SDK's way is its own: httpx, lines, json, an object for each event."""

import itertools
import json
import os
import pathlib
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile

import figures
from parse import sender
from replay import event_id
from server import Server

EVENTS = 1_000_000
SDK_EVENTS = 100_000  # it reads a part: it is slow, and its rate does not change
ROUNDS = 5
CHUNK = 16384
BEGAN_MS = 1_700_000_000_000
ROOT = pathlib.Path(__file__).resolve().parent.parent
WAYS = {"async": "async for", "async-data": "async for, data read", "uvloop-data": "the same in uvloop", "for": "for",
        "for-data": "for, data read"}
WANTED = {"async": 15, "async-data": 5}
FLAT = 5_000_000  # bytes by which memory may differ between a tenth and the end


# --- the bytes


def live(server):
    """One grant's life: events of all five types, as the server makes them."""
    agent = server.post("/v1/agents", {"name": "planner", "scopes": ["calendar:read", "contacts:read"]})["agentId"]
    asked = server.post("/v1/authorize", {"agentId": agent, "principalId": "user_abc123", "scopes": ["calendar:read", "contacts:read"]})
    token = server.post("/v1/token", {"code": asked["code"], "agentId": agent})
    grant = token["grantId"]
    server.post("/v1/token/refresh", {"refreshToken": token["refreshToken"], "agentId": agent})
    server.post("/v1/budget/allocate", {"grantId": grant, "initialBudget": 1000})
    for amount in (500, 300, 200):
        server.post("/v1/budget/debit", {"grantId": grant, "amount": amount})
    server.connection.request("DELETE", f"/v1/grants/{grant}", headers={"Authorization": f"Bearer {server.key}"})
    server.connection.getresponse().read()


def multiply(store):
    """The events that are there, over and over, with ids, numbers and times of their own. Returns the first time."""
    with sqlite3.connect(store) as connection:
        (developer,) = connection.execute("SELECT id FROM developers").fetchone()
        lived = connection.execute("SELECT type, data FROM events ORDER BY seq").fetchall()
        connection.execute("DELETE FROM events")
        rows = ((developer, number, event_id(number), kind, BEGAN_MS + number, data)
                for number, (kind, data) in zip(range(1, EVENTS + 1), itertools.cycle(lived)))
        connection.executemany("INSERT INTO events (developer_id, seq, id, type, timestamp, data) VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("UPDATE developers SET last_seq = ?, last_event_id = ?, last_event_at = ? WHERE id = ?",
                           (EVENTS, event_id(EVENTS), BEGAN_MS + EVENTS, developer))
    connection.close()


def record(server, path):
    """The body of the stream as it is, chunks taken apart."""
    last = f"id: {event_id(EVENTS)}\n".encode()
    request = (f"GET /v1/events/stream?since=2023-01-01T00:00:00Z HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection, open(path, "wb") as body:
        connection.sendall(request.encode())
        reader = connection.makefile("rb")
        while reader.readline() not in (b"\r\n", b""):
            pass
        while size := int(reader.readline(), 16):
            piece = reader.read(size)
            reader.readline()
            body.write(piece)
            if last in piece:
                return


def make_body(build, folder):
    data = folder / "data"
    server = Server(build, "--data", str(data), "--rate-limits", "off")
    for _ in range(20):
        live(server)
    server.stop()
    multiply(data / "grantex.db")
    server = Server(build, "--data", str(data), "--key", server.key)
    record(server, folder / "body")
    server.stop()
    return folder / "body"


# --- the readers


def sdk_python():
    """The interpreter that has the official SDK; None and the reason where it cannot be had."""
    sys.path[:0] = [str(ROOT / "tests/sdk"), str(ROOT / "tests/e2e")]
    import python_sdk

    path = list(sys.path)
    why = python_sdk.fault()
    sys.path[:] = path  # it has our package's name
    return (None, why) if why else (python_sdk.FOLDER / "bin/python", None)


def read(program, how, port, events, **environment):
    command = [program, ROOT / "bench/python/receiver.py", how, port, str(events)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, "NO_PROXY": "127.0.0.1", **environment})
    return json.loads(done.stdout)


def measure(build, body):
    """All take turns."""
    theirs, why = sdk_python()
    taken = {how: [] for how in WAYS}
    taken["sdk"] = []
    ours = {"PYTHONPATH": str(build.resolve() / "python")}
    with sender(build, body, CHUNK, 0) as (port, _):
        for _ in range(ROUNDS):
            for how in WAYS:
                taken[how].append(read("/usr/bin/python3", how, port, EVENTS, **ours))
            if theirs:
                taken["sdk"].append(read(theirs, "sdk", port, SDK_EVENTS))
    return taken, why


def row(how, taken):
    rates = [one["events"] / one["seconds"] for one in taken[how]]
    ratios = [rate / (sdk["events"] / sdk["seconds"]) for rate, sdk in zip(rates, taken["sdk"])]
    ratio = f"{statistics.median(ratios):.1f} times ({min(ratios):.1f} to {max(ratios):.1f})" if ratios else "not measured"
    return WAYS[how], *figures.middle(rates), ratio, WANTED.get(how, "")


def run(build):
    with tempfile.TemporaryDirectory() as folder:
        body = make_body(build, pathlib.Path(folder))
        size = body.stat().st_size / EVENTS
        taken, why = measure(build, body)
    growth = [one["late"] - one["early"] for how in WAYS for one in taken[how]]
    rows = [(f"events/s, {size:.0f} bytes an event, a thread's own time", "median", "spread", "to the SDK", "wanted")]
    if taken["sdk"]:
        rows.append(("the official SDK", *figures.middle(one["events"] / one["seconds"] for one in taken["sdk"]), "1", ""))
    else:
        rows.append((f"THE OFFICIAL SDK WAS NOT MEASURED: {why}", "", "", "", ""))
    rows += [row(how, taken) for how in WAYS]
    rows.append(("memory from 100,000 to 1,000,000 events, MB", f"{max(growth, key=abs) / 1e6:+.2f}", "the largest of all", "", f"±{FLAT / 1e6:.0f}"))
    return {"title": "The Python package", "rows": rows, "result": {**taken, "skipped": why}}
