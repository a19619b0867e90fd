"""What guards the pages: every file of src/web, by its headers and by its text."""

import re

import pytest

from support import build

WEB = build.ROOT / "src" / "web"
PATHS = re.findall(r'^    \{"(/[\w.-]+)", "([^"]+)", "([\w.-]+)"\}', (WEB / "web.c").read_text(), re.MULTILINE)
PAGES = [path for path, kind, _ in PATHS if kind.startswith("text/html")]

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
    "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
}


def test_every_file_of_the_pages_is_served(server):
    assert {name for _, _, name in PATHS} == {file.name for file in WEB.iterdir() if file.suffix in (".html", ".js", ".css", ".svg")}
    assert "/consent" in PAGES and "/permissions" in PAGES


@pytest.mark.parametrize("path, kind, name", PATHS)
def test_a_file_comes_as_it_is_with_the_headers_that_guard_it(server, path, kind, name):
    answer = server.anonymous().get(path)
    assert answer.status == 200 and answer.body == (WEB / name).read_bytes()
    assert answer.headers["content-type"] == kind
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers and "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", sorted(name for _, kind, name in PATHS if kind.startswith("text/html")))
def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(name):
    text = (WEB / name).read_text()
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == [] and "<style" not in text
    assert re.findall(r"\s(?:style|on\w+)=", text) == [] and re.findall(r"https?:|//\w", text) == []
    assert re.search(r'<html lang="\w+">', text) and '<meta name="viewport"' in text


def test_no_script_makes_markup_or_code_of_text():
    for script in WEB.glob("*.js"):
        text = script.read_text()
        assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.cssText", text) == [], script.name
