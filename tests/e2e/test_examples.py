"""examples/: each program as it is, against a real server that dies under it."""

import signal
import subprocess
import threading

import pytest

from support import build, life, metrics

OPEN = 'grantex_streams_open{transport="sse"}'


class Example:
    """A program of examples/ in the background, its lines as they come."""

    def __init__(self, server, name, *arguments):
        self.lines = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            [build.FOLDER / "examples" / name, *arguments],
            env=build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()

    def wait_for(self, *parts):
        """Each of the parts stands in a line of its own, in this order."""
        def all_there():
            lines = iter(self.lines)
            return all(any(part in line for line in lines) for part in parts)
        with self._changed:
            assert self._changed.wait_for(all_there, build.PATIENCE), (parts, self.lines)

    def end(self, how):
        how(self.process)
        try:
            return self.process.wait(build.PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def run(server):
    programs = []

    def start(name, *arguments):
        programs.append(Example(server, name, *arguments))
        metrics.wait_for(server.anonymous(), OPEN, 1)
        return programs[-1]

    yield start
    for program in programs:
        program.process.kill()
        program.process.wait()


def interrupt(process):
    process.send_signal(signal.SIGINT)


def press_enter(process):
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.mark.parametrize("name, created, issued, end", [
    ("stream", "Type: grant.created", "Type: token.issued", None),
    ("subscribe", "New grant: {}", None, press_enter),
    ("poll_loop", "grant.created evt_", "token.issued evt_", interrupt),
    ("epoll_loop", "grant.created evt_", "token.issued evt_", interrupt),
    ("uv_loop", "grant.created evt_", "token.issued evt_", interrupt),
])
def test_a_program_gets_each_event_also_those_of_a_server_that_was_killed(server, sandbox, run, name, created, issued, end):
    program = run(name, *([server.key] if name == "epoll_loop" else []))
    first = life.new_grant(sandbox)
    program.wait_for(*filter(None, [created.format(first.id), issued]))
    server.restart()
    second = life.new_grant(sandbox)
    program.wait_for(*filter(None, [created.format(first.id), issued, created.format(second.id), issued]))
    if end:
        assert program.end(end) == 0


def test_the_example_of_a_stream_ends_when_a_budget_is_used_up(server, sandbox, run):
    program = run("stream")
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 10)
    program.wait_for("Type: budget.exhausted")
    assert program.process.wait(build.PATIENCE) == 0


def test_the_budget_monitor_revokes_the_grant_whose_budget_is_used_up(server, sandbox, run):
    program = run("budget_monitor")
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 8)
    program.wait_for(f"Budget alert: 50% used for grant {grant.id}", f"Budget alert: 80% used for grant {grant.id}")
    life.debit(sandbox, grant, 2)
    program.wait_for(f"Budget exhausted for grant {grant.id}")
    with program._changed:
        program._changed.wait_for(lambda: sandbox.get(f"/v1/grants/{grant.id}").json["status"] == "revoked", build.PATIENCE)
    assert sandbox.get(f"/v1/grants/{grant.id}").json["status"] == "revoked"
