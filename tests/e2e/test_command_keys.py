"""`grantex keys`: API keys by the command."""

import json

import pytest

from support import build, life
from test_command import Follower, answer_of, grantex

ONCE = "grantex: the API key is not shown again; keep it now\n"


def fields_of(said):
    """{"api key": "gx_…"} of what is printed for people."""
    return {line[:12].strip(): line[12:] for line in said.stdout.splitlines()}


def test_a_key_is_made_listed_and_revoked(server, sandbox):
    said = grantex(server, "keys", "create", "nightly report", "--scopes", "events:read,grants:write", "--expires-in", "90d")
    assert (said.returncode, said.stderr) == (0, ONCE)
    made = fields_of(said)
    assert said.stdout.count(made["api key"]) == 1 and made["scopes"] == "events:read grants:write" and made["expires"] > "2026"
    assert grantex(server, "grants", "list", key=made["api key"]).returncode == 0

    listed = grantex(server, "keys", "list")
    row = next(line for line in listed.stdout.splitlines() if line.startswith(made["key"]))
    assert "nightly report" in row and made["expires"] in row and made["api key"][-4:] in row
    assert made["api key"] not in listed.stdout and listed.stderr == ""

    assert grantex(server, "keys", "revoke", made["key"]).stdout == f"revoked {made['key']}\n"
    gone = grantex(server, "grants", "list", key=made["api key"])
    assert gone.returncode == 3 and made["api key"] not in gone.stdout + gone.stderr
    assert grantex(server, "keys", "revoke", made["key"]).returncode == 1


def test_for_scripts_each_is_one_line_of_json(server, sandbox):
    made = answer_of(server, "keys", "create", "robot", "--scopes", "admin")
    assert (made["scopes"], made["expiresAt"]) == (["admin"], None)
    shown = next(key for key in answer_of(server, "keys", "list")["keys"] if key["id"] == made["id"])
    assert {**shown, "apiKey": made["apiKey"]} == made
    said = grantex(server, "keys", "rotate", "--json", key=made["apiKey"])
    assert said.stderr == ONCE and json.loads(said.stdout)["key"]["name"] == "robot"
    assert answer_of(server, "keys", "revoke", json.loads(said.stdout)["key"]["id"])["status"] == "revoked"


def test_a_rotated_key_stays_for_the_overlap_or_is_over_at_once(server, sandbox):
    first = answer_of(server, "keys", "create", "robot", "--scopes", "events:read")["apiKey"]
    second = fields_of(grantex(server, "keys", "rotate", "--overlap", "1h", key=first))
    assert second["old until"] > "2026" and second["name"] == "robot" and second["scopes"] == "events:read"
    assert grantex(server, "grants", "list", key=first).returncode == grantex(server, "grants", "list", key=second["api key"]).returncode == 0
    assert grantex(server, "keys", "rotate", key=second["api key"]).returncode == 0
    assert grantex(server, "grants", "list", key=second["api key"]).returncode == 3


def test_what_is_refused_is_told_and_prints_no_key(server, sandbox):
    reads = answer_of(server, "keys", "create", "robot", "--scopes", "events:read")["apiKey"]
    (only,) = [key["id"] for key in answer_of(server, "keys", "list")["keys"] if key["scopes"] == ["admin"]]
    for arguments, key, said_so in (
        (("create", "x", "--scopes", "admin"), reads, "admin"), (("create", "x", "--scopes", "everything"), None, "scopes"),
        (("create", "x", "--scopes", "admin", "--expires-in", "soon"), None, "expiresIn"), (("rotate", "--overlap", "8d"), None, "overlap"),
        (("revoke", only), None, "LAST_ADMIN_KEY"),
    ):
        said = grantex(server, "keys", *arguments, key=key)
        assert (said.returncode, said.stdout) == (1, "") and said_so in said.stderr, (arguments, said)


@pytest.mark.parametrize("arguments", [[], ["--scopes", ""], ["--scopes", ",".join(9 * ["admin"])], ["--scopes", 300 * "x"]], ids=["none", "empty", "many", "long"])
def test_without_scopes_no_key_is_made(server, sandbox, arguments):
    said = grantex(server, "keys", "create", "x", *arguments)
    assert (said.returncode, said.stdout) == (2, "") and "--scopes" in said.stderr
    assert len(answer_of(server, "keys", "list")["keys"]) == 1


def test_a_stream_whose_key_is_revoked_says_why_it_ends(server, sandbox):
    watcher = answer_of(server, "keys", "create", "watcher", "--scopes", "events:read")
    life.new_grant(sandbox)
    follower = Follower(server, "--since", "2020-01-01T00:00:00Z", key=watcher["apiKey"])
    follower.wait_for(lambda: len(follower.lines) == 2)
    assert grantex(server, "keys", "revoke", watcher["id"]).returncode == 0
    follower.process.wait(build.PATIENCE)
    assert follower.end() == 3
    said = "".join(follower.notices)
    assert "! the server is closing the stream (key_revoked), attempt 1 in " in said and watcher["apiKey"] not in said
