"""Every C file is written as clang-format 14 writes it, where that version is installed."""

import pathlib

import check_format
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(name="program")
def fixture_program():
    program = check_format.clang_format()
    if program is None:
        pytest.skip("clang-format 14 is not installed (./x lint installs it)")
    return program


def test_every_c_file_is_formatted(program):
    assert check_format.unformatted(ROOT, program) == []


def test_a_file_that_is_not_formatted_is_named(tmp_path, program):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.c").write_text("int  main( void ){return 0;}\n")
    (tmp_path / "src" / "b.c").write_text("int b;\n")
    assert check_format.unformatted(tmp_path, program) == ["src/a.c"]
