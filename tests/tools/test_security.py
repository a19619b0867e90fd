"""SECURITY.md: each line of defence is held by a test that exists, and secrets are compared as it says."""

import pathlib
import re

import man_pages

ROOT = man_pages.ROOT
NAMED = re.compile(r"`(tests/[\w/.]+)(?:::(\w+))?`")
HASHED_BY_HAND = re.compile(r"\b(?:memcmp|strcmp|strncmp|gx_span_equal)\([^;]*(?:secret|bearer|csrf|verifier|challenge|password|api_key)\b")


def lines():
    return [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| ")]


def defined(path):
    text = path.read_text()
    return set(re.findall(r"^def (test_\w+)", text, re.MULTILINE)) | set(re.findall(r"cmocka_unit_test(?:_\w+)?\((\w+)", text))


def test_each_line_of_defence_names_a_test_that_there_is():
    held = [line for line in lines() if "`tests/" in line]
    assert len(held) > 20
    assert len(held) == len(lines()) - 1  # the head of the table has none
    for file, name in NAMED.findall("\n".join(held)):
        assert (ROOT / file).is_file(), file
        assert not name or name in defined(ROOT / file), f"{file}::{name}"


def test_what_is_secret_is_compared_in_one_place_and_in_constant_time():
    compared = re.search(r"bool gx_secret_equal\(.*?\n}\n", (ROOT / "src/authority/secret.c").read_text(), re.DOTALL)[0]
    assert "CRYPTO_memcmp" in compared
    assert HASHED_BY_HAND.search("memcmp(secret, b, 3)")
    for room in ("authority", "api"):
        for file in pathlib.Path(ROOT / "src" / room).glob("*.c"):
            assert not HASHED_BY_HAND.search(file.read_text()), file
