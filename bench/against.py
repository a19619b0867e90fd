"""The fan-out of others beside ours, in the same run and with the same readers: `./x bench fanout --against nchan` (nginx with nchan) or
`nats`. Each is set up as its manual says for this job, on core 0 like our server; the events are as long as ours."""

import contextlib
import json
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import figures
from fanout import EVENT, IDLE_STREAMS, LOADS, PACED, ROUNDS, STREAMS, Pair, Program

NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
events {{ worker_connections 30000; }}
worker_rlimit_nofile 20000;
http {{
  access_log off; keepalive_requests 100000000; tcp_nodelay on;
  nchan_shared_memory_size 512M;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=8192;
    location = /publish {{ nchan_publisher; nchan_channel_id bench; nchan_message_buffer_length 1000; nchan_message_timeout 30s; }}
    location = /subscribe {{ nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest; }}
  }}
}}
"""


def event(number):
    """As ours: see bench/fanout/event.c."""
    return ('{"id":"evt_%026d","type":"budget.threshold","timestamp":"2026-11-24T00:00:00.000Z","createdAt":"2026-11-24T00:00:00.000Z",'
            '"seq":%d,"data":{"grantId":"grnt_01KAS6GRP2J9XN5CN8H1E1DQZV","agentId":"ag_01KAS6GRP2J9XN5CN8H1E1DQZW","principalId":"user_1",'
            '"percentage":50,"remaining":100,"initial":200,"at":%020d}}' % (number, number, time.monotonic_ns())).encode()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def connected(port):
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Nchan:
    hello = "GET /subscribe HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    ready = ": hi"

    @staticmethod
    def command(folder, port):
        (Path(folder) / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
        return "nginx", "-p", folder, "-c", f"{folder}/nginx.conf"

    @staticmethod
    def publish(connection, events):
        """Returns when every one is answered."""
        connection.sendall(b"".join(
            b"POST /publish HTTP/1.1\r\nHost: x\r\nAccept: text/json\r\nContent-Length: %d\r\n\r\n%b" % (len(one), one) for one in events))
        answers = b""
        while answers.count(b"HTTP/1.1 20") < len(events):
            answers += connection.recv(65536)
            if b"HTTP/1.1 4" in answers or b"HTTP/1.1 5" in answers:
                raise RuntimeError(f"nchan refuses: {answers[:300]}")
        # The bodies of the last answers, which are short, come with them or are skipped by the next count.


class Nats:
    hello = 'CONNECT {"verbose":false}\r\nSUB bench 1\r\nPING\r\n'
    ready = "PONG"

    @staticmethod
    def command(folder, port):
        return "nats-server", "-a", "127.0.0.1", "-p", str(port)

    @staticmethod
    def publish(connection, events):
        """Returns when the server has taken them."""
        connection.sendall(b"".join(b"PUB bench %d\r\n%b\r\n" % (len(one), one) for one in events) + b"PING\r\n")
        answer = b""
        while b"PONG" not in answer:
            answer += connection.recv(65536)
            if b"PING" in answer:
                connection.sendall(b"PONG\r\n")
            if b"-ERR" in answer:
                raise RuntimeError(f"nats refuses: {answer}")


RIVALS = {"nchan": Nchan, "nats": Nats}


class Rival:
    """What fanout.Pair is for our own."""

    def __init__(self, build, kind, streams):
        self.kind, self.streams, self.number = kind, streams, 0
        self.folder = tempfile.TemporaryDirectory(prefix="grantex-bench-")
        port = free_port()
        self.server = subprocess.Popen(["taskset", "-c", "0", *kind.command(self.folder.name, port)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = connected(port)
        if kind is Nats:
            self.connection.sendall(b'CONNECT {"verbose":false}\r\n')
        before = self.own_memory()
        self.readers = Program(1, build / "bench/bench-fanout-client", port, streams, kind.hello, kind.ready, EVENT)
        self.readers.order("none\n")
        self.readers.read()
        self.memory_each = (self.own_memory() - before) / streams

    def own_memory(self):
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        return sum(int(status.split(name)[1].split()[0]) for name in ("RssAnon:", "RssShmem:")) * 1024

    def run(self, batches, at_once=1, per_second=0, kind="until"):
        before = figures.cpu_seconds(self.server.pid)
        self.readers.order(kind, batches * at_once * self.streams)
        began = time.monotonic()
        for batch in range(batches):
            if per_second:
                time.sleep(max(0.0, began + batch / per_second - time.monotonic()))
            self.kind.publish(self.connection, [event(self.number + i) for i in range(at_once)])
            self.number += at_once
        measured = json.loads(self.readers.read())
        measured["cpu_per_million"] = (figures.cpu_seconds(self.server.pid) - before) / max(measured["events"], 1) * 1e6
        return measured

    def close(self):
        self.readers.stop()
        self.connection.close()
        self.server.kill()
        self.server.wait()
        self.folder.cleanup()


def three(build, rival, streams):
    return {"floor": lambda: Pair(build, "floor", streams), "server": lambda: Pair(build, "feed", streams),
            rival: lambda: Rival(build, RIVALS[rival], streams)}


def one_round(build, rival):
    with contextlib.ExitStack() as closing:
        pairs = {}
        for name, make in three(build, rival, STREAMS).items():
            pairs[name] = make()
            closing.callback(pairs[name].close)
        measured = {load: {name: pair.run(*order) for name, pair in pairs.items()} for load, (_, *order) in LOADS.items()}
        measured["paced"] = {name: pair.run(*PACED, kind="ages") for name, pair in pairs.items()}
        return measured


def idle(make):
    pair = make()
    try:
        return pair.memory_each
    finally:
        pair.close()


def run(build, rival):
    if rival not in RIVALS:
        raise SystemExit(f"bench: --against takes one of: {', '.join(RIVALS)}")
    if not shutil.which({"nchan": "nginx", "nats": "nats-server"}[rival]):
        raise SystemExit(f"bench: {rival} is not installed")
    rounds = [one_round(build, rival) for _ in range(ROUNDS)]
    memory = {name: idle(make) for name, make in three(build, rival, IDLE_STREAMS).items()}
    names = ["floor", "server", rival]

    def row(title, load, field, form):
        middle = {name: statistics.median(one[load][name][field] for one in rounds) for name in names}
        return (title, *(form.format(middle[name]) for name in names), f"{middle['server'] / middle['floor']:.2f}",
                f"{middle[rival] / middle['floor']:.2f}")

    rows = [("", *names, "server / floor", f"{rival} / floor")]
    for load, (title, *_) in LOADS.items():
        rows.append(row(f"{title}, deliveries/s", load, "per_second", "{:,.0f}"))
        rows.append(row("  CPU seconds per million", load, "cpu_per_million", "{:.2f}"))
    rows.append(row("100,000 deliveries/s, p99 in µs", "paced", "p99_us", "{:,.0f}"))
    rows.append(row("  CPU seconds per million", "paced", "cpu_per_million", "{:.2f}"))
    rows.append((f"{IDLE_STREAMS:,} idle streams, bytes of user space each", *(f"{memory[name]:,.0f}" for name in names), "", ""))
    title = f"fan-out to {STREAMS:,} streams, against {rival} (medians of {ROUNDS} rounds; whoever sends on core 0, the readers on core 1)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "idle_bytes": memory}}
