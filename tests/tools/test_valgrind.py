"""The tests of libgrantex under valgrind, which sees libcurl's and OpenSSL's memory too: nothing leaks, nothing is read that was not written."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = pathlib.Path(os.environ.get("GRANTEX_BUILD_DIR", ROOT / "build")).resolve() / "tests/bin"
LOST = "definite,indirect,possible"
SUBJECTS = ["stream_cancel", "stream_tls", "stream_memory", "stream_resume", "stream_verdicts", "subscription", "calls", "options"]


def under_valgrind(program):
    """With turns for all threads: one that asks in a loop would keep the only turn there is to itself."""
    return subprocess.run(["valgrind", "-q", "--fair-sched=try", "--error-exitcode=99", "--leak-check=full", f"--errors-for-leak-kinds={LOST}", program],
                          capture_output=True, text=True, timeout=1200, check=False)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_nothing_leaks_and_nothing_unwritten_is_read(subject):
    done = under_valgrind(PROGRAMS / f"test_{subject}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("body, complaint", [
    ("char *volatile lost = malloc(10); lost = 0; return lost != 0;", "definitely lost"),
    ("char *volatile room = malloc(10); int c = room[3]; free(room); return c == 1 ? 2 : 0;", "uninitialised"),
    ("volatile char *room = malloc(10); free((void *)room); return room[3] == 7;", "Invalid read"),
])
def test_a_fault_is_told(tmp_path, body, complaint):
    (tmp_path / "fault.c").write_text("#include <stdlib.h>\nint main(void) { %s }\n" % body)
    subprocess.run(["cc", "-O0", "-w", "-o", tmp_path / "fault", tmp_path / "fault.c"], check=True)
    done = under_valgrind(tmp_path / "fault")
    assert done.returncode == 99 and complaint in done.stderr
