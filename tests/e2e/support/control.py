"""The file through which a program of tests/e2e/faults is told what shall fail (control.h): longs, which it and the test have mapped."""

import mmap
import struct

LONG = struct.calcsize("@l")


class Control:
    def __init__(self, path):
        self.path = path
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 4096)

    def __getitem__(self, which):
        return struct.unpack_from("@l", self._map, which * LONG)[0]

    def __setitem__(self, which, value):
        struct.pack_into("@l", self._map, which * LONG, value)
