"""What packaging/systemd/grantexd.service says, and what that means in system calls."""

import functools
import re
import subprocess

from . import build

FILE = build.ROOT / "packaging" / "systemd" / "grantexd.service"


def settings(name):
    """The values of a setting, in order."""
    return re.findall(rf"^{name}=(.*)$", FILE.read_text(), re.MULTILINE)


def _groups():
    said = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True, timeout=build.PATIENCE).stdout
    found, members = {}, None
    for line in said.splitlines():
        word = line.strip()
        if line.startswith("@"):
            members = found.setdefault(word, [])
        elif line.startswith(" ") and word and not word.startswith("#") and members is not None:
            members.append(word)
        elif not line.startswith(" "):
            members = None
    return found


def _expanded(word, groups):
    if not word.startswith("@"):
        return {word}
    return set().union(*(_expanded(member, groups) for member in groups[word]))


@functools.lru_cache(maxsize=None)
def system_calls():
    """The names that SystemCallFilter= leaves, as systemd reads it: a first list of what is allowed, then what is taken from it."""
    groups, allowed = _groups(), None
    for value in settings("SystemCallFilter"):
        named = set().union(*(_expanded(word, groups) for word in value.lstrip("~").split()))
        if allowed is None:
            assert not value.startswith("~"), "the first list says what is allowed"
            allowed = named | _expanded("@default", groups)
        else:
            allowed = allowed - named if value.startswith("~") else allowed | named
    return frozenset(allowed)
