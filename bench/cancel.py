"""How soon a stream lets go: from grantex_stream_cancel to the return of grantex_stream_next, in each state that a stream can be in, beside
what a bare eventfd takes to wake a thread."""

import json
import socket
import ssl
import statistics
import subprocess
import tempfile
import threading
from pathlib import Path

ROUNDS = 200
ALLOWED_US = 1000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
OPEN = HEAD + b"d\r\n: connected\n\n\r\n"
CUT = HEAD + b"e\r\nretry: 60000\n\n\r\n"

# What it is called, HOW, STATE (bench/cancel/cancel.c), what the server answers, whether it closes then, whether it speaks TLS, the URL's scheme.
STATES = (
    ("another thread; connecting", "thread", "wait", b"", False, False, "http"),
    ("another thread; idle", "thread", "open", OPEN, False, False, "http"),
    ("another thread; backing off", "thread", "retrying", CUT, True, False, "http"),
    ("another thread; in the TLS handshake", "thread", "wait", b"", False, False, "https"),
    ("another thread; idle in TLS", "thread", "open", OPEN, False, True, "https"),
    ("a signal handler; connecting", "signal", "wait", b"", False, False, "http"),
    ("a signal handler; idle", "signal", "open", OPEN, False, False, "http"),
    ("a signal handler; backing off", "signal", "retrying", CUT, True, False, "http"),
    ("a signal handler; idle in TLS", "signal", "open", OPEN, False, True, "https"),
    ("inside the callback; opened", "callback", "open", OPEN, False, False, "http"),
    ("inside the callback; backing off", "callback", "retrying", CUT, True, False, "http"),
)


def make_certificate(folder):
    """For 127.0.0.1, with its key, by the command of OpenSSL."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=bench",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
    return certificate, key


class Server:
    """Answers everybody with the same bytes, then closes, or waits until the client does."""

    def __init__(self, answer, closes, tls):
        self._answer, self._closes, self._tls = answer, closes, tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._play(connection)
                except OSError:
                    pass  # the client has gone, as it should

    def _play(self, connection):
        if self._tls:
            connection = self._tls.wrap_socket(connection, server_side=True)
        with connection:
            connection.recv(65536)
            connection.sendall(self._answer)
            while not self._closes and connection.recv(65536):
                pass


def measure(build, *arguments):
    done = subprocess.run([build / "bench/bench-cancel", *map(str, arguments)], stdout=subprocess.PIPE, check=True, timeout=120)
    return json.loads(done.stdout)


def measure_state(build, certificate, tls, how, state, answer, closes, secure, scheme):
    server = Server(answer, closes, tls if secure else None)
    try:
        return measure(build, how, state, ROUNDS, f"{scheme}://127.0.0.1:{server.port}", certificate)
    finally:
        server.stop()


def row(title, taken, wanted=""):
    p99 = statistics.quantiles(taken["returned"], n=100)[98]
    closed = f"{statistics.median(taken['closed']):,.0f}" if "closed" in taken else ""
    return title, f"{statistics.median(taken['returned']):,.0f}", f"{p99:,.0f}", closed, wanted


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        certificate, key = make_certificate(Path(folder))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        floor = measure(build, "floor", ROUNDS)
        taken = {title: measure_state(build, certificate, tls, *rest) for title, *rest in STATES}
    rows = [("µs from the cancel", "median", "p99", "and closed", "wanted of the median"), row("a bare eventfd", floor)]
    rows += [row(title, one, f"under {ALLOWED_US:,}") for title, one in taken.items()]
    medians = {title: statistics.median(one["returned"]) for title, one in taken.items()}
    return {"title": f"libgrantex: cancel ({ROUNDS} rounds each)", "rows": rows,
            "result": {"floor_us": statistics.median(floor["returned"]), "median_us": medians}}
