#!/usr/bin/env python3
"""Says where the house's layers are broken: an #include that points up, a cycle, a library known to too many.

    check_layers.py [ROOT]

Prints one line for each finding and exits 1 when there is one.
"""

import pathlib
import re
import sys

# Room -> the rooms it may include, from the ground up. "grantex" is include/grantex, the public headers.
MAY_INCLUDE = {
    "grantex": set(),
    "base": set(),
    "json": {"base"},
    "wire": {"base", "grantex"},
    "store": {"base", "wire"},
    "authority": {"base", "json", "wire", "store"},
    "feed": {"base", "wire", "store"},
    "webhook": {"base"},
    "hooks": {"base", "wire", "store", "feed", "webhook"},
    "http": {"base"},
    "web": {"base"},
    "api": {"base", "json", "wire", "store", "authority", "feed", "http", "web"},
    "daemon": {"base", "wire", "store", "authority", "feed", "hooks", "http", "web", "api"},
    "lib": {"base", "wire", "grantex"},
    "cli": {"grantex", "json", "webhook"},
    "python": {"grantex"},  # python/src, which stands beside src
}

# Libraries that stay behind one file, so that another one could take their place: of libgrantex, of the command above
# it, and of the server.
ONE_FILE_KNOWS = {
    "curl": re.compile(r"curl/"),
    "SQLite": re.compile(r"sqlite3\.h$"),
    "PostgreSQL": re.compile(r"libpq-fe\.h$"),
    "NATS": re.compile(r"nats/"),
    "the HTTP parser": re.compile(r"(llhttp|http_parser)\.h$"),
}
CLIENT_ROOMS = ("lib", "cli")

# What one file cannot do for the other: this one wants to see what others want hidden (when bytes came, over which connection).
MAY_KNOW_TOO = {"curl": {"src/cli/probe_curl.c"}}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def sources(root):
    for folder in ("src", "include", "python/src"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h"):
                yield path


def includes_of(path):
    """(line, "<" or quote, name) of every include."""
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match[1], match[2]


def room_of(root, path):
    """The first folder below src/ or include/; None for a file outside any."""
    parts = path.relative_to(root).parts
    if parts[0] == "python":
        return "python"
    return parts[1] if len(parts) > 2 else None


def resolve(root, path, name):
    """The file of the tree that an include means, or None (a system header, a generated file)."""
    for base in (path.parent, root / "src", root / "include"):
        candidate = base / name
        if candidate.is_file():
            return candidate.resolve()
    return None


def room_meant(root, path, quote, name):
    """The room that an include points into; None when it is none of ours."""
    target = resolve(root, path, name) if quote == '"' or name.startswith("grantex/") else None
    if target is not None:
        return room_of(root, target)
    first = name.split("/")[0]
    return first if "/" in name and first in MAY_INCLUDE and (quote == '"' or first == "grantex") else None


def layer_findings(root, files):
    for path in files:
        room = room_of(root, path)
        if room not in MAY_INCLUDE:
            yield f"{path.relative_to(root)}: stands in no known room"
            continue
        for line, quote, name in includes_of(path):
            meant = room_meant(root, path, quote, name)
            if meant is not None and meant != room and meant not in MAY_INCLUDE[room]:
                yield f"{path.relative_to(root)}:{line}: {room} must not include {name}: {meant} is not below it"


def library_findings(root, files):
    for library, header in ONE_FILE_KNOWS.items():
        more = MAY_KNOW_TOO.get(library, ())
        knowing = [path for path in files if any(header.search(name) for _, _, name in includes_of(path))]
        knowing = [path for path in knowing if str(path.relative_to(root)) not in more]
        parts = [[path for path in knowing if room_of(root, path) == room] for room in CLIENT_ROOMS]
        parts.append([path for path in knowing if room_of(root, path) not in CLIENT_ROOMS])
        for program in parts:
            if len(program) > 1:
                names = ", ".join(str(path.relative_to(root)) for path in program)
                yield f"{library} is known to more than one file: {names}"


def cycle_findings(root, files):
    graph = {}
    for path in files:
        targets = (resolve(root, path, name) for _, _, name in includes_of(path))
        graph[path] = [target for target in targets if target is not None]
    done, trail = set(), []

    def walk(path):
        if path in trail:
            ring = trail[trail.index(path):] + [path]
            yield "include cycle: " + " -> ".join(str(step.relative_to(root)) for step in ring)
            return
        if path in done:
            return
        trail.append(path)
        for target in graph.get(path, ()):
            yield from walk(target)
        trail.pop()
        done.add(path)

    for path in graph:
        yield from walk(path)


def findings(root):
    root = pathlib.Path(root).resolve()
    files = list(sources(root))
    if not files:
        return [f"{root}: no sources found"]
    return [*layer_findings(root, files), *library_findings(root, files), *cycle_findings(root, files)]


def main(arguments):
    root = arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent
    found = findings(root)
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
