"""Which build is tested: GRANTEX_BUILD_DIR, else build/."""

import os
import pathlib
import re

from . import tls

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = pathlib.Path(os.environ.get("GRANTEX_BUILD_DIR", ROOT / "build")).resolve()
GRANTEXD = FOLDER / "bin" / "grantexd"
GRANTEX = FOLDER / "bin" / "grantex"


def _sanitizer():
    cache = FOLDER / "CMakeCache.txt"
    found = re.search(r"^GRANTEX_SANITIZE:\w+=(.+)$", cache.read_text(), re.MULTILINE) if cache.exists() else None
    return found[1] if found else ""


SANITIZER = _sanitizer()

# Deadlines are for machines that hang, not for slow ones.
PATIENCE = 60

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "exitcode=99:detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "exitcode=99:halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=99:halt_on_error=1:second_deadlock_stack=1",
}
SANITIZER_REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error: ")


def environment(home, **more):
    """What a program under test sees of ours: next to nothing, no proxy above all."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
    trust = {"GRANTEX_CA_FILE": str(tls.common().certificate)} if tls.EVERYWHERE else {}
    return {**kept, "HOME": str(home), **SANITIZER_OPTIONS, **trust, **more}
