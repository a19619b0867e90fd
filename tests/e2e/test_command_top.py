"""`grantex top`: once as a table, and on the whole screen of a real pseudo-terminal."""

import json
import re
import signal
import time

import pytest

from support import build, life, metrics
from support.terminal import Terminal
from test_command import grantex

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"


def environment(server, **more):
    return build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key, **more)


@pytest.fixture(name="open_top")
def fixture_open_top(server):
    opened = []

    def open_top(*arguments, columns=110, rows=20, **more):
        opened.append(Terminal([build.GRANTEX, "top", *arguments], environment(server, **more), columns, rows))
        opened[-1].wait_for("GRANT")
        return opened[-1]

    yield open_top
    for terminal in opened:
        terminal.close()


def frame(terminal):
    """What is on the screen now: the last frame that has come whole."""
    frames = [text for text in terminal.written.split("\x1b[H") if text.rstrip().endswith("\x1b[K\x1b[J")]
    lines = frames[-1].split("\n") if frames else []
    return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r") for line in lines]


def shows(terminal, *patterns):
    terminal.wait_for(lambda: all(any(re.search(pattern, line) for line in frame(terminal)) for pattern in patterns), patterns)


def budget(api, initial=1000, used=None):
    grant = life.new_grant(api)
    life.allocate(api, grant, initial)
    if used:
        life.debit(api, grant, used)
    return grant


# --- once ---


def test_without_a_terminal_it_is_a_table_of_budgets_first_empty_first(server, sandbox):
    slow, fast, quiet, gone = budget(sandbox, 1000, 10), budget(sandbox, 1000, 900), budget(sandbox), budget(sandbox, 5, 5)
    said = grantex(server, "top")
    assert said.returncode == 0 and "\x1b" not in said.stdout and said.stderr == ""
    head, *rows = said.stdout.splitlines()
    assert head.split() == ["GRANT", "AGENT", "USED", "REMAINING", "RATE/MIN", "EMPTY", "IN", "STATE"]
    assert [row.split()[0] for row in rows] == [gone.id, fast.id, slow.id, quiet.id]
    assert "exhausted" in rows[0] and "90%" in rows[1] and "100/1000" in rows[1] and "▲ soon" in rows[1] and "99 min" not in rows[1]
    assert re.search(r"1%\s+990/1000\s+10\s+99 min|1%\s+990/1000\s+10\s+1 h 39 m", rows[2]) and re.search(r"–\s+–\s+ok$", rows[3])


def test_as_json_it_is_what_the_server_says(server, sandbox):
    budget(sandbox, 1000, 900)
    said = grantex(server, "top", "--json")
    answer = json.loads(said.stdout)
    assert said.returncode == 0 and answer["windowSeconds"] == 300 and answer["budgets"][0]["usedPercent"] == 90


def test_limit_and_wrong_use(server, sandbox):
    for _ in range(3):
        budget(sandbox)
    assert len(grantex(server, "top", "--once", "--limit", "2").stdout.splitlines()) == 3
    for wrong in (["--limit", "0"], ["--limit", "501"], ["--interval", "0"], ["--interval", "soon"], ["grnt_x"]):
        assert grantex(server, "top", *wrong).returncode == 2
    assert grantex(server, "top", key="gx_test_somebody-elses-key").returncode == 3


# --- the whole screen ---


def test_it_takes_the_screen_and_gives_it_back_on_q(sandbox, open_top):
    budget(sandbox, 1000, 900)
    terminal = open_top()
    shows(terminal, "grantex top · http", "1 budgets · 1 burning", "90%  █████████░ .*▲ soon", "q quit")
    assert terminal.written.startswith(ENTER + "\x1b[?25l")
    assert terminal.end("q") == 0
    assert terminal.written.endswith("\x1b[?25h" + LEAVE) and terminal.after == terminal.before


@pytest.mark.parametrize("how, status", [("\x03", 130), ("\x1c", 131), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)],
                         ids=["ctrl-c", "ctrl-backslash", "term", "hup", "int"])
def test_every_way_out_gives_the_terminal_back(sandbox, open_top, how, status):
    budget(sandbox)
    terminal = open_top()
    assert terminal.end(how) == status
    assert terminal.written.count(ENTER) == terminal.written.count(LEAVE) == 1
    assert terminal.written.endswith(LEAVE) and terminal.after == terminal.before


def test_control_z_gives_the_terminal_back_and_going_on_takes_it_again(sandbox, open_top):
    budget(sandbox)
    terminal = open_top()
    terminal.send("\x1a")
    terminal.wait_for(lambda: terminal.written.count(LEAVE) == 1)
    until = time.monotonic() + build.PATIENCE
    while not stopped(terminal.process.pid):
        assert time.monotonic() < until
    terminal.process.send_signal(signal.SIGCONT)
    terminal.wait_for(lambda: terminal.written.count(ENTER) == 2)
    shows(terminal, "1 budgets")
    assert terminal.end("q") == 0 and terminal.after == terminal.before


def stopped(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] == "T"


def test_a_threshold_is_on_the_screen_at_once_not_after_the_interval(server, sandbox, open_top):
    grant = budget(sandbox)
    terminal = open_top("--interval", "3600")
    shows(terminal, r"0%  ░░░░░░░░░░")
    metrics.wait_for(server.anonymous(), 'grantex_streams_open{transport="sse"}', 1)  # its stream tells of what comes from then on
    life.debit(sandbox, grant, 500)
    shows(terminal, "50%  █████")
    other = budget(sandbox, 20, 20)
    shows(terminal, "2 budgets · 1 burning .* 1 exhausted", "exhausted$")
    life.revoke(sandbox, other)
    shows(terminal, "1 budgets")
    terminal.end("q")


def test_a_debit_without_a_threshold_is_there_after_the_interval_and_by_r(sandbox, open_top):
    grant = budget(sandbox)
    terminal = open_top("--interval", "1")
    life.debit(sandbox, grant, 10)
    shows(terminal, "1%")
    terminal.end("q")
    terminal = open_top("--interval", "3600")
    shows(terminal, "1%")
    life.debit(sandbox, grant, 10)
    terminal.send("r")
    shows(terminal, "2%")
    terminal.end("q")


def test_paused_it_stands_still_and_says_so(sandbox, open_top):
    grant = budget(sandbox)
    terminal = open_top()
    terminal.send("p")
    shows(terminal, "paused")
    life.debit(sandbox, grant, 500)
    terminal.send("p")
    shows(terminal, "● live", "50%")
    terminal.end("q")


def test_it_fits_the_terminal_also_when_that_changes(sandbox, open_top):
    for _ in range(12):
        budget(sandbox)
    terminal = open_top(columns=120, rows=10)
    shows(terminal, "STATE", "q quit")
    assert len(frame(terminal)) <= 10 and max(map(len, frame(terminal))) <= 120
    first = frame(terminal)[3]
    terminal.send("j")
    terminal.wait_for(lambda: len(frame(terminal)) == 10 and frame(terminal)[3] != first)
    terminal.send("\x1b[A")
    terminal.wait_for(lambda: len(frame(terminal)) == 10 and frame(terminal)[3] == first)
    terminal.resize(40, 6)
    shows(terminal, "^GRANT +EMPTY IN  STATE$")
    terminal.wait_for(lambda: len(frame(terminal)) <= 6 and max(map(len, frame(terminal))) <= 40)
    terminal.end("q")


def test_a_server_that_dies_is_told_on_the_screen_and_comes_back(server, sandbox, open_top):
    grant = budget(sandbox)
    terminal = open_top("--interval", "1")
    shows(terminal, "● live")
    server.kill()
    shows(terminal, "○ no answer for", "1 budgets")
    server.start()
    life.debit(sandbox, grant, 500)
    shows(terminal, "● live", "50%")
    assert terminal.end("q") == 0


def test_a_key_that_is_good_no_more_ends_it(sandbox, open_top):
    budget(sandbox)
    terminal = open_top("--interval", "1")
    sandbox.post("/v1/keys/rotate").expect(200)
    assert terminal.process.wait(build.PATIENCE) == 3
    terminal.wait_for(lambda: LEAVE in terminal.written and "grantex: " in terminal.written.split(LEAVE)[1])


def test_names_of_agents_do_not_steer_the_terminal(sandbox, open_top):
    grant = life.new_grant(sandbox, agent_id=life.register(sandbox, name="\x1b[2J<script>\x07"))
    life.allocate(sandbox, grant, 10)
    terminal = open_top(NO_COLOR="1")
    shows(terminal, "<script>")
    assert "\x1b[2J<" not in terminal.written and "\x07" not in terminal.written and "\x1b[3" not in terminal.written
    terminal.end("q")
