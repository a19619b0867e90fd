"""libgrantex.so.0 keeps what programs that are linked against it rely on (packaging/abi)."""

import os
import pathlib
import platform
import re

import pytest

import abi

LIBRARY = next(pathlib.Path(os.environ.get("GRANTEX_BUILD_DIR", abi.ROOT / "build")).glob("lib/libgrantex.so.0.*"), None)
pytestmark = pytest.mark.skipif(platform.machine() != "x86_64", reason="what is written down is that of x86-64")


def test_nothing_that_a_linked_program_relies_on_has_changed():
    assert abi.differences(LIBRARY) == ""


@pytest.mark.parametrize("spoil, complaint", [
    # A function that programs call is gone.
    (lambda text: re.sub(r"(<elf-function-symbols>)", r"\1<elf-symbol name='grantex_gone' version='GRANTEX_0' is-default-version='yes' "
                         r"type='func-type' binding='global-binding' visibility='default-visibility' is-defined='yes'/>", text), "grantex_gone"),
    # A struct that programs have room for was smaller.
    (lambda text: re.sub(r"(class-decl name='grantex_error' size-in-bits=)'\d+'", r"\1'64'", text), "grantex_error"),
    # A number that programs compare with was another.
    (lambda text: re.sub(r"(enumerator name='GRANTEX_E_AUTH' value=)'-7'", r"\1'-70'", text), "GRANTEX_E_AUTH"),
])
def test_a_change_is_told(tmp_path, spoil, complaint):
    text = abi.BASELINE.read_text()
    other = tmp_path / "other.abi"
    other.write_text(spoil(text))
    assert other.read_text() != text
    assert complaint in abi.differences(LIBRARY, other)


def test_a_function_that_is_new_is_none(tmp_path):
    other = tmp_path / "other.abi"
    text = abi.BASELINE.read_text()
    other.write_text(re.sub(r"\n *<elf-symbol name='grantex_version'.*?/>", "", text))
    assert other.read_text() != text
    assert abi.differences(LIBRARY, other) == ""
