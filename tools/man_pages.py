#!/usr/bin/python3
"""Manual pages, section 3, out of the public headers: `man_pages.py FOLDER`. One page for each header, from its comments, and one that leads
there for each function, so that `man grantex_stream_next` finds it. The headers are the only place where an interface is described."""

import itertools
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEADERS = ROOT / "include/grantex"
VERSION = re.search(r"project\(grantex VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
DATE = "2026-11-24"

ITEM = re.compile(r"""
    (?P<comment>/\*.*?\*/)                                                # a comment
  | (?P<directive>^\#(?:[^\n]*\\\n)*[^\n]*$)                              # a line of the preprocessor, continued or not
  | (?P<code>(?:typedef\s+(?:struct|enum)\s+\w+\s*\{.*?^\}[^;]*;)|[^\s\#/}][^;{}]*;)   # a type with a body, or anything up to a ;
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
FUNCTION = re.compile(r"GRANTEX_API\s+(?P<prototype>.*?\b(?P<name>grantex_\w+)\(.*\));", re.DOTALL)
RULE = re.compile(r"/\* -{3,} (?P<title>.*?) -{3,} \*/")


def read(text):
    """(comment, code) pairs: what is declared and what stands directly above it; code is empty for a comment by itself."""
    items, above, last = [], "", 0
    text = re.sub(r"#ifdef __cplusplus\n(?:extern \"C\" \{|\}|#define.*?#else)\n?", "", text, flags=re.DOTALL)
    for found in ITEM.finditer(text):
        if found["comment"] and not RULE.match(found["comment"]):
            items += [(above, "")] if above else []
            above = found["comment"]
        elif found["code"] or (found["directive"] or "").startswith("#define GRANTEX_") and not found["directive"].endswith("_H"):
            alone = not above and "\n\n" in text[last:found.start()]
            if alone and FUNCTION.match(found["code"] or ""):
                sys.exit(f"man_pages: this has no comment: {found['code']}")
            items.append((above, found["code"] or found["directive"]))
            above = ""
        last = found.end()
    return items


def lines_of(comment):
    body = comment.removeprefix("/*").removesuffix("*/")
    return [re.sub(r"^ \* ?", "", line).rstrip() if number else line.strip() for number, line in enumerate(body.split("\n"))]


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in text)
    return "\\&" + text if text[:1] in (".", "'") else text


def folded(prototype):
    """Over several lines when it is long, its arguments under each other."""
    if len(prototype) < 76:
        return [prototype]
    head, _, arguments = prototype.partition("(")
    return [f"{head}(", *(f"    {one}" for one in re.sub(r", ", ",\n", arguments).split("\n"))]


def as_it_stands(lines):
    return [".EX", *map(escape, lines), ".EE"]


def prose(lines):
    """Paragraphs are filled; what is indented, tables and programs, stands as it is."""
    out = []
    for is_block, group in itertools.groupby(lines, lambda line: line.startswith("  ")):
        for is_blank, some in itertools.groupby(group, lambda line: not line):
            if not is_blank:
                out += [".PP", *(as_it_stands(textwrap.dedent("\n".join(some)).split("\n")) if is_block else map(escape, some))]
    return out[1:]


def functions_of(items):
    for comment, code in items:
        if found := FUNCTION.match(code):
            yield comment, found["name"], re.sub(r"\s+", " ", found["prototype"]) + ";"


def described(items):
    """Functions in the order of the header; one without a comment of its own stands right below the one that it shares it with."""
    groups = []
    for comment, name, _ in functions_of(items):
        if comment:
            groups.append((comment, [name]))
        elif groups:
            groups[-1][1].append(name)
        else:
            sys.exit(f"man_pages: {name} has no comment")
    for comment, names in groups:
        yield f".SS {', '.join(f'{name}()' for name in names)}"
        yield from prose(lines_of(comment))


def types_of(items):
    for comment, code in items:
        if FUNCTION.match(code) or not code:
            continue
        if comment:
            yield from [".PP", *prose(lines_of(comment))]
        yield from [".PP", *as_it_stands(re.sub(r" *\\\n", "\n", code).rstrip("\\").split("\n"))]


def page(header):
    text = header.read_text()
    opening, *rest = text.split("*/", 1)
    name, summary = re.match(r"/\* grantex/(\w+)\.h - (.*)", opening).groups()
    items = read(rest[0])
    introduction = lines_of(opening + "*/")[1:]
    first, _, more = " ".join([summary, *introduction[:introduction.index("") if "" in introduction else len(introduction)]]).partition(". ")
    out = [f'.TH GRANTEX_{name.upper()} 3 {DATE} "libgrantex {VERSION}" "Library Functions Manual"',
           ".SH NAME", f"grantex_{name} \\- {escape(first.rstrip('.'))}",
           ".SH LIBRARY", "libgrantex (\\-lgrantex, pkg\\-config grantex)",
           ".SH SYNOPSIS", ".nf", f".B #include <grantex/{header.name}>"]
    for _, _, prototype in functions_of(items):
        out += [".PP", *(f".B \"{escape(line)}\"" for line in folded(prototype))]
    out.append(".fi")
    remaining = [more] + (introduction[introduction.index(""):] if "" in introduction else [])
    if body := prose(remaining):
        out += [".SH DESCRIPTION", *body]
    if list(functions_of(items)):
        out += [".SH FUNCTIONS", *described(items)]
    if types := list(types_of(items)):
        out += [".SH TYPES", *types[1:]]  # without the paragraph before the first
    others = sorted(f"grantex_{other.stem}" for other in HEADERS.glob("*.h") if other not in (header, HEADERS / "grantex.h"))
    out += [".SH SEE ALSO"] + [f".BR {other} (3)," for other in ["libgrantex", *others[:-1]]] + [f".BR {others[-1]} (3)"]
    return "\n".join(out) + "\n"


def main(folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("grantex_*.3"):
        old.unlink()
    for header in sorted(HEADERS.glob("*.h")):
        if header.name == "grantex.h":
            continue
        name = f"grantex_{header.stem}.3"
        (folder / name).write_text(page(header))
        for _, function, _ in functions_of(read(header.read_text())):
            if f"{function}.3" != name:
                (folder / f"{function}.3").write_text(f".so man3/{name}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: man_pages.py FOLDER")
    main(sys.argv[1])
