"""The manual pages of libgrantex: made from the headers, whole, and as mandoc wants them."""

import re
import subprocess

import pytest

import man_pages

DOCS = man_pages.ROOT / "docs/man"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("man3")
    man_pages.main(made)
    return made


def shown(page):
    done = subprocess.run(["mandoc", "-T", "utf8", page], capture_output=True, text=True, check=True)
    return re.sub(".\b", "", done.stdout)  # bold is a letter over itself


def test_mandoc_has_nothing_to_say(folder):
    pages = [*folder.glob("grantex_*.3"), *DOCS.iterdir()]
    pages = [page for page in pages if not page.read_text().startswith(".so ")]
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", *pages], capture_output=True, text=True, check=False)
    assert len(pages) >= 10
    assert (done.returncode, done.stdout) == (0, "")


def test_each_function_leads_to_a_page_that_says_what_it_does(folder):
    for header in man_pages.HEADERS.glob("*.h"):
        for name in re.findall(r"GRANTEX_API[^;]*?\b(grantex_\w+)\(", header.read_text()):
            link = re.fullmatch(r"\.so man3/(\S+)\n", (folder / f"{name}.3").read_text())
            text = shown(folder / (link[1] if link else f"{name}.3"))
            assert re.search(rf"\b{name}\(", text), name  # its prototype
            assert re.search(rf"^ .*\b{name}\(\)", text, re.MULTILINE), name  # its description


def test_a_page_has_what_the_header_says(folder):
    text = " ".join(shown(folder / "grantex_events.3").split())
    assert "Waits for the next event, at most `timeout_ms` (0: does not wait, negative: for ever)." in text
    assert "GRANTEX_TIMEOUT nothing yet; call again" in text
    assert "GRANTEX_RECONNECT_ALWAYS" in text


def test_the_overview_names_every_page_and_its_program_is_whole(folder, tmp_path):
    text = (DOCS / "libgrantex.3").read_text()
    for page in folder.glob("grantex_*.3"):
        if not page.read_text().startswith(".so "):
            assert page.stem in text
    program = shown(DOCS / "libgrantex.3").split("#include <grantex/grantex.h>", 2)[2].split("Where things are")[0]
    source = tmp_path / "program.c"
    source.write_text("#include <grantex/grantex.h>\n" + program)
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", f"-I{man_pages.ROOT / 'include'}", "-fsyntax-only", source], check=True)
