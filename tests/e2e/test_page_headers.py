"""What guards the pages: every file of src/web and src/web/monitor, by its headers and by its text."""

import re

import pytest

from support import build

WEB = build.ROOT / "src" / "web"
TEXT = (WEB / "web.c").read_text()
KINDS = dict(re.findall(r'^#define (\w+) +("[^"]+")$', TEXT, re.MULTILINE))
PATHS = [
    (path, KINDS.get(kind, kind).strip('"'), name)
    for path, kind, name in re.findall(r'^    \{"(/[\w./-]+)", ("[^"]+"|\w+), "([\w.-]+)"\}', TEXT, re.MULTILINE)
]
FILES = {file.name: file for file in WEB.rglob("*") if file.suffix in (".html", ".js", ".css", ".svg")}
PAGES = [path for path, kind, _ in PATHS if kind.startswith("text/html")]

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
    "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
}


def test_every_file_of_the_pages_is_served(server):
    assert {name for _, _, name in PATHS} == set(FILES)
    assert {"/consent", "/permissions", "/monitor"} == set(PAGES)


@pytest.mark.parametrize("path, kind, name", PATHS)
def test_a_file_comes_as_it_is_with_the_headers_that_guard_it(server, path, kind, name):
    answer = server.anonymous().get(path)
    assert answer.status == 200 and answer.body == FILES[name].read_bytes()
    assert answer.headers["content-type"] == kind
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers and "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", sorted(name for _, kind, name in PATHS if kind.startswith("text/html")))
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(name):
    text = FILES[name].read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == [] and "<style" not in text
    assert re.findall(r"\s(?:style|on\w+)=", text) == [] and re.findall(r"https?:|//\w", text) == []
    assert re.search(r'<html lang="\w+">', text) and '<meta name="viewport"' in text


def test_no_script_makes_markup_or_code_of_text():
    for script in WEB.rglob("*.js"):
        text = script.read_text()
        assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.cssText", text) == [], script.name
