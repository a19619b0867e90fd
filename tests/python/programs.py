"""Programs of a test's own: what is about a whole process is seen from outside."""

import os
import signal
import subprocess
import sys
import textwrap

from support import build


def heed_ctrl_c():
    """As in a terminal: who is started in the background is told to ignore it, and so are his children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(**more):
    """Of a program that has the package."""
    watched = {name: os.environ[name] for name in ("LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS", "PYTHONMALLOC") if name in os.environ}
    return {**build.environment("/"), "PYTHONPATH": str(build.FOLDER / "python"), "PYTHONDONTWRITEBYTECODE": "1", **watched, **more}


def start(server, text, *options, **more):
    """A program that has the package, a client `client`, and prints lines."""
    head = f"""
        import asyncio, os, signal, sys, threading, time
        import grantex
        client = grantex.Grantex({server.key!r}, base_url={server.url!r})
        def say(*words):
            print(*words, flush=True)
    """
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-W", "error", *options, "-c", textwrap.dedent(head) + textwrap.dedent(text)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c,
        env=environment(**more),
    )


def end(process, status=0):
    """What it printed; it must have ended by itself, with that status and nothing to complain of."""
    try:
        out, err = process.communicate(timeout=build.PATIENCE)
    finally:
        process.kill()
    assert process.returncode == status, f"{process.returncode}: {err}"
    assert not err or status, err
    return out.splitlines()


def run(server, text, status=0):
    return end(start(server, text), status)
