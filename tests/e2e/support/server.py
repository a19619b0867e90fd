"""grantexd as a process: started on a free port in its own folder, killed, ended, started again."""

import json
import os
import re
import select
import signal
import subprocess
import time

from . import build, ports, secrets_told, tls
from .api import Api

DEV_KEY = "gx_test_the-developer-of-the-tests"


class StartFailed(AssertionError):
    """It ended, or was silent, before its ready line."""


class Server:
    def __init__(self, folder, *options, command="dev", key=DEV_KEY, store=None, environment=None):
        self.folder = folder
        self.program = [str(build.GRANTEXD)]
        self.data = folder / "data"
        self.database = self.data / "grantex.db"
        self.where = ["--store", store] if store else ["--data", str(self.data)]
        self.key = key if command == "dev" else None
        self.command = command
        self.options = [str(option) for option in options]
        if tls.EVERYWHERE and "--tls-cert" not in self.options:
            self.options += tls.common().options
        self.environment = environment or {}
        self.port, self.held = 0, False  # what it gets, it keeps when it is started again
        self.url = None
        self.process = None
        self.errors = folder / "stderr"

    def use(self, database):
        """Keeps what it keeps in a postgres.Database, not in a file."""
        self.where = ["--store", database.url]
        self.database = database
        return self

    def start(self):
        """Returns when the ready line has come."""
        arguments = [self.command, "--listen", f"127.0.0.1:{self.port}", *self.where, *self.options]
        if self.key is not None:
            arguments += ["--key", self.key]
        secrets_told.log(self.errors)
        if self.port and not self.held:  # nobody may take it before the server is there again
            self.held = ports.hold(self.port, self)
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen(
                [*self.program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env=build.environment(self.folder, **self.environment),
            )
        ready = self._ready_line()
        self.url = ready["url"]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.held = self.held or ports.hold(self.port, self)
        assert ready["pid"] == self.process.pid
        return self

    def _ready_line(self):
        deadline, line = time.monotonic() + build.PATIENCE, b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                self.kill()
                raise StartFailed(f"no ready line, only {line!r}; stderr:\n{self.stderr()}")
            line += piece
        return json.loads(line)

    def kill(self):
        """kill -9: no chance to tidy up."""
        self.process.kill()
        return self._ended()

    def terminate(self):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def _ended(self):
        try:
            status = self.process.wait(build.PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError("the server did not end in time") from None
        self.process.stdout.close()
        return status

    def restart(self):
        """On the same data and port."""
        if self.running():
            self.kill()
        return self.start()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def finish(self):
        """The end of a test: it still runs, ends well when asked to, and no sanitizer had anything to say."""
        status = 0
        if self.process is not None and not self.process.stdout.closed:
            status = self.terminate()
        assert not build.SANITIZER_REPORT.search(self.stderr()), "a sanitizer found something (see stderr)"
        assert status == 0, f"the server ended with status {status}"

    def stderr(self):
        return self.errors.read_text(errors="replace") if self.errors.exists() else ""

    def wait_for_log(self, text):
        deadline = time.monotonic() + build.PATIENCE
        while text not in self.stderr():
            assert time.monotonic() < deadline, f"{text!r} is not in the log"
            time.sleep(0.01)

    def stderr_tail(self, lines=60):
        kept = self.stderr().splitlines()
        return re.sub(r"gx_(live|test)_[\w-]+", r"gx_\1_…", "\n".join(kept[-lines:]))

    def api(self, key=None, **options):
        """A client with the given key, else with that of `grantexd dev`."""
        return Api(self.url, key or self.key, **options)

    def anonymous(self):
        return Api(self.url, None)

    def sign_up(self, name="Acme", mode="live"):
        """A client of a new developer of this server."""
        answer = self.anonymous().post("/v1/signup", {"name": name, "mode": mode})
        assert answer.status == 201, answer
        return self.api(answer.json["apiKey"])
