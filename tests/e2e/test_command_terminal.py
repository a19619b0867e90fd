"""`grantex events stream` as a person sees it: in a real pseudo-terminal."""

import signal

import pytest

from support import build, life
from support.receiver import Receiver
from support.terminal import Terminal

START = "2020-01-01T00:00:00Z"


@pytest.fixture(name="open_terminal")
def fixture_open_terminal(server):
    opened = []

    def open_terminal(*arguments, columns=100, rows=30, **more):
        environment = build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key, **more)
        opened.append(Terminal([build.GRANTEX, *arguments], environment, columns, rows))
        return opened[-1]

    yield open_terminal
    for terminal in opened:
        terminal.close()


def shown_lines(terminal):
    return [line.rstrip("\r") for line in terminal.text.split("\n")]


def test_head_events_live_mark_and_status_line(server, sandbox, open_terminal):
    grant = life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START)
    terminal.wait_for("-- live")
    assert server.url in terminal.text and "(sandbox)" in terminal.text
    assert "start behind seq 0 · head 2 · 2 to replay · oldest kept 1" in terminal.text
    assert "TIME (UTC)" in terminal.text and "grant.created" in terminal.text and server.key not in terminal.text
    terminal.wait_for("● live  2 events")
    life.revoke(sandbox, grant)
    terminal.wait_for("grant.revoked")
    terminal.wait_for("● live  3 events  seq 3")
    assert "\x1b[31m" in terminal.written
    assert terminal.end(signal.SIGINT) == 130
    assert "3 events · 0 gaps · 0 repeats left out" in terminal.text and "resume: grantex events stream --after evt_" in terminal.text


def test_control_c_at_the_keyboard_ends_it_the_same_way(sandbox, open_terminal):
    life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START)
    terminal.wait_for("● live")
    assert terminal.end("\x03") == 130 and "resume: grantex events stream --after evt_" in terminal.text


def test_no_color_means_none(sandbox, open_terminal):
    life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START, "--until", "now", NO_COLOR="1")
    assert terminal.end() == 0 and "grant.created" in terminal.text
    assert "\x1b[3" not in terminal.written and "\x1b[2m" not in terminal.written


def test_a_dumb_terminal_gets_lines_only(sandbox, open_terminal):
    life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START, "--until", "now", TERM="dumb")
    assert terminal.end() == 0 and "grant.created" in terminal.text and "\x1b" not in terminal.written


def test_no_line_is_wider_than_the_terminal(sandbox, open_terminal):
    life.new_grant(sandbox, principal_id="user_" + "x" * 200)
    terminal = open_terminal("events", "stream", "--since", START, columns=70)
    terminal.wait_for("● live")
    events = [line for line in shown_lines(terminal) if "grant.created" in line]
    assert len(events) == 1 and len(events[0]) == 70 and events[0].endswith("…")
    mark = terminal.mark()
    terminal.resize(50, 30)
    life.new_grant(sandbox, principal_id="user_" + "x" * 200)
    terminal.wait_for(lambda: "token.issued" in terminal.since(mark))
    assert max(len(line.rstrip("\r").split("\r")[-1]) for line in terminal.since(mark).split("\n")) <= 50
    terminal.end(signal.SIGINT)


def test_a_lost_connection_is_told_and_counted_down_and_heals(server, sandbox, open_terminal):
    life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START)
    terminal.wait_for("● live  2 events")
    server.kill()
    terminal.wait_for("connection lost")
    terminal.wait_for("○ ")
    server.start()
    life.new_grant(sandbox)
    terminal.wait_for("! resumed")
    terminal.wait_for("● live  4 events")
    terminal.end(signal.SIGTERM)
    assert "4 events · 0 gaps" in terminal.text


def test_an_export_says_how_much_there_is_and_prints_no_events(sandbox, open_terminal, tmp_path):
    for _ in range(40):
        life.new_grant(sandbox)
    terminal = open_terminal("events", "stream", "--since", START, "--until", "now", "--output", tmp_path / "events.jsonl", "--rotate-events", "7")
    assert terminal.end() == 0
    assert "80 to replay" in terminal.text and "80 events" in terminal.text and "grant.created" not in terminal.text


def test_a_replay_that_takes_long_shows_how_far_it_is(sandbox, open_terminal):
    life.new_grant(sandbox)
    life.new_grant(sandbox)
    receiver = Receiver()
    try:
        receiver.answer = lambda post: 204 if len(receiver.posts) < 2 else (503, {"Retry-After": "500"}, b"")  # one of four
        terminal = open_terminal("events", "stream", "--since", START, "--until", "now", "--forward-to", receiver.url())
        terminal.wait_for("replay  25 %  1 of 4")
        terminal.end(signal.SIGINT)
    finally:
        receiver.close()


def test_text_of_others_does_not_steer_the_terminal(sandbox, open_terminal):
    life.new_grant(sandbox, principal_id="user_\x1b[2J\x1b]0;owned\x07")
    terminal = open_terminal("events", "stream", "--since", START, "--until", "now")
    assert terminal.end() == 0 and "\x1b[2J" not in terminal.written and "\x1b]0" not in terminal.written
