"""Attacks on the socket of the real server, each by its name: who floods it gets an error or an end, costs it no memory, and others are
served meanwhile. SECURITY.md lists the rest, with the tests that hold them."""

import itertools
import re
import socket
import time
import urllib.parse

import pytest

from support import build

MOST_GROWTH = (512 if build.SANITIZER else 8) << 20  # bytes; ASan keeps 256 MiB of what was freed
BLOCK = 64 << 10


@pytest.fixture(name="wire")
def fixture_wire(server):
    """A bare connection to the server."""
    parts = urllib.parse.urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=build.PATIENCE) as connection:
        yield connection


def resident(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as lines:
        return int(re.search(r"VmRSS:\s+(\d+) kB", lines.read())[1]) << 10


def pour(wire, piece, size):
    """`size` bytes of `piece` again and again, until the server will not have more."""
    block = piece * (BLOCK // len(piece))
    for _ in range(size // len(block)):
        try:
            wire.sendall(block)
        except (BrokenPipeError, ConnectionResetError):
            return


def answers(wire):
    taken = b""
    try:
        while block := wire.recv(BLOCK):
            taken += block
    except ConnectionResetError:
        pass  # behind the answer there was more than the server wanted to read
    return taken


@pytest.mark.parametrize("piece", [b"A: b\r\n", b"A: " + b"b" * 1000 + b"\r\n", b"a"], ids=["small ones", "large ones", "one without an end"])
def test_header_flood_of_a_million_headers_is_refused_and_costs_no_memory(server, sandbox, wire, piece):
    before = resident(server)
    wire.sendall(b"GET /v1/me HTTP/1.1\r\nHost: x\r\n")
    pour(wire, piece, 6_000_000)
    assert answers(wire).startswith(b"HTTP/1.1 431 ")
    assert resident(server) - before < MOST_GROWTH
    assert sandbox.get("/v1/me").status == 200


def test_pipelining_abuse_ten_thousand_requests_whose_answers_nobody_reads_cost_no_memory(server, sandbox, wire):
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.settimeout(2)  # the server stops reading: what cannot be sent any more is not
    before = resident(server)
    try:
        pour(wire, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", 4_000_000)
    except TimeoutError:
        pass
    assert resident(server) - before < MOST_GROWTH
    assert sandbox.get("/v1/me").status == 200


@pytest.mark.parametrize("framing, body", [
    (b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    (b"Content-Length: 0\r\nContent-Length: 40\r\n", b""),
    (b"Transfer-Encoding: xchunked\r\n", b""),
    (b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n"),
    (b"Transfer-Encoding: chunked\r\n", b"0 0\r\n\r\n"),
    (b"Transfer-Encoding: chunked\n", b"0\r\n\r\n"),
], ids=["both lengths", "two lengths", "a coding that is none", "a blank before the colon", "a bad chunk", "a bare LF"])
def test_request_smuggling_ends_the_connection_and_the_request_inside_is_never_served(server, wire, framing, body):
    inside = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
    wire.sendall(b"POST /v1/agents HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n" + body + inside)
    told = answers(wire)
    assert told.startswith(b"HTTP/1.1 400 ") and told.count(b"HTTP/1.1 ") == 1


def admitted(server, own):
    """A connection from an address of this machine that was answered; None when it was closed without a word."""
    parts = urllib.parse.urlsplit(server.url)
    wire = socket.create_connection((parts.hostname, parts.port), timeout=build.PATIENCE, source_address=(own, 0))
    try:
        wire.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        if wire.recv(BLOCK).startswith(b"HTTP/1.1 200 "):
            return wire
    except ConnectionError:
        pass
    wire.close()
    return None


def test_one_address_cannot_take_the_connections_of_the_others(start):
    server = start("--connections-per-address", 20, "--threads", 2)
    taken = list(itertools.takewhile(lambda wire: wire is not None, (admitted(server, "127.0.0.1") for _ in range(21))))
    assert 0 < len(taken) <= 20
    other = admitted(server, "127.0.0.2")
    assert other is not None
    other.close()
    for wire in taken:
        wire.close()
    deadline = time.monotonic() + build.PATIENCE
    while (again := admitted(server, "127.0.0.1")) is None:  # the server sees the ends in its own time
        assert time.monotonic() < deadline
    again.close()


def test_a_host_that_is_none_is_refused(wire):
    wire.sendall(b"GET /livez HTTP/1.1\r\nHost: user@x/<script>\r\n\r\n")
    assert answers(wire).startswith(b"HTTP/1.1 400 ")
