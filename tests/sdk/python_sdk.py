"""The official Python SDK, from PyPI, in a virtual environment of its own below the build folder, where it stays."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from support import build

REQUIREMENT = "grantex==0.3.14"
FOLDER = build.FOLDER / f"python{sys.version_info[0]}.{sys.version_info[1]}-{REQUIREMENT.replace('==', '-')}"
WHOLE = FOLDER / "whole"  # made last: without it a run broke off in the middle
INSTALL = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1", "--timeout", "5", REQUIREMENT]
PATIENCE = 60  # seconds


def make():
    """Why it cannot be had here, None if it is there."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for command in ([sys.executable, "-m", "venv", FOLDER], [FOLDER / "bin/python", "-m", "pip", *INSTALL]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return f"no answer in {PATIENCE} s to: {' '.join(map(str, command))}"
        if done.returncode != 0:
            return reason(done.stderr + done.stdout)
    WHOLE.touch()
    return None


def reason(said):
    """The last line, which is pip's conclusion, and what it concluded that from."""
    lines = said.strip().splitlines() or ["it says nothing"]
    broken = re.search(r"connection broken by .*?: ([^']+)'\)", said)
    return lines[-1] + (f" ({broken[1]})" if broken else "")


def fault():
    """None when it can be imported."""
    why = None if WHOLE.exists() else make()
    if why is not None:
        return f"{REQUIREMENT} cannot be installed here: {why}"
    (packages,) = pathlib.Path(FOLDER).glob("lib/python*/site-packages")
    sys.path.insert(0, str(packages))
    os.environ["NO_PROXY"] = "127.0.0.1"  # its HTTP client asks the environment
    return None
