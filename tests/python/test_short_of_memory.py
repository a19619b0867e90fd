"""The n-th allocation of the interpreter fails, for every n of what programs do most: MemoryError or the right answer, never a crash, never
half an event, and the client goes on. Only where the interpreter can be told to (CPython's own test module)."""

import json
import pathlib
import subprocess
import sys

import pytest

import programs
from support import build, life

pytest.importorskip("_testcapi")

PROGRAM = pathlib.Path(__file__).parent / "short_of_memory.py"


@pytest.mark.parametrize("deed", ["read_a_stream", "make_calls", "be_refused", "make_a_client", "make_an_event"])
def test_any_one_allocation_fails_and_nothing_else_does(server, api, deed):
    for _ in range(2):
        life.allocate(api, life.new_grant(api), 10)
    said = subprocess.run(
        [sys.executable, "-X", "faulthandler", PROGRAM, server.url, server.key, deed],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20 * build.PATIENCE, check=False,
        env=programs.environment())
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["raised"] > 0, "no allocation failed"
