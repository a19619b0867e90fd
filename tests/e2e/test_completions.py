"""Completions in the real shells, from the files that are installed."""

import shutil
import subprocess

import pytest

from support import build
from support.terminal import Terminal

FILES = build.FOLDER / "completions"

WANTED = [
    (["gr"], {"grants"}),
    (["events", ""], {"stream"}),
    (["grants", ""], {"list", "get", "revoke"}),
    (["events", "stream", "--for"], {"--forward-to"}),
    (["events", "stream", "--reconnect", ""], {"auto", "always", "never"}),
    (["events", "stream", "--types", "budget."], {"budget.threshold", "budget.exhausted", "budget.*"}),
    (["keys", ""], {"create", "list", "revoke", "rotate"}),
    (["keys", "create", "x", "--ex"], {"--expires-in"}),
    (["completion", ""], {"bash", "zsh", "fish"}),
]


def shell(name):
    path = shutil.which(name)
    assert path, f"{name} is not installed; ./x install-deps test does that"
    return path


def run(arguments, folder, **more):
    said = subprocess.run(arguments, cwd=folder, env=build.environment(folder, **more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=build.PATIENCE, check=False)
    assert said.returncode == 0 and said.stderr == "", said.stderr
    return said.stdout


def words_of_help():
    """Noun, verb, of all commands."""
    text = subprocess.run([build.GRANTEX, "--help"], env=build.environment("/"), capture_output=True, text=True, check=True).stdout
    return [line.strip().split("  ")[0].split()[1:] for line in text.splitlines() if line.startswith("  grantex ")]


def test_the_files_are_what_the_command_prints():
    for name, file in (("bash", "grantex"), ("zsh", "_grantex"), ("fish", "grantex.fish")):
        said = subprocess.run([build.GRANTEX, "completion", name], env=build.environment("/"), capture_output=True, text=True, check=True)
        assert said.stdout == (FILES / file).read_text()


@pytest.mark.parametrize("words, wanted", WANTED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_bash_completes(tmp_path, words, wanted):
    (tmp_path / "budget.txt").touch()  # a pattern is not to be taken for a file
    script = 'source "$1"; shift; COMP_WORDS=(grantex "$@"); COMP_CWORD=$#; _grantex; printf "%s\\n" "${COMPREPLY[@]}"'
    assert set(run([shell("bash"), "-c", script, "bash", FILES / "grantex", *words], tmp_path).split()) == wanted


def test_bash_completes_a_value_behind_an_equals_sign_and_names_of_files(tmp_path):
    (tmp_path / "my file").touch()
    script = 'source "$1"; shift; COMP_WORDS=(grantex "$@"); COMP_CWORD=$#; _grantex; printf "%s\\n" "${COMPREPLY[@]}"'
    assert run([shell("bash"), "-c", script, "bash", FILES / "grantex", "events", "stream", "--on-gap", "=", "f"], tmp_path) == "fail\n"
    assert run([shell("bash"), "-c", script, "bash", FILES / "grantex", "events", "stream", "--output", "my"], tmp_path) == "my file\n"


@pytest.mark.parametrize("words, wanted", WANTED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_fish_completes(tmp_path, words, wanted):
    script = f"source {FILES}/grantex.fish; complete -C 'grantex {' '.join(words)}'"
    said = run([shell("fish"), "--no-config", "-c", script], tmp_path)
    assert {line.split("\t")[0] for line in said.splitlines()} == wanted


@pytest.mark.parametrize("words, wanted", WANTED, ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_zsh_completes(tmp_path, words, wanted):
    """In a terminal, for its completion exists nowhere else: what TAB lists, or puts there when there is one."""
    setup = (f"fpath=({FILES} $fpath); autoload -Uz compinit && compinit -u -d {tmp_path}/dump; "
             "zstyle ':completion:*' list-prompt ''; LISTMAX=1000; PS1='REA''DY> '\n")
    terminal = Terminal([shell("zsh"), "-f", "-i"], build.environment(tmp_path, TERM="dumb"), columns=200)
    try:
        terminal.send(setup)
        terminal.wait_for("READY>")
        mark = terminal.mark()
        terminal.send(" ".join(["grantex", *words]) + "\t" + ("\t" if len(wanted) > 1 else ""))
        terminal.wait_for(lambda: all(word in terminal.since(mark).replace("\\*", "*") for word in wanted), str(wanted))
        if len(wanted) > 1:
            assert not {"--help", "--json"} & set(terminal.since(mark).split())
    finally:
        terminal.close()


@pytest.mark.parametrize("name, check", [("bash", ["-n"]), ("zsh", ["-n"]), ("fish", ["--no-execute"])])
def test_the_scripts_have_no_fault_of_grammar(tmp_path, name, check):
    file = {"bash": "grantex", "zsh": "_grantex", "fish": "grantex.fish"}[name]
    run([shell(name), *check, FILES / file], tmp_path)


def test_every_command_is_in_every_script():
    for file in ("grantex", "_grantex", "grantex.fish"):
        text = (FILES / file).read_text()
        for command in words_of_help():
            assert command[0] in text and (len(command) < 2 or command[1].isupper() or "|" in command[1] or command[1] in text), (file, command)
