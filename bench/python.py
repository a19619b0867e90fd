"""The Python package beside the official SDK, on the bytes that grantexd sends for a million real events: both read them from
the same sender, on the other core. The SDK's way is its own: httpx, lines, json, an object for each event."""

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
import time

import figures
from parse import sender
from replay import base32, event_id
from server import Server

EVENTS = 1_000_000
SDK_EVENTS = 100_000  # it reads a part: it is slow, and its rate does not change
ROUNDS = 5
CHUNK = 16384
BEGAN_MS = 1_700_000_000_000
ROOT = pathlib.Path(__file__).resolve().parent.parent
WAYS = ("async", "async-data", "uvloop", "uvloop-data", "for", "for-data")


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
