"""The programs of the page, word for word, and their twins in examples/: what they print and do while things happen."""

import pytest

from support import life
from support.stream import wait_events


@pytest.fixture(params=["page", "page on uvloop", "examples"])
def run_either(request, run):
    """The page's program or its twin in examples/."""
    if request.param == "page on uvloop":
        pytest.importorskip("uvloop")

    def start(heading, file, *options):
        if request.param == "examples":
            return run(file)
        return run(heading, *options, *(["--uvloop"] if request.param == "page on uvloop" else []))

    return start


def log(api):
    return api.get("/v1/events").expect(200)["events"]


def test_each_event_is_printed_until_a_budget_is_exhausted(sandbox, run_either, wait_open):
    program = run_either("Stream", "stream.py")
    wait_open(1)
    grant = life.new_grant(sandbox)
    life.refresh(sandbox, grant)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 10)
    life.revoke(sandbox, grant)
    assert program.end() == 0 and program.errors() == ""
    wait_open(0)
    events = log(sandbox)
    assert [event["type"] for event in events[-2:]] == ["budget.exhausted", "grant.revoked"]
    assert program.lines == [
        line for event in events[:-1]
        for line in (f"Type: {event['type']}", f"ID: {event['id']}", f"Timestamp: {event['timestamp']}", f"Data: {event['data']}")
    ]


def test_a_server_that_is_killed_costs_no_event_and_repeats_none(server, sandbox, run_either, wait_open):
    program = run_either("Stream", "stream.py")
    wait_open(1)
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 6)
    program.wait_for("Type: budget.threshold")
    server.restart()
    life.debit(sandbox, grant, 4)
    assert program.end() == 0 and program.errors() == ""
    assert program.lines[1::4] == [f"ID: {event['id']}" for event in log(sandbox)]


def test_a_handler_prints_what_happens_until_it_is_unsubscribed(sandbox, run_either, wait_open):
    program = run_either("Subscribe", "subscribe.py", "--wait")
    wait_open(1)
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 6)
    life.debit(sandbox, grant, 4)
    life.revoke(sandbox, grant)
    expected = [
        f"New grant: {grant.id}", "Budget at 50%", "Budget at 80%", f"Budget exhausted for {grant.id}", f"Grant revoked: {grant.id}"]
    assert program.wait_lines(5) == expected
    program.press_enter()
    assert program.end() == 0 and program.errors() == "" and program.lines == expected
    wait_open(0)


def test_a_subscription_that_ends_before_anything_has_happened_is_no_fault(sandbox, run, wait_open):
    program = run("Subscribe")
    assert program.end() == 0 and program.errors() == "" and program.lines == []
    wait_open(0)


def test_the_monitor_tells_of_budgets_and_revokes_the_grant_whose_budget_is_exhausted(sandbox, run_either, wait_open):
    program = run_either("Example: Budget Alert Monitor", "budget_monitor.py")
    wait_open(1)
    grant, other = life.new_grant(sandbox), life.new_grant(sandbox)
    for one in (grant, other):
        life.allocate(sandbox, one, 1000)
    life.debit(sandbox, other, 500)
    life.debit(sandbox, grant, 800)
    life.debit(sandbox, grant, 200)
    expected = [
        f"Budget alert: 50% used for grant {other.id}", f"Budget alert: 50% used for grant {grant.id}",
        f"Budget alert: 80% used for grant {grant.id}", f"Budget exhausted for grant {grant.id}"]
    assert program.wait_lines(4) == expected
    (revoked,) = wait_events(sandbox, "grant.revoked")
    assert (revoked["data"]["grantId"], revoked["data"]["revokedBy"]) == (grant.id, "developer")
    refused = sandbox.post("/v1/budget/debit", {"grantId": grant.id, "amount": 1})
    assert 400 <= refused.status < 500, "the agent can do no more"
    assert sandbox.get(f"/v1/grants/{other.id}").expect(200)["status"] == "active"
    assert program.process.poll() is None and program.lines == expected and program.errors() == ""


def test_what_has_been_since_a_time_is_replayed_by_type_and_goes_on_live(sandbox, run):
    grants = [life.new_grant(sandbox) for _ in range(3)]
    life.revoke(sandbox, grants[0])
    since = log(sandbox)[2]["timestamp"]
    past = [event for event in log(sandbox) if event["timestamp"] >= since and event["type"] != "token.issued"]
    program = run("replay.py", since)
    assert program.wait_lines(len(past)) == [line_of(event) for event in past]
    life.revoke(sandbox, grants[1])
    assert program.wait_lines(len(past) + 1)[-1] == line_of(log(sandbox)[-1])


def line_of(event):
    return f"{event['timestamp']} {event['type']} {event['data']['grantId']}"
