"""build/bin/sse-vectors: the cases of tests/vectors/sse-parse.jsonl through the library's public parser."""

import json
import subprocess

import pytest

from support import build

CASES = build.ROOT / "tests/vectors/sse-parse.jsonl"


def run(path):
    return subprocess.run([build.FOLDER / "bin/sse-vectors", path], capture_output=True, text=True, timeout=120)


def test_every_case_passes():
    done = run(CASES)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "108 passed, 0 failed"), done.stdout


@pytest.mark.parametrize("spoil, complaint", [
    (lambda case: case["expect"].append(case["expect"][0]) or case["at"].append(0), "not out after the chunk"),
    (lambda case: (case["expect"].pop(), case["at"].pop()), "too many"),
    (lambda case: case["expect"][0].update(data="x"), "other data"),
    (lambda case: case["expect"][0].update(event="x"), "another type"),
    (lambda case: case["expect"][0].update(id="x"), "another id"),
    (lambda case: case.update(last_id="x"), "another last event id"),
    (lambda case: case.update(retry=7), "another retry time"),
    (lambda case: case.update(at=[1]), "not out after the chunk"),
])
def test_a_case_that_is_not_met_is_told(tmp_path, spoil, complaint):
    case = json.loads(CASES.read_text().splitlines()[0])
    spoil(case)
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case) + "\n" + CASES.read_text().splitlines()[1] + "\n")
    done = run(path)
    assert done.returncode == 1 and done.stdout.endswith("1 passed, 1 failed\n") and complaint in done.stdout


@pytest.mark.parametrize("text", ["x\n", "{}\n", '{"name":"a","chunks":[1],"expect":[],"at":[],"last_id":""}\n'])
def test_a_file_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "cases.jsonl"
    path.write_text(text)
    done = run(path)
    assert done.returncode == 2 and "line 1 is no case" in done.stderr
