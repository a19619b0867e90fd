"""A grantexd whose disk fails when the test says so, or writes down all that is done to it (tests/e2e/faults/broken_disk.c); and what a
power cut would have left of that."""

import collections
import random
import shutil
import struct

from . import build
from .control import Control
from .server import Server

PROGRAM = build.FOLDER / "bin/grantexd-broken-disk"

# As in broken_disk.c.
FAULTS = {"short write": 1, "no room": 2, "I/O error": 3, "slow": 4}
WRITE, TRUNCATE, SYNC, UNLINK = range(1, 5)
RECORD = struct.Struct("=i28sqq")
SECTOR = 512

Call = collections.namedtuple("Call", "kind file at bytes")


class ServerOnABrokenDisk(Server):
    """Told through a file of six longs, as `control` in broken_disk.c."""

    COUNTDOWN, HAPPENED, COUNT, FAULT, LASTING, RECORDS = range(6)

    def __init__(self, folder, *options, **more):
        self._control = Control(folder / "control")
        self._journal = folder / "journal"
        super().__init__(
            folder, *options, **more,
            environment={"GRANTEX_BROKEN_DISK": str(self._control.path), "GRANTEX_DISK_JOURNAL": str(self._journal)})
        self.program = [str(PROGRAM)]

    @property
    def calls(self):
        """That changed a file of the store, or synced it."""
        return self._control[self.COUNT]

    @property
    def failed(self):
        return self._control[self.HAPPENED]

    @property
    def records(self):
        """How much of the journal there is at this moment."""
        return self._control[self.RECORDS]

    def fail(self, n, fault, lasting=False):
        """The n-th call from now on, and those behind it where that is lasting."""
        self._control[self.FAULT] = FAULTS[fault]
        self._control[self.LASTING] = lasting
        self._control[self.COUNTDOWN] = n

    def mend(self):
        self._control[self.LASTING] = 0
        self._control[self.COUNTDOWN] = 0

    def journal(self):
        return list(_read(self._journal.read_bytes()))


class Anew:
    """anew(): a server on a disk that can fail, in the same place each time; the one before is killed. Not started."""

    def __init__(self, folder, *options):
        self._folder, self._options, self._server = folder, options, None

    def __call__(self):
        self.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        self._server = ServerOnABrokenDisk(self._folder, *self._options)
        return self._server

    def close(self):
        if self._server is not None and self._server.running():
            self._server.kill()


def _read(data):
    at = 0
    while at < len(data):
        kind, file, where, length = RECORD.unpack_from(data, at)
        at += RECORD.size
        yield Call(kind, file.rstrip(b"\0").decode(), where, data[at:at + length])
        at += length


class Disk:
    """What is on it for certain, and what was asked of it since, which a cut may leave any part of."""

    def __init__(self):
        self._certain = {}  # name: bytearray
        self._since = collections.defaultdict(list)  # name: calls

    def take(self, call):
        if call.kind != SYNC:
            self._since[call.file].append(call)
        elif call.file:
            self._certain.setdefault(call.file, bytearray())
            self._apply(self._certain, self._since.pop(call.file, []))
        else:  # the folder: what was removed stays removed
            for name, calls in self._since.items():
                if calls and calls[-1].kind == UNLINK:
                    self._apply(self._certain, calls)
                    self._since[name] = []

    def after_cut(self, kept):
        """{name: bytes}, where of the calls that nothing is certain of those are there that kept(call) gives back."""
        files = {name: bytearray(content) for name, content in self._certain.items()}
        for calls in self._since.values():
            self._apply(files, filter(None, map(kept, calls)))
        return files

    @staticmethod
    def _apply(files, calls):
        for call in calls:
            content = files.setdefault(call.file, bytearray())
            if call.kind == UNLINK:
                del files[call.file]
            elif call.kind == TRUNCATE:
                del content[call.at:]
                content.extend(bytes(call.at - len(content)))
            else:
                content.extend(bytes(max(0, call.at - len(content))))
                content[call.at:call.at + len(call.bytes)] = call.bytes


def torn(call, dice):
    """Only its first sectors."""
    sectors = len(call.bytes) // SECTOR
    return call._replace(bytes=call.bytes[:dice.randint(0, sectors) * SECTOR]) if call.kind == WRITE else call


def leavings(seed):
    """What a cut may keep of each call, by name."""
    dice = random.Random(seed)
    return {
        "nothing": lambda call: None,
        "everything": lambda call: call,
        "some": lambda call: call if dice.random() < 0.5 else None,
        "parts": lambda call: torn(call, dice) if dice.random() < 0.5 else dice.choice((call, None)),
    }


def cuts(journal, first, most, seed):
    """(calls until then, how, what is left of the files), so many of all (None: all), not before the call `first`."""
    here, ways = Disk(), leavings(seed)
    every = [(number, how) for number in range(first, len(journal) + 1) for how in ways]
    chosen = set(every if most is None else random.Random(seed).sample(every, min(most, len(every))))
    for number, call in enumerate(journal, 1):
        here.take(call)
        for how, kept in ways.items():
            if (number, how) in chosen:
                yield number, how, here.after_cut(kept)


def lay_out(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        if not name.endswith("-shm"):  # memory that programs share, not a file that is kept
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
