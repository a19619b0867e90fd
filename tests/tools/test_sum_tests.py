"""The sum of a test run: nothing that failed, died or never ran may look like a pass."""

import pytest

import sum_tests

RUN, OK = "[ RUN      ] a test\n", "[       OK ] a test\n"


def ctest_file(tmp_path, *programs):
    cases = "".join(
        f'<testcase name="p{i}" status="{status}"><system-out>{output}</system-out></testcase>'
        for i, (status, output) in enumerate(programs)
    )
    path = tmp_path / "unit.xml"
    path.write_text(f"<testsuite>{cases}</testsuite>")
    return str(path)


def pytest_file(tmp_path, cases):
    path = tmp_path / "e2e.xml"
    path.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")
    return str(path)


def run(capsys, *paths):
    status = sum_tests.main(paths)
    return status, capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    "program, expected",
    [
        (("run", (RUN + OK) * 3), "3 passed, 0 failed"),
        (("fail", RUN + OK + RUN + "[  FAILED  ] a test\n"), "1 passed, 1 failed"),
        (("fail", RUN + OK + RUN), "1 passed, 1 failed"),  # died in the second test
        (("fail", RUN + OK), "1 passed, 1 failed"),  # a leak found at exit
        (("fail", ""), "0 passed, 1 failed"),  # did not even start
        (("run", RUN + OK + RUN), "1 passed, 1 failed"),  # exit(0) in the middle of a test
        (("run", "ok\n"), "1 passed, 0 failed"),  # a program without cmocka
    ],
)
def test_a_program_counts_its_tests_one_by_one(tmp_path, capsys, program, expected):
    assert run(capsys, ctest_file(tmp_path, program))[1] == expected


def test_pytest_cases_are_counted_and_a_collection_error_is_a_failure(tmp_path, capsys):
    path = pytest_file(tmp_path, '<testcase name="a"/><testcase name="b"><error/></testcase>')
    assert run(capsys, path) == (1, "1 passed, 1 failed")


def test_why_a_test_was_skipped_is_said_once(tmp_path, capsys):
    cases = '<testcase name="a"><skipped message="no network"/></testcase>' * 2
    sum_tests.main([pytest_file(tmp_path, '<testcase name="b"/>' + cases)])
    assert capsys.readouterr().out.splitlines() == [
        "e2e            1 passed, 0 failed, 2 skipped", "               skipped: no network", "1 passed, 0 failed",
    ]


def test_files_are_added_up(tmp_path, capsys):
    unit = ctest_file(tmp_path, ("run", RUN + OK))
    e2e = pytest_file(tmp_path, '<testcase name="a"/>')
    assert run(capsys, unit, e2e) == (0, "2 passed, 0 failed")


def test_a_missing_broken_or_empty_file_is_a_failure(tmp_path, capsys):
    good = ctest_file(tmp_path, ("run", RUN + OK))
    broken = tmp_path / "broken.xml"
    broken.write_text("<testsuite><testcase")
    for bad in (str(tmp_path / "none.xml"), str(broken), pytest_file(tmp_path, "")):
        assert run(capsys, good, bad) == (1, "1 passed, 1 failed")


def test_a_run_in_which_everything_was_skipped_is_a_failure(tmp_path, capsys):
    path = pytest_file(tmp_path, '<testcase name="a"><skipped/></testcase>')
    assert run(capsys, path) == (1, "0 passed, 1 failed")


def test_no_files_at_all_is_a_failure(capsys):
    assert run(capsys) == (1, "0 passed, 1 failed")
