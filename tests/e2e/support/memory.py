"""A grantexd whose n-th allocation fails when the test says so (tests/e2e/faults/short_of_memory.c)."""

import contextlib

from . import build
from .control import Control
from .server import Server

PROGRAM = build.FOLDER / "tests/bin/grantexd-short-of-memory"

# Whose allocations count beside our own; bits of `library` in short_of_memory.c.
SQLITE, OPENSSL, LIBUV = 1, 2, 4
# Under a sanitizer each step takes so long that only ours are made to fail: what is looked for there is what we do then.
ALL = 0 if build.SANITIZER else SQLITE | OPENSSL | LIBUV

MOST = 20000  # no request asks for so many


class Memory:
    """The file through which the program is told; four longs, as `control` in short_of_memory.c."""

    COUNTDOWN, FAILED, COUNT, LIBRARIES = range(4)

    def __init__(self, folder):
        self._control = Control(folder / "memory")
        self.path = self._control.path

    @property
    def count(self):
        return self._control[self.COUNT]

    @property
    def failed(self):
        return self._control[self.FAILED] != 0

    def fail(self, n, libraries=0):
        """The n-th allocation from now on fails, once; 0: none."""
        self._control[self.COUNTDOWN] = 0
        self._control[self.FAILED] = 0
        self._control[self.LIBRARIES] = libraries
        self._control[self.COUNTDOWN] = n

    @contextlib.contextmanager
    def failing(self, n, libraries=0):
        self.fail(n, libraries)
        try:
            yield
        finally:
            self._control[self.COUNTDOWN] = 0

    def every(self, libraries=0):
        """with each one of `for failing in memory.every():` another allocation fails, until none is left to."""
        for n in range(1, MOST):
            yield self.failing(n, libraries)
            if not self.failed:
                return
        raise AssertionError(f"after {MOST} allocations there are still more")


class ServerShortOfMemory(Server):
    def __init__(self, folder, *options, **more):
        self.memory = Memory(folder)
        super().__init__(folder, *options, **more, environment={"GRANTEX_SHORT_OF_MEMORY": str(self.memory.path)})
        self.program = [str(PROGRAM)]
