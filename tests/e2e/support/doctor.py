"""`grantex doctor`, run as a user does, and read as a program does."""

import json
import subprocess

from . import build

# Silence must last 2.5 heartbeats, 2.5 s here.
HEARTBEAT_MS, IDLE_S = 1000, 4


def doctor(server, url, *options, key=None):
    return subprocess.run(
        [build.GRANTEX, "doctor", url, "--idle", str(IDLE_S), *map(str, options)],
        env=build.environment(server.folder, GRANTEX_API_KEY=key or server.key), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=build.PATIENCE + IDLE_S + 20, check=False,
    )


def examined(server, url, *options):
    """By check: its result, what is said, and the fixes."""
    said = doctor(server, url, "--json", *options)
    assert not build.SANITIZER_REPORT.search(said.stderr), said.stderr
    report = json.loads(said.stdout)
    assert said.returncode == (0 if report["good"] else 8), said
    return {one["check"]: one for one in report["checks"]}


def results(checks):
    return {name: one["result"] for name, one in checks.items() if one["result"] != "good"}


def found_and_cured(server, proxy, wrong, check, result, **more):
    """The proxy with these lines instead of the right ones has this result of this check; with the lines that are printed, none."""
    lines = proxy.mended(proxy.RIGHT, wrong)
    proxy.start(proxy.config(lines, **more))
    found = examined(server, proxy.url, "--proxy", proxy.name)
    assert found[check]["result"] == result, found[check]
    fixes = [line for one in found.values() for line in one.get("fixes", {}).get(proxy.name, [])]
    assert fixes, found
    proxy.start(proxy.config(proxy.mended(lines, fixes), **more))
    assert results(examined(server, proxy.url, "--proxy", proxy.name)) == {}, proxy.mended(lines, fixes)
