"""A real pseudo-terminal with a command in it: what it writes, keys that are typed, another size, whether it left things as it found them."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time

from . import build

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")


class Terminal:
    def __init__(self, command, environment, columns=100, rows=30):
        self._changed = threading.Condition()
        self.written = ""
        self.master, self._slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self._slave)
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=self._slave, stdout=self._slave, stderr=self._slave, env={"TERM": "xterm-256color", **environment},
            preexec_fn=self._take_over, start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _take_over(self):
        fcntl.ioctl(self._slave, termios.TIOCSCTTY, 0)

    def _read(self):
        pending = b""
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return
            pending += piece
            text = pending.decode(errors="ignore")
            pending = b"" if not pending or pending[-1] < 0x80 else pending[len(text.encode()):]
            with self._changed:
                self.written += text
                self._changed.notify_all()

    @property
    def text(self):
        """Without what only moves and paints."""
        return ESCAPE.sub("", self.written)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, keys):
        os.write(self.master, keys.encode())

    def wait_for(self, condition, what=None):
        """A text that must be there, or a condition."""
        holds = condition if callable(condition) else lambda: condition in self.text
        until = time.monotonic() + build.PATIENCE
        with self._changed:
            while not holds():
                left = until - time.monotonic()
                assert left > 0, f"{what or condition!r} did not come; there is:\n{self.text[-3000:]}"
                self._changed.wait(min(left, 0.2))

    def mark(self):
        """From here on: what is written later."""
        return len(self.written)

    def since(self, mark):
        return ESCAPE.sub("", self.written[mark:])

    def end(self, how=None):
        """Sends the signal, or the keys; the exit status."""
        if isinstance(how, str):
            self.send(how)
        elif how is not None:
            self.process.send_signal(how)
        try:
            return self.process.wait(build.PATIENCE)
        finally:
            self.after = termios.tcgetattr(self._slave)
            self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._slave >= 0:
            os.close(self._slave)
            self._slave = -1
        self._reader.join(build.PATIENCE)  # it ends when all is read and nobody has the other side open
