"""`grantex doctor` before a Caddy that is wrongly set up: the fault is found, and cured by the very lines that are printed."""

import pytest

from support.doctor import found_and_cured

WRONG = [
    # what is wrong (instead of the right line that says the same), which check, how bad
    (["header_up -Last-Event-ID"], "resume", "bad"),
    (["header_up -Authorization"], "key", "bad"),
    (["header_down -Cache-Control"], "no-transform", "bad"),
    (["header_down -Cache-Control", "encode {\n gzip\n minimum_length 1\n }"], "compression", "bad"),
    (["read_timeout 2s"], "idle", "bad"),
]


@pytest.mark.parametrize("wrong, check, result", WRONG, ids=[f"{row[1]}-{row[0][0]}" for row in WRONG])
def test_a_fault_is_found_and_the_printed_lines_cure_it(before, wrong, check, result):
    found_and_cured(*before("caddy"), wrong, check, result)
