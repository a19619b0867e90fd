"""examples/: each program and script as it is, against a real server. Those in Python are run by tests/page."""

import json

import pytest

from support import build, life, metrics
from support.program import Program
from support.stream import wait_events

OPEN = 'grantex_streams_open{transport="sse"}'
ALL_KINDS = pytest.mark.parametrize("kind", ["c", "curl", "cli"])


@pytest.fixture
def server(start):
    """So silent that whoever does not close a connection is seen to leave it open."""
    return start("--heartbeat", 60_000)


@pytest.fixture
def run(server):
    programs = []

    def start(name, *arguments, kind="c", key=None):
        """Of the page's examples there is one of each kind."""
        script = [build.FOLDER / "examples" / name] if kind == "c" else [build.ROOT / "examples" / f"{name}_{kind}.sh"]
        programs.append(Program(server, *script, *arguments, key=key))
        if key is None:
            wait_open(server, 1)
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


def wait_open(server, count):
    metrics.wait_for(server.anonymous(), OPEN, count)


def log(api):
    return api.get("/v1/events").expect(200)["events"]


# --- the page's examples, three ways ---


@ALL_KINDS
def test_a_stream_is_printed_until_a_budget_is_used_up(server, sandbox, run, kind):
    program = run("stream", kind=kind)
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 10)
    life.revoke(sandbox, grant)
    assert program.end() == 0, program.errors()
    wait_open(server, 0)
    events = log(sandbox)
    assert [event["type"] for event in events] == [
        "grant.created", "token.issued", "budget.threshold", "budget.threshold", "budget.exhausted", "grant.revoked"]
    for event, lines in zip(events[:5], zip(*[iter(program.lines)] * 4)):
        assert lines[:3] == (f"Type: {event['type']}", f"ID: {event['id']}", f"Timestamp: {event['timestamp']}")
        assert lines[3].startswith("Data: ") and json.loads(lines[3].removeprefix("Data: ")) == event["data"]
    assert len(program.lines) == 4 * 5, "nothing comes after the break"


@ALL_KINDS
def test_a_handler_gets_each_event_until_it_is_unsubscribed(server, sandbox, run, kind):
    program = run("subscribe", kind=kind)
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 10)
    life.revoke(sandbox, grant)
    expected = [
        f"New grant: {grant.id}", "Budget at 50%", "Budget at 80%", f"Budget exhausted for {grant.id}", f"Grant revoked: {grant.id}"]
    assert program.wait_lines(5) == expected
    program.press_enter()
    assert program.end() == 0, program.errors()
    wait_open(server, 0)
    assert program.lines == expected
    assert all(line.startswith("resume: ") for line in program.errors().splitlines()), program.errors()


@ALL_KINDS
def test_what_has_been_since_a_time_is_replayed_by_type_and_goes_on_live(server, sandbox, run, kind):
    grants = [life.new_grant(sandbox) for _ in range(3)]
    life.revoke(sandbox, grants[0])
    program = run("replay", log(sandbox)[2]["timestamp"], kind=kind)
    wanted = [event for event in log(sandbox) if event["type"] in ("grant.created", "grant.revoked")]
    since = [event for event in wanted if event["timestamp"] >= log(sandbox)[2]["timestamp"]]
    assert program.wait_lines(len(since)) == [line_of(event) for event in since]
    life.revoke(sandbox, grants[1])
    live = program.wait_lines(len(since) + 1)[-1]
    assert live == line_of(log(sandbox)[-1]) and live.endswith(f"grant.revoked {grants[1].id}")


def line_of(event):
    return f"{event['timestamp']} {event['type']} {event['data']['grantId']}"


@ALL_KINDS
def test_the_budget_monitor_revokes_the_grant_whose_budget_is_used_up(server, sandbox, run, kind):
    program = run("budget_monitor", kind=kind)
    grant, other = life.new_grant(sandbox), life.new_grant(sandbox)
    for one in (grant, other):
        life.allocate(sandbox, one, 10)
    life.debit(sandbox, other, 5)
    life.debit(sandbox, grant, 8)
    program.wait_for(
        f"Budget alert: 50% used for grant {other.id}",
        f"Budget alert: 50% used for grant {grant.id}", f"Budget alert: 80% used for grant {grant.id}")
    life.debit(sandbox, grant, 2)
    program.wait_for(f"Budget exhausted for grant {grant.id}")
    (revoked,) = wait_events(sandbox, "grant.revoked")
    assert (revoked["data"]["grantId"], revoked["data"]["revokedBy"]) == (grant.id, "developer")
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "revoked"
    assert sandbox.get(f"/v1/grants/{other.id}").expect(200)["status"] == "active"


@ALL_KINDS
@pytest.mark.parametrize("name, arguments", [("stream", []), ("replay", ["2020-01-01T00:00:00Z"]), ("budget_monitor", [])])
def test_a_key_that_nobody_knows_is_said_and_is_a_failure(run, kind, name, arguments):
    program = run(name, *arguments, kind=kind, key="gx_test_nobodys-key-at-all")
    assert program.end() != 0 and program.lines == []
    assert {"c": "AUTH: ", "curl": "401", "cli": "key"}[kind] in program.errors()


# --- the server dies under them ---


@pytest.mark.parametrize("name, kind, created, issued, end", [
    ("stream", "c", "Type: grant.created", "Type: token.issued", None),
    ("stream", "cli", "Type: grant.created", "Type: token.issued", None),
    ("subscribe", "c", "New grant: {}", None, Program.press_enter),
    ("subscribe", "cli", "New grant: {}", None, Program.press_enter),
    ("poll_loop", "c", "grant.created evt_", "token.issued evt_", Program.interrupt),
    ("epoll_loop", "c", "grant.created evt_", "token.issued evt_", Program.interrupt),
    ("uv_loop", "c", "grant.created evt_", "token.issued evt_", Program.interrupt),
])
def test_a_program_gets_each_event_also_those_of_a_server_that_was_killed(
        server, sandbox, run, name, kind, created, issued, end):
    program = run(name, *([server.key] if name == "epoll_loop" else []), kind=kind)
    first = life.new_grant(sandbox)
    program.wait_for(*filter(None, [created.format(first.id), issued]))
    server.restart()
    second = life.new_grant(sandbox)
    program.wait_for(*filter(None, [created.format(first.id), issued, created.format(second.id), issued]))
    if end:
        end(program)
        assert program.end() == 0
