"""`grantex trace`: the life of a grant, from the log and the ledger."""

import json
import re
import signal
import subprocess
import time

from support import build, life
from support.terminal import Terminal
from test_command import grantex

NOBODY = "grnt_01ARZ3NDEKTSV4RRFFQ69G5FAV"


def words(said):
    """The second column: what happened."""
    return [line.split()[2] for line in said.stdout.splitlines() if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  ", line)]


def full_life(sandbox):
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, name="invoicer"))
    life.new_grant(sandbox)  # somebody else's, of which nothing is to be seen
    life.allocate(sandbox, grant, 100)
    life.debit(sandbox, grant, 30, description="a call")
    life.refresh(sandbox, grant)
    child = life.delegate(sandbox, grant)
    life.debit(sandbox, grant, 70)
    life.revoke(sandbox, grant)
    return grant, child


def test_a_life_is_told_in_its_order(server, sandbox):
    grant, child = full_life(sandbox)
    said = grantex(server, "trace", grant.id)
    assert said.returncode == 0 and said.stderr == "" and "\x1b" not in said.stdout
    assert words(said) == [
        "created", "token", "allocated", "debit", "token", "delegated", "debit", "threshold", "threshold", "exhausted", "revoked", "revoked"]
    text = said.stdout
    assert re.search(r"agent +invoicer\n", text) and re.search(r"status +revoked\n", text) and re.search(r"budget +0 left of 100 ", text)
    for part in ("agent invoicer  for user_abc123", "30  a call", f"grant {child.id}", "50 % used  0 left of 100", "nothing left of 100", "by developer",
                 f"with it {child.id}"):
        assert part in text, part


def test_a_child_says_whose_end_was_its_own(server, sandbox):
    grant, child = full_life(sandbox)
    said = grantex(server, "trace", child.id)
    assert words(said) == ["created", "token", "revoked"] and f"because of {grant.id}" in said.stdout and re.search(rf"parent +{grant.id}", said.stdout)


def test_as_json_it_is_one_object(server, sandbox):
    grant, _ = full_life(sandbox)
    answer = json.loads(grantex(server, "trace", grant.id, "--json").stdout)
    assert answer["grant"]["grantId"] == grant.id and answer["budget"]["remainingBudget"] == "0.0000" and answer["debits"] == 2
    assert [entry["kind"] for entry in answer["timeline"]].count("debit") == 2
    times = [entry["at"] for entry in answer["timeline"]]
    assert times == sorted(times) and answer["timeline"][0]["event"]["type"] == "grant.created"
    log = sandbox.get("/v1/events?limit=1000").expect(200)["events"]
    assert answer["timeline"][0]["event"] == log[0]


def test_a_grant_without_a_budget_and_an_agent_that_is_gone(server, sandbox):
    grant = life.new_grant(sandbox)
    assert words(grantex(server, "trace", grant.id)) == ["created", "token"]
    assert sandbox.delete(f"/v1/agents/{grant.agent_id}").status == 204
    said = grantex(server, "trace", grant.id)
    assert said.returncode == 0 and words(said) == ["created", "token", "revoked"]


def test_many_debits_are_cut_and_that_is_said(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 1000)
    for _ in range(7):
        life.debit(sandbox, grant, 1)
    said = grantex(server, "trace", grant.id, "--debits", "3")
    assert words(said).count("debit") == 3 and "the newest 3 of 7 debits" in said.stdout
    assert words(grantex(server, "trace", grant.id)).count("debit") == 7


def test_a_log_that_is_longer_than_a_page_is_read_to_its_end(server, sandbox):
    grant = life.new_grant(sandbox)
    other = life.new_grant(sandbox)
    for _ in range(1100):
        life.refresh(sandbox, other)
    life.revoke(sandbox, grant)
    assert words(grantex(server, "trace", grant.id)) == ["created", "token", "revoked"]


def test_what_is_not_there_is_told(server):
    said = grantex(server, "trace", NOBODY)
    assert said.returncode == 1 and "NOT_FOUND" in said.stderr and said.stdout == ""
    assert grantex(server, "trace").returncode == 2 and grantex(server, "trace", NOBODY, "--debits", "all").returncode == 2


def test_what_was_trimmed_is_said_to_be_missing(start):
    server = start("--retain-events", "2", "--retain-every", "100")
    api = server.api()
    grant = life.new_grant(api)
    life.new_grant(api)
    until = time.monotonic() + build.PATIENCE
    while len(api.get("/v1/events").expect(200)["events"]) > 2:
        assert time.monotonic() < until
    said = grantex(server, "trace", grant.id)
    assert said.returncode == 0 and "2 events since its beginning are not kept any more" in said.stderr


def test_follow_goes_on_with_what_happens_to_it(server, sandbox):
    grant = life.new_grant(sandbox)
    environment = build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key)
    terminal = Terminal([build.GRANTEX, "trace", grant.id, "--follow"], environment)
    try:
        terminal.wait_for("token ")
        life.new_grant(sandbox)
        life.revoke(sandbox, grant)
        terminal.wait_for("revoked")
        assert terminal.text.count("created") == 1 and "\x1b[31mrevoked" in terminal.written
        assert terminal.end(signal.SIGINT) == 130
    finally:
        terminal.close()


def test_follow_ends_with_its_reader(server, sandbox):
    grant = life.new_grant(sandbox)
    process = subprocess.Popen(
        [build.GRANTEX, "trace", grant.id, "--follow", "--json"],
        env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    try:
        assert json.loads(process.stdout.readline())["grant"]["grantId"] == grant.id
        life.revoke(sandbox, grant)
        assert json.loads(process.stdout.readline())["type"] == "grant.revoked"
        process.stdout.close()
        assert process.wait(build.PATIENCE) == 0 and process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
