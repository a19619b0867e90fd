"""The endpoints, as the rows in src/api/*.c say: what a test that must cover all of them measures itself by."""

import dataclasses
import functools
import re

from . import build

FUNCTION = re.compile(r"^[a-z][^\n;(]*?(\w+)\(([^;{}]*)\)\n\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
MACRO = re.compile(r"^#define (\w+_ROW)\((\w+)\)(.*\\\n(?:.*\\\n)*.*\n)", re.MULTILINE)
ROW = re.compile(r'\{\s*(?:/\*.*?\*/\s*)?(\.method = [^{}]*)\}', re.DOTALL)
MEMBER = re.compile(r'\.(\w+) = "?([^",\s}]+)')
HEADER = re.compile(r'gx_http_header_find\(call->request, "([\w-]+)"')
NAMED = re.compile(r'(\w+)\(call, "([\w-]+)"')
CALLED = re.compile(r"\b(\w+)\(")


@dataclasses.dataclass(frozen=True)
class Endpoint:
    method: str
    path: str  # with ":id"
    access: str  # PUBLIC, KEY, SESSION
    needs: str  # of a KEY: ANY, EVENTS_READ, LOOKS, GRANTS_WRITE, ADMIN; else ""
    writes: bool
    takes_body: bool
    fields: frozenset  # ("body" | "query" | "header", name), as its parse reads them

    @property
    def key(self):
        return f"{self.method} {self.path}"

    def names(self, where):
        return {name for kind, name in self.fields if kind == where}


def _without_macros(text):
    """Rows made by a macro, written out: UPDATE_ROW("PATCH")."""
    for name, parameter, body in MACRO.findall(text):
        text = MACRO.sub("", text, count=1)
        body = body.replace("\\\n", "\n")
        text = re.sub(rf'{name}\(("[^"]*")\)', lambda use: re.sub(rf"\b{parameter}\b", use[1], body), text)
    return text


def _kind(reader, functions):
    """Where a function that is given a field's name looks for it."""
    if reader == "gx_input_refuse":
        return None
    if reader.startswith("gx_input_query"):
        return "query"
    if reader == "gx_input_header":
        return "header"
    if reader.startswith("gx_input_"):
        return "body"
    return "query" if "gx_input_query(" in functions.get(reader, "") else None


def _fields(function, functions, seen):
    if function in seen or function not in functions or function.startswith("gx_input_"):
        return set()
    seen.add(function)
    body = functions[function]
    found = {("header", name) for name in HEADER.findall(body)}
    found |= {(kind, name) for reader, name in NAMED.findall(body) if (kind := _kind(reader, functions))}
    for called in CALLED.findall(body):
        found |= _fields(called, functions, seen)
    return found


def _functions(text):
    return {name: body for name, _, body in FUNCTION.findall(text)}


@functools.lru_cache(maxsize=None)
def endpoints():
    texts = [_without_macros(source.read_text()) for source in sorted((build.ROOT / "src/api").glob("*.c"))]
    everywhere = {name: body for text in texts for name, body in _functions(text).items()}
    found = []
    for text in texts:
        functions = {**everywhere, **_functions(text)}
        for row in ROW.findall(text):
            members = dict(MEMBER.findall(row))
            found.append(
                Endpoint(
                    members["method"],
                    re.sub(r":\w+", ":id", members["path"]),
                    "KEY" if members["access"].startswith("GX_KEY_") else members["access"].removeprefix("GX_ACCESS_"),
                    members["access"].removeprefix("GX_KEY_") if members["access"].startswith("GX_KEY_") else "",
                    members["work"] == "GX_WORK_WRITE",
                    members.get("body") in ("GX_BODY_JSON_OBJECT", "GX_BODY_JSON_IF_ANY"),
                    frozenset(_fields(members.get("parse", ""), functions, set())),
                )
            )
    # A row that is written in another way would be overlooked, and with it all that must be tested about it.
    written = sum(text.count(".method = ") for text in texts)
    assert len(found) == written >= 40, f"{len(found)} rows read of {written}: they are written in another way now"
    return tuple(found)
