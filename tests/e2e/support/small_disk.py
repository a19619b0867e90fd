"""A file system of a few megabytes, that can be filled and given room again."""

import contextlib
import os
import subprocess

from . import build

BLOCK = b"\0" * 4096


class SmallDisk:
    """Mounted on the folder, which must be there and keeps its owner. Only root may."""

    def __init__(self, folder, size):
        self.folder = folder
        self._ballast = folder / "ballast"
        owner = folder.stat()
        _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=0700,uid={owner.st_uid},gid={owner.st_gid}", "grantex-test", folder)

    def fill(self):
        """To the last block."""
        with open(self._ballast, "ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while ballast.write(BLOCK):
                pass

    def make_room(self):
        self._ballast.unlink()

    def remove(self):
        _run("umount", "--lazy", self.folder)


def _run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=build.PATIENCE)


def missing():
    return os.geteuid() != 0
