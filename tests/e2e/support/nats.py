"""NATS servers of the tests' own, alone or as a cluster: own folder, free ports, killed and started again as a test wants; and a client of
the bare protocol that sees, repeats and forges what goes over it."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from . import build
from .ports import free_port


def program():
    found = shutil.which("nats-server", path=f"{os.environ['PATH']}:/usr/sbin")
    assert found, "nats-server is not installed: ./x install-deps test"
    return found


class Nats:
    def __init__(self, folder, config="", cluster=None, others=()):
        """`cluster`: the port of its route; `others`: the ports of the other nodes' routes. Of those it tells nobody, who would then go round a
        wire that is cut."""
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = free_port()
        text = [f'listen: "127.0.0.1:{self.port}"', config]
        if cluster:
            routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in others)
            text.append(f'cluster {{ name: test, listen: "127.0.0.1:{cluster}", routes: [{routes}], no_advertise: true }}')
        self.config = folder / "nats.conf"
        self.config.write_text("\n".join(text) + "\n")
        self.process = None

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def start(self):
        log = self.folder / "log"
        self.process = subprocess.Popen([program(), "-c", self.config, "-l", log], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + build.PATIENCE
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, log.read_text() if log.exists() else "no log"
            time.sleep(0.01)
        return self

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=build.PATIENCE) as probe:
                return probe.recv(4) == b"INFO"
        except OSError:
            return False

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(build.PATIENCE)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)


def cluster(folder, count=3):
    ports = [free_port() for _ in range(count)]
    return [
        Nats(pathlib.Path(folder) / f"nats-{number}", cluster=port, others=[other for other in ports if other != port])
        for number, port in enumerate(ports)
    ]


class Eavesdropper:
    """Sees every message of the bus from the moment it is made."""

    def __init__(self, nats):
        self.socket = socket.create_connection(("127.0.0.1", nats.port), timeout=build.PATIENCE)
        self.input = self.socket.makefile("rb")
        assert self.input.readline().startswith(b"INFO")
        self._say(b'CONNECT {"verbose":false,"echo":false}\r\nSUB > 1\r\nPING\r\n')
        while self.input.readline() != b"PONG\r\n":
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.input.close()
        self.socket.close()

    def _say(self, text):
        self.socket.sendall(text)

    def publish(self, subject, payload):
        self._say(b"PUB %s %d\r\n%s\r\n" % (subject.encode(), len(payload), payload))

    def next(self):
        """(subject, payload)"""
        while True:
            line = self.input.readline()
            assert line, "the bus has ended"
            if line == b"PING\r\n":
                self._say(b"PONG\r\n")
            elif line.startswith(b"MSG "):
                words = line.split()
                payload = self.input.read(int(words[-1]) + 2)[:-2]
                return words[1].decode(), payload

    def events(self, count):
        """Messages until they hold so many events: [(subject, payload)]."""
        messages, seen = [], 0
        while seen < count:
            messages.append(self.next())
            seen += len([json.loads(line) for line in messages[-1][1].splitlines()])
        return messages
