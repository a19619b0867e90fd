#!/usr/bin/env python3
"""Says which C files clang-format 14 would write otherwise. Exits 1 when there is one, 2 when it is not installed.

One version decides, because another one formats some lines differently.
"""

import pathlib
import re
import shutil
import subprocess
import sys

VERSION = 14
FOLDERS = ("src", "include", "tests", "bench", "examples", "python/src")


def clang_format():
    """The path of clang-format 14, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path is None:
            continue
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        if re.search(rf"version {VERSION}\.", said):
            return path
    return None


def unformatted(root, program):
    files = [str(path) for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]"))]
    said = subprocess.run([program, "--dry-run", *files], capture_output=True, text=True, check=False).stderr
    names = {line.split(":")[0] for line in said.splitlines() if "[-Wclang-format-violations]" in line}
    return sorted(str(pathlib.Path(name).relative_to(root)) for name in names)


def main():
    program = clang_format()
    if program is None:
        print(f"clang-format {VERSION} is not installed")
        return 2
    root = pathlib.Path(__file__).resolve().parent.parent
    found = unformatted(root, program)
    for name in found:
        print(f"{name}: not as clang-format writes it (clang-format -i {name})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
