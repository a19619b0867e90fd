#!/usr/bin/env python3
"""Adds up the result files of a test run. The last line is "N passed, M failed".

    sum_tests.py RESULT.xml…

Takes JUnit files of pytest and of ctest. A ctest entry is one cmocka program: its tests are counted one by one, from
what it printed. A file that is missing or broken is a failure, so is a run without a test. Exits 1 when anything failed.
"""

import collections
import pathlib
import re
import sys
import xml.etree.ElementTree

Count = collections.namedtuple("Count", "passed failed skipped")

RUN = re.compile(r"^\[ RUN      \] ", re.MULTILINE)
OK = re.compile(r"^\[       OK \] ", re.MULTILINE)
SKIPPED = re.compile(r"^\[  SKIPPED \] \S+$", re.MULTILINE)


def program_failed(case):
    return case.get("status") == "fail" or case.find("failure") is not None or case.find("error") is not None


def count_program(case):
    """A ctest entry. A test that began and did not end well failed; so did a program that failed as a whole."""
    output = case.findtext("system-out") or ""
    run, passed = len(RUN.findall(output)), len(OK.findall(output))
    skipped = min(len(SKIPPED.findall(output)), run - passed)
    failed = run - passed - skipped
    if program_failed(case):
        failed = max(failed, 1)
    elif run == 0:
        passed = 1
    return Count(passed, failed, skipped)


def count_case(case):
    """A pytest entry."""
    if case.find("failure") is not None or case.find("error") is not None:
        return Count(0, 1, 0)
    if case.find("skipped") is not None:
        return Count(0, 0, 1)
    return Count(1, 0, 0)


def reasons(root):
    """Why pytest did not run a test, or took its failure as known: nothing is left out silently."""
    return sorted({case.get("message") for case in root.iter("skipped") if case.get("message")})


def count_file(path):
    """The counts of one file and why tests were skipped; None when it cannot be read as results or holds none."""
    try:
        root = xml.etree.ElementTree.parse(path).getroot()
    except (OSError, xml.etree.ElementTree.ParseError):
        return None
    cases = list(root.iter("testcase"))
    if not cases:
        return None
    counts = [count_program(case) if case.get("status") is not None else count_case(case) for case in cases]
    return Count(*map(sum, zip(*counts))), reasons(root)


def main(paths):
    total = Count(0, 0, 0)
    for path in paths:
        found = count_file(path)
        name = pathlib.Path(path).stem
        if found is None:
            print(f"{name:14} no results")
            count = Count(0, 1, 0)
        else:
            count, why = found
            skipped = f", {count.skipped} skipped" if count.skipped else ""
            print(f"{name:14} {count.passed} passed, {count.failed} failed{skipped}")
            print("".join(f"{'':14} skipped: {reason}\n" for reason in why), end="")
        total = Count(*map(sum, zip(total, count)))
    if total.passed + total.failed == 0:
        print("nothing ran")
        total = Count(0, 1, total.skipped)
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
