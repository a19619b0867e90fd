"""docs/quickstart.md says what is so: its blocks are pieces of examples/, its commands do what it shows."""

import fcntl
import fnmatch
import json
import os
import re
import select
import struct
import subprocess
import termios
import textwrap

import pytest

import page
from support import build
from support.program import Program

QUICKSTART = build.ROOT / "docs" / "quickstart.md"
EXAMPLES = build.ROOT / "examples"
TEXT = QUICKSTART.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^\*\*(\w+)\*\* · \[examples/(\S+)\]\(\.\./examples/\2\)\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
NAMES = ("stream", "subscribe", "replay", "budget_monitor")
ENDINGS = {"Python": ".py", "C": ".c", "curl": "_curl.sh", "Command": "_cli.sh"}


def block_below(words):
    """The first fenced block behind these words."""
    return re.search(r"^```\w*\n(.*?)^```$", TEXT[TEXT.index(words):], re.MULTILINE | re.DOTALL)[1]


def pieces(block):
    """Of a file that is shown in parts."""
    return [piece.strip("\n") for piece in block.split("\n…\n")]


def test_each_of_the_four_examples_is_there_four_times():
    assert [(language, file) for language, file, _ in BLOCKS] == [
        (language, name + ending) for name in NAMES for language, ending in ENDINGS.items()]


@pytest.mark.parametrize("file, block", [(file, block) for _, file, block in BLOCKS], ids=[file for _, file, _ in BLOCKS])
def test_a_block_is_what_stands_in_its_file(file, block):
    whole = (EXAMPLES / file).read_text(encoding="utf-8")
    assert [piece for piece in pieces(block) if f"\n{piece}\n" not in whole] == []
    if not file.endswith(".c"):
        assert whole.endswith(f"\n{block}"), "scripts are shown to their end"


@pytest.mark.parametrize("heading, file", [
    ("Stream", "stream.py"), ("Subscribe", "subscribe.py"), ("Example: Budget Alert Monitor", "budget_monitor.py")])
def test_an_example_in_python_is_the_pages_own_but_for_the_key(heading, file):
    program = page.programs()[heading].replace(f'api_key="{page.KEY_PLACEHOLDER}"', "")
    whole = (EXAMPLES / file).read_text(encoding="utf-8").replace("        await asyncio.to_thread(input)\n\n", "")
    if program.startswith("from"):  # top-level `async with`, which a file has in a function
        program = textwrap.indent(program.split("\n\n", 1)[1], "    ")
    assert program in whole


def test_every_link_leads_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 20 and [link for link in links if not (QUICKSTART.parent / link).exists()] == []


def test_every_command_of_the_front_door_exists():
    said = subprocess.run([build.ROOT / "x"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"\./x (\w+)", TEXT))
    assert commands and [command for command in commands if not re.search(rf"^  {command}\b", said, re.MULTILINE)] == []


def test_the_ready_line_is_as_shown(tmp_path):
    shown = json.loads(block_below("It is ready when").replace('"pid":…', '"pid":0'))
    with subprocess.Popen(
            [build.GRANTEXD, "dev", "--listen", "127.0.0.1:0"], env=build.environment(tmp_path), stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True) as server:
        ready = json.loads(server.stdout.readline())
        server.terminate()
    assert list(ready) == list(shown)
    assert ready["url"].startswith("http://127.0.0.1:") and ready["apiKey"].startswith(shown["apiKey"].rstrip("…"))


def test_what_the_script_lets_happen_is_seen_as_shown(server, wait_open):
    command, shown = block_below("In a third one").strip(), block_below("The second terminal shows").splitlines()
    terminal, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))  # lines are cut to a terminal's width
    environment = build.environment(server.folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=server.key, NO_COLOR="1")
    with subprocess.Popen([build.GRANTEX, "events", "stream"], env=environment, stdout=theirs, stdin=subprocess.DEVNULL) as watcher:
        os.close(theirs)
        wait_open(1)
        script = Program(server, "bash", "-c", f"cd {build.ROOT} && exec {command}")
        try:
            assert script.end() == 0, script.errors()
            seen = read_lines(terminal, len(shown))
        finally:
            script.kill()
            watcher.kill()
    os.close(terminal)
    assert [line for line, pattern in zip(seen, shown) if not fnmatch.fnmatchcase(line, pattern.replace("…", "*"))] == []
    assert script.lines[:3] == ["500 spent, 500 left", "300 spent, 200 left", "200 spent, 0 left"]
    assert script.lines[3].startswith("and now, perhaps: grantex grants revoke grnt_")


def read_lines(terminal, count):
    """What a program has written to a terminal, as soon as it is so much."""
    text = b""
    while text.count(b"\n") < count:
        readable, _, _ = select.select([terminal], [], [], build.PATIENCE)
        assert readable, text
        text += os.read(terminal, 65536)
    return text.decode().replace("\r\n", "\n").splitlines()
