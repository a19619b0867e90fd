"""`grantex`, the command, against a real server: what a person or a script does with it."""

import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest

from support import build, life
from support.stream import SseReader


def grantex(server, *arguments, key=None, **more):
    """Runs it to its end."""
    environment = build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=key or server.key, **more)
    return subprocess.run(
        [build.GRANTEX, *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=build.PATIENCE, check=False,
    )


def answer_of(server, *arguments):
    """The JSON that it prints."""
    said = grantex(server, *arguments, "--json")
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


class Follower:
    """`grantex events stream` in the background, its lines as they come."""

    def __init__(self, server, *arguments, key=None):
        self.lines, self.notices = [], []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [build.GRANTEX, "events", "stream", *arguments],
            env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=key or server.key),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self._threads = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self.process.stdout, self.lines), (self.process.stderr, self.notices))
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, pipe, lines):
        for line in pipe:
            with self._changed:
                lines.append(line)
                self._changed.notify_all()

    def wait_events(self, count):
        self.wait_for(lambda: len(self.lines) >= count)
        return [json.loads(line) for line in self.lines]

    def wait_for(self, predicate):
        until = time.monotonic() + build.PATIENCE
        with self._changed:
            while not predicate():
                left = until - time.monotonic()
                assert left > 0 and self.process.poll() is None and self._changed.wait(left), (self.lines, self.notices)

    def end(self, how=signal.SIGINT):
        self.process.send_signal(how)
        status = self.process.wait(build.PATIENCE)
        for thread in self._threads:
            thread.join(build.PATIENCE)
        assert not build.SANITIZER_REPORT.search("".join(self.notices))
        return status


def whole_log(api):
    with SseReader(api, "?since=2020-01-01T00:00:00Z") as reader:
        return reader.wait_events(2)


def test_it_prints_each_event_as_one_line_of_the_servers_json(server, sandbox):
    life.new_grant(sandbox)
    follower = Follower(server, "--json", "--since", "2020-01-01T00:00:00Z")
    assert follower.wait_events(2) == whole_log(sandbox)
    grant = life.new_grant(sandbox)
    assert follower.wait_events(4)[2]["data"]["grantId"] == grant.id
    assert all(list(json.loads(line)) == ["id", "type", "timestamp", "createdAt", "seq", "data"] for line in follower.lines)
    follower.end()


def test_a_filter_and_a_relative_time_are_passed_on(server, sandbox):
    life.new_grant(sandbox)
    follower = Follower(server, "--json", "--types", "token.*", "--since", "15m")
    assert [event["type"] for event in follower.wait_events(1)] == ["token.issued"]
    follower.end()


def test_it_goes_on_after_an_event(server, sandbox):
    life.new_grant(sandbox)
    first, second = whole_log(sandbox)
    follower = Follower(server, "--json", "--after", first["id"])
    assert follower.wait_events(1) == [second]
    follower.end()
    said = grantex(server, "events", "stream", "--since", "2020-01-01T00:00:00Z", "--after", first["id"], "--until", "now", "--json")
    assert [json.loads(line) for line in said.stdout.splitlines()] == [second]  # it beats --since


def test_it_heals_over_kills_and_misses_nothing_and_repeats_nothing(server, sandbox):
    follower = Follower(server, "--json", "--since", "2020-01-01T00:00:00Z")
    grant = life.new_grant(sandbox)
    for round_number in range(3):
        follower.wait_events(2 + 4 * round_number)
        life.refresh(sandbox, grant)
        life.refresh(sandbox, grant)
        server.restart()
        life.refresh(sandbox, grant)
        life.refresh(sandbox, grant)
    seen = follower.wait_events(14)
    assert [event["seq"] for event in seen] == list(range(1, 15))
    follower.end()  # its notices come by another pipe, and are all there now
    assert any("connection lost" in line for line in follower.notices)


@pytest.mark.parametrize("how, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_at_once_and_it_says_how_to_go_on(server, sandbox, how, status):
    follower = Follower(server, "--json", "--since", "2020-01-01T00:00:00Z")
    life.new_grant(sandbox)
    last = follower.wait_events(2)[1]
    assert follower.end(how) == status
    assert f"--after {last['id']}" in "".join(follower.notices)


def test_it_ends_when_the_reader_of_its_output_has_gone_also_on_a_quiet_log(server, sandbox):
    life.new_grant(sandbox)
    process = subprocess.Popen(
        [build.GRANTEX, "events", "stream", "--since", "1h", "--json"],
        env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    try:
        assert json.loads(process.stdout.readline())["type"] == "grant.created"
        process.stdout.close()
        assert process.wait(build.PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("arguments", [("agents", "list"), ("agents", "list", "--json"), ("events", "stream"), ("--help",)])
def test_output_that_nobody_reads_is_an_end_and_no_error(server, sandbox, arguments):
    life.new_grant(sandbox)
    reader, writer = os.pipe()
    os.close(reader)
    try:
        said = subprocess.run(
            [build.GRANTEX, *arguments],
            env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key),
            stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=build.PATIENCE, check=False,
        )
    finally:
        os.close(writer)
    assert (said.returncode, said.stderr) == (0, "")


def test_without_a_server_it_keeps_trying_and_says_so(server, sandbox):
    server.kill()
    follower = Follower(server, "--json", "--since", "2020-01-01T00:00:00Z")
    follower.wait_for(lambda: len([line for line in follower.notices if line.startswith("!")]) >= 2)
    assert follower.notices[0].startswith("! no connection")
    assert sum("GRANTEX_BASE_URL" in line for line in follower.notices) == 1
    server.start()
    life.new_grant(sandbox)
    follower.wait_events(2)
    follower.end()


def test_a_grants_life_can_be_led_from_the_command(server, sandbox):
    agent = answer_of(server, "agents", "register", "invoicer")
    assert [one["agentId"] for one in answer_of(server, "agents", "list")["agents"]] == [agent["agentId"]]
    grant = life.new_grant(sandbox, agent_id=agent["agentId"])
    assert answer_of(server, "budgets", "allocate", grant.id, "10.5")["initialBudget"] == "10.5000"
    assert answer_of(server, "budgets", "debit", grant.id, "0.5")["remaining"] == "10.0000"
    assert answer_of(server, "budgets", "balance", grant.id)["remainingBudget"] == "10.0000"
    assert answer_of(server, "grants", "get", grant.id)["status"] == "active"
    assert grantex(server, "grants", "revoke", grant.id).returncode == 0
    assert [one["status"] for one in answer_of(server, "grants", "list")["grants"]] == ["revoked"]


def test_for_people_it_prints_words_and_no_colour_into_a_pipe(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    for arguments in (("agents", "list"), ("grants", "list"), ("grants", "get", grant.id), ("budgets", "balance", grant.id)):
        said = grantex(server, *arguments)
        assert said.returncode == 0 and said.stdout.strip() and "\033" not in said.stdout, arguments


def test_a_refusal_is_told_with_its_code_and_status_1(server):
    said = grantex(server, "grants", "get", "grnt_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert said.returncode == 1 and said.stdout == ""
    assert "NOT_FOUND" in said.stderr and re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-4", said.stderr)
    said = grantex(server, "events", "stream", "--types", "nonsense")
    assert said.returncode == 1 and "INVALID_EVENT_TYPE" in said.stderr


def test_no_key_and_a_wrong_key_are_told_with_status_3(server):
    wrong = grantex(server, "grants", "list", key="gx_test_somebody-elses-key")
    assert wrong.returncode == 3 and "somebody" not in wrong.stderr
    none = subprocess.run(
        [build.GRANTEX, "grants", "list"], env=build.environment(server.folder, GRANTEX_BASE_URL=server.url), capture_output=True,
        text=True, timeout=build.PATIENCE, check=False,
    )
    assert none.returncode == 3 and "GRANTEX_API_KEY" in none.stderr


def test_a_refusal_says_what_to_do_next(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    for arguments, hint in (
        (("budgets", "debit", grant.id, "11"), "budgets balance"),
        (("events", "stream", "--after", "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV"), "--since TIME"),
        (("events", "stream", "--types", "nonsense"), "man grantex"),
        (("grants", "list", "--base-url", "http://127.0.0.1:1"), "GRANTEX_BASE_URL"),
    ):
        said = grantex(server, *arguments)
        assert said.returncode in (1, 4) and hint in said.stderr.splitlines()[1], said.stderr
    life.revoke(sandbox, grant)
    assert "grantex trace" in grantex(server, "budgets", "debit", grant.id, "1").stderr
    assert "GRANTEX_API_KEY" in grantex(server, "grants", "list", key="gx_test_somebody-elses-key").stderr


def test_the_names_of_the_hosted_command_work_too(server, sandbox):
    life.new_grant(sandbox)
    said = subprocess.run(
        [build.GRANTEX, "grants", "list", "--json"],
        env=build.environment(server.folder, GRANTEX_URL=server.url, GRANTEX_KEY=server.key), capture_output=True, text=True,
        timeout=build.PATIENCE, check=False,
    )
    assert said.returncode == 0 and len(json.loads(said.stdout)["grants"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["grants", "get"], ["grants", "get", "a", "b"], ["budgets", "debit", "grnt_x", "1.23456"], ["budgets", "debit", "grnt_x", "-1"],
     ["events", "stream", "--nonsense"], ["events", "stream", "--reconnect", "perhaps"]],
    ids=" ".join,
)
def test_wrong_usage_is_told_on_stderr_with_status_2(server, arguments):
    said = grantex(server, *arguments)
    assert said.returncode == 2 and said.stderr and said.stdout == ""
