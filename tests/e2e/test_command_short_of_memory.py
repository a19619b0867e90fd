"""An allocation of `grantex` fails, its own, libgrantex's or Jansson's: whichever it was, the command ends with the status of its manual and
says so in a line, or does what it always does. Nothing that it prints or keeps is half of anything.

Each test runs one command again and again, with the first allocation failing, then the second, until there is none left to fail."""

import concurrent.futures
import itertools
import json
import subprocess

import pytest

from support import build, life
from support.memory import Memory

PROGRAM = build.FOLDER / "tests/bin/grantex-short-of-memory"
START = "2020-01-01T00:00:00Z"
OTHER = 5  # "anything else: out of memory, …"
# A sanitizer's program takes many times as long to start: there every few, whose first is another one for each command.
STEP = 13 if build.SANITIZER else 1

pytestmark = pytest.mark.sqlite


class Command:
    """Runs it with one allocation failing, and looks whether it ended as it should."""

    def __init__(self, server, folder, *arguments):
        folder.mkdir(exist_ok=True)
        self.server, self.memory, self.arguments = server, Memory(folder), [str(argument) for argument in arguments]
        self.whole = self.run(0)
        assert self.whole.returncode == 0, self.whole

    def run(self, number):
        self.memory.fail(number)
        said = subprocess.run(
            [PROGRAM, *self.arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=3 * build.PATIENCE,
            env=build.environment(self.server.folder, GRANTEX_BASE_URL=self.server.url, GRANTEX_API_KEY=self.server.key,
                                  GRANTEX_SHORT_OF_MEMORY=str(self.memory.path)))
        assert not build.SANITIZER_REPORT.search(said.stderr), said.stderr
        return said

    def fails_well(self, number):
        """False when there are not so many allocations."""
        said = self.run(number)
        if not self.memory.failed:
            return False
        if said.returncode == OTHER:
            told = [line for line in said.stderr.splitlines() if line.startswith("grantex: ")]
            assert len(told) == 1 and "memory" in told[0], (number, said.stderr)
            assert self.whole.stdout.startswith(said.stdout) and said.stdout[-1:] in ("", "\n"), (number, said.stdout)
        else:
            assert said.returncode == 0 and said.stdout == self.whole.stdout, (number, said)
        return True

    def fails_well_everywhere(self, between=lambda: None, first=1):
        number = first
        while self.fails_well(number):
            between()
            number += STEP
        assert number > first
        return number


@pytest.fixture(name="grant")
def fixture_grant(sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 100)
    life.debit(sandbox, grant, 60)
    return grant


@pytest.mark.parametrize("command", [
    "agents list", "agents list --json", "grants get GRANT", "budgets balance GRANT", "keys list", "top --json", "trace GRANT", "trace GRANT --json",
])
def test_what_is_read_is_shown_whole_or_not_at_all(server, grant, tmp_path, command):
    arguments = command.replace("GRANT", grant.id).split()
    if arguments[0] == "top":  # whose time of day is another one each time
        command = Command(server, tmp_path / "command", *arguments)
        for number in range(1, 100, STEP):
            said = command.run(number)
            assert said.returncode == (OTHER if command.memory.failed else 0) and (not said.stdout) == command.memory.failed, (number, said)
            if not command.memory.failed:
                return
    Command(server, tmp_path / "command", *arguments).fails_well_everywhere()


def test_a_grant_is_revoked_or_not_and_the_exit_status_does_not_say_done_when_it_is_not(server, sandbox, tmp_path):
    command = Command(server, tmp_path / "command", "grants", "revoke", life.new_grant(sandbox).id)
    for number in range(1, 100, STEP):
        grant = life.new_grant(sandbox)
        command.arguments[-1] = grant.id
        said = command.run(number)
        status = sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"]
        assert said.returncode in (0, OTHER) and (said.returncode == OTHER or status == "revoked"), (number, said)
        if not command.memory.failed:
            assert said.returncode == 0
            return
    raise AssertionError("there are still more")


def test_a_stream_on_stdout_shows_whole_events(server, grant, tmp_path):
    Command(server, tmp_path / "command", "events", "stream", "--since", START, "--until", "now", "--json").fails_well_everywhere(first=2)
    Command(server, tmp_path / "other", "events", "stream", "--since", START, "--until", "now", "--json", "--grant", grant.id).fails_well_everywhere(
        first=3)


def test_a_file_has_every_event_once_whenever_the_stream_into_it_failed(server, sandbox, grant, tmp_path):
    """Each run goes on where the one before ended, as it may have failed."""
    path = tmp_path / "events.jsonl"
    command = Command(server, tmp_path / "command", "events", "stream", "--since", START, "--until", "now", "--output", path)

    def one_event_more():
        for line in path.read_text().splitlines(keepends=True):
            assert line.endswith("\n") and json.loads(line)
        life.refresh(sandbox, grant)

    command.fails_well_everywhere(one_event_more)
    assert command.run(0).returncode == 0
    seqs = [json.loads(line)["seq"] for line in path.read_text().splitlines()]
    assert seqs == list(range(1, seqs[-1] + 1))
    assert seqs[-1] == sandbox.get("/v1/events/range").expect(200)["head"]["seq"]


def test_the_doctor_judges_nothing_that_it_could_not_read(server, tmp_path):
    """It listens for two seconds each time: so several at once, and every few of its allocations. What it measures on a busy machine may be
    another thing once; what is wrong for want of memory is so again."""
    step = 61 if build.SANITIZER else 31

    def checks(said):
        return {one["check"]: one["result"] for one in json.loads(said.stdout)["checks"]}

    def ends_well(command, number):
        said = command.run(number)
        if said.returncode == OTHER:
            return said.stdout == "" and "\ngrantex: " in "\n" + said.stderr
        assert said.returncode in (0, 8) and len(checks(said)) == len(checks(command.whole)), (number, said)
        return checks(said) == checks(command.whole)

    def fails_well(first):
        command = Command(server, tmp_path / f"command-{first}", "doctor", server.url, "--json", "--idle", "0", "--streams", "1")
        for number in itertools.count(first, 4 * step):
            assert any(ends_well(command, number) for _ in range(3)), number
            if not command.memory.failed:
                return number - first

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert max(pool.map(fails_well, (1 + part * step for part in range(4)))) > 0
