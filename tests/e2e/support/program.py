"""A program that listens to a server, in the background: its lines as they come. It finds grantex, the command, in its PATH."""

import os
import signal
import subprocess
import threading

from . import build


class Program:
    def __init__(self, server, *command, key=None, **environment):
        self.lines = []
        self._changed = threading.Condition()
        environment = build.environment(
            server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=key or server.key, **environment)
        environment["PATH"] = f"{build.GRANTEX.parent}:{environment['PATH']}"
        self._errors = open(server.folder / f"stderr of a program {id(self)}", "w+")
        self.process = subprocess.Popen(
            list(map(str, command)), env=environment, start_new_session=True, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def errors(self):
        """What it has written to stderr so far."""
        with open(self._errors.name) as written:
            return written.read()

    def wait_for(self, *parts):
        """Each of the parts stands in a line of its own, in this order."""
        def all_there():
            lines = iter(self.lines)
            return all(any(part in line for line in lines) for part in parts)
        with self._changed:
            assert self._changed.wait_for(all_there, build.PATIENCE), (parts, self.lines, self.errors())

    def wait_lines(self, count):
        with self._changed:
            there = self._changed.wait_for(lambda: len(self.lines) >= count, build.PATIENCE)
            assert there, (count, self.lines, self.errors())
            return self.lines[:count]

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def press_enter(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self):
        """Its exit status, as soon as it and whatever wrote for it have ended. All its lines are there then."""
        status = self.process.wait(build.PATIENCE)
        self._reader.join(build.PATIENCE)
        assert not self._reader.is_alive(), f"it has ended, but something still holds its output: {self.lines}"
        return status

    def kill(self):
        """With all that it has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self._errors.close()
