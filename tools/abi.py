#!/usr/bin/python3
"""What programs that were linked against libgrantex.so.0 rely on: `abi.py check` holds a build against what is written down in
packaging/abi, `abi.py renew` writes it down anew (after a change that was meant: an addition, or before a release that is the first of
its kind). Functions that are new are no difference; whatever is gone or has another shape is."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BASELINE = ROOT / "packaging/abi/libgrantex.so.0.abi"
OPAQUE = ROOT / "packaging/abi/opaque.ini"


def dump(library, target):
    subprocess.run(
        ["abidw", "--headers-dir", ROOT / "include/grantex", "--drop-private-types", "--exported-interfaces-only", "--no-corpus-path",
         "--no-comp-dir-path", "--short-locs", "--no-elf-needed", "--out-file", target, library], check=True)


def differences(library, baseline=BASELINE):
    """What a linked program would notice, in abidiff's words; empty when nothing."""
    done = subprocess.run(
        ["abidiff", "--suppressions", OPAQUE, "--no-added-syms", "--no-show-locs", baseline, library], stdout=subprocess.PIPE, text=True)
    return done.stdout if done.returncode else ""


def main(command, library=ROOT / "build/lib/libgrantex.so.0.1.0"):
    if command == "renew":
        dump(library, BASELINE)
    elif found := differences(library):
        sys.exit(f"{found}\nPrograms that are linked against the library would notice. Was it meant? Then: tools/abi.py renew")


if __name__ == "__main__":
    if not sys.argv[1:] or sys.argv[1] not in ("check", "renew"):
        sys.exit("usage: tools/abi.py check|renew [LIBRARY]")
    main(*sys.argv[1:3])
