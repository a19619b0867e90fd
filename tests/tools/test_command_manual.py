"""Manual page, help and completions of `grantex` against its one table of commands and options, as `--help` shows it."""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("GRANTEX_BUILD_DIR", ROOT / "build"))
MANUAL = (ROOT / "docs/man/grantex.1").read_text()


def said(*arguments):
    return subprocess.run([FOLDER / "bin/grantex", *arguments], capture_output=True, text=True, check=True).stdout


def commands():
    """("events", "stream"), …, ("top",)"""
    lines = [line.split() for line in said("--help").splitlines() if line.startswith("  grantex ")]
    return [tuple(word for word in line[1:3] if re.fullmatch("[a-z]+", word)) for line in lines]


def split_commands():
    """A command of one word has no verb; what stands behind it is its summary."""
    known = []
    for command in commands():
        first = subprocess.run([FOLDER / "bin/grantex", command[0], "--help"], capture_output=True, text=True, check=True).stdout
        known.append(command if f"  grantex {command[0]} {command[-1]}" in first else command[:1])
    return sorted(set(known))


def options(command):
    return re.findall(r"^  --([a-z-]+)(?: (\S+))?  ", said(*command, "--help"), re.MULTILINE)


def plain(text):
    """Of the page what a reader sees: roff's escapes away."""
    return re.sub(r"\\f[RBIP]|\\", "", text)


def test_there_are_commands():
    assert ("events", "stream") in split_commands() and ("completion",) in split_commands() and len(split_commands()) >= 10


@pytest.mark.parametrize("command", split_commands(), ids=" ".join)
def test_a_command_and_each_of_its_options_is_in_the_manual(command):
    page = plain(MANUAL)
    assert f"grantex {' '.join(command)}" in page
    for name, _ in options(command):
        assert re.search(rf"^\.(B|BI|BR|RB|IR)\b.*--{name}\b", page, re.MULTILINE), name


@pytest.mark.parametrize("command", split_commands(), ids=" ".join)
def test_each_option_is_in_the_completions_of_each_shell(command):
    for shell, form in (("bash", "--{} "), ("zsh", "'--{}"), ("fish", "-l {} ")):
        script = said("completion", shell)
        for name, _ in options(command):
            assert form.format(name) in script, (shell, name)


def test_nothing_is_in_the_manual_that_the_command_does_not_have():
    there = {name for command in split_commands() for name, _ in options(command)} | {"version"}
    assert set(re.findall(r"--([a-z][a-z-]+)", plain(MANUAL))) - there - {"unbuffered", "name"} == set()


def test_every_exit_status_is_in_the_manual():
    numbers = re.findall(r"^    CLI_\w+ = (\d+),", (ROOT / "src/cli/cli.h").read_text(), re.MULTILINE)
    assert len(numbers) >= 8
    for number in numbers:
        assert f"\n.B {number}\n" in MANUAL, number


def test_the_manual_has_no_fault():
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", ROOT / "docs/man/grantex.1"], capture_output=True, text=True)
    assert lint.stdout == ""
