"""What the other tests take from the page is all that there is on it."""

import ast

import pytest

import page
from support import build

SEED = build.ROOT.parent / "shared" / "seed" / "000_a00dff678b41f817.txt"


@pytest.mark.skipif(not SEED.exists(), reason="the page as it was handed over, ../shared/seed, is not beside this tree")
def test_the_copy_of_the_page_is_the_page():
    assert page.FILE.read_bytes() == SEED.read_bytes()


def test_there_are_three_programs_and_five_payloads():
    assert list(page.programs()) == ["Stream", "Subscribe", "Example: Budget Alert Monitor"]
    assert list(page.payloads()) == ["grant.created", "grant.revoked", "token.issued", "budget.threshold", "budget.exhausted"]


def test_every_line_of_code_is_in_one_of_them():
    taken = "".join([*page.programs().values(), *page.payload_sources()])
    code = [line for line in page.TEXT.splitlines() if line.startswith((" ", "from ", "import ", "async ", "{", "}"))]
    assert len(code) > 60 and [line for line in code if line not in taken] == []


@pytest.mark.parametrize("name", page.programs())
def test_every_program_is_python_and_names_the_key_once(name):
    source = page.programs()[name]
    compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert source.count(page.KEY_PLACEHOLDER) == 1


def test_the_tables_are_read():
    assert [(row.name, row.type, row.required) for row in page.parameters("Stream")] == [
        ("event_types", "list[str] | None", "No"), ("since", "str | None", "No")]
    assert [(row.name, row.type, row.required) for row in page.parameters("Subscribe")] == [
        ("handler", "Callable[[GrantexEvent], None]", "Yes"), ("event_types", "list[str] | None", "No"), ("since", "str | None", "No")]
    assert [(row.name, row.type) for row in page.event_fields()] == [
        ("id", "str"), ("type", "str"), ("timestamp", "str"), ("data", "dict")]
    assert page.enums() == {
        ("grant.revoked", "revokedBy"): ["developer", "principal", "system"], ("token.issued", "method"): ["exchange", "refresh"]}
    assert page.percentages() == [50, 80]
