"""./x on machines that this one is not: its package handling, against stand-ins for apt, dpkg and sudo."""

import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLAIN_TOOLS = "cat cut dirname env find grep id mkdir printf rm sed sh tail tr uname".split()

# Stand-ins keep what is "installed" in $STATE/installed and write down how they were called in $STATE/calls.
DPKG_QUERY = 'sed "s/$/ installed/" "$STATE/installed"'
APT_CACHE = 'grep -qx "$2" "$STATE/known" 2>/dev/null && echo "$2 | 1.0 | somewhere"'
APT_GET = """
echo "apt-get $*" >>"$STATE/calls"
case "$*" in
*update) cp "$STATE/archive" "$STATE/known" ;;
*install*) [ ! -f "$STATE/broken" ] || { echo "E: cannot fetch"; exit 100; }
    for word; do grep -x "$word" "$STATE/known" >>"$STATE/installed"; done; : ;;
esac
"""
SUDO = 'echo "sudo" >>"$STATE/calls"; exec "$@"'
ID = "echo ${FAKE_UID:-0}"

BUILD = """gcc libc6-dev cmake ninja-build pkg-config libuv1-dev libhttp-parser-dev libjansson-dev libsqlite3-dev libpq-dev
libcurl4-openssl-dev libssl-dev libnats-dev python3""".split()


class Machine:
    """A folder with a copy of ./x, and a PATH of our own making."""

    def __init__(self, folder):
        self.tree, self.bin, self.state = folder / "tree", folder / "bin", folder / "state"
        for path in (self.tree, self.bin, self.state):
            path.mkdir()
        shutil.copy(ROOT / "x", self.tree / "x")
        for tool in [*PLAIN_TOOLS, "cp"]:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.installed([])
        self.archive(BUILD)

    def stand_in(self, name, script):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def with_apt(self):
        for name, script in (("dpkg-query", DPKG_QUERY), ("apt-cache", APT_CACHE), ("apt-get", APT_GET), ("id", ID)):
            self.stand_in(name, script)
        return self

    def installed(self, packages):
        (self.state / "installed").write_text("".join(f"{package}\n" for package in packages))

    def archive(self, packages):
        (self.state / "archive").write_text("".join(f"{package}\n" for package in packages))

    def calls(self):
        path = self.state / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def x(self, *arguments, **environment):
        return subprocess.run(
            ["/bin/sh", str(self.tree / "x"), *arguments],
            env={"PATH": str(self.bin), "STATE": str(self.state), **environment},
            capture_output=True, text=True, timeout=60, check=False,
        )


@pytest.fixture(name="machine")
def fixture_machine(tmp_path):
    return Machine(tmp_path)


def test_alone_it_prints_help_and_touches_nothing(machine):
    said = machine.x()
    assert said.returncode == 0 and said.stdout.startswith("usage: ./x COMMAND")
    assert os.listdir(machine.tree) == ["x"]


def test_an_unknown_command_fails_and_names_it(machine):
    said = machine.x("frobnicate")
    assert said.returncode == 1 and '"frobnicate"' in said.stderr


def test_a_fresh_machine_gets_what_is_missing_by_one_update_and_one_install(machine):
    said = machine.with_apt().x("install-deps")
    assert said.returncode == 0, said.stderr
    update, install = machine.calls()
    assert update.endswith("update")
    assert "--no-install-recommends" in install and set(BUILD) <= set(install.split())


def test_only_what_is_missing_is_installed_and_lists_are_not_refreshed_without_need(machine):
    machine.with_apt().installed(BUILD[1:])
    (machine.state / "known").write_text("\n".join(BUILD) + "\n")
    assert machine.x("install-deps").returncode == 0
    (install,) = machine.calls()
    assert install.split()[-1] == BUILD[0] and not set(BUILD[1:]) & set(install.split())


def test_when_all_is_there_apt_is_not_called(machine):
    machine.with_apt().installed(BUILD)
    assert machine.x("install-deps").returncode == 0
    assert machine.calls() == []


def test_the_newer_parser_is_taken_where_the_distribution_has_it(machine):
    machine.with_apt().archive([*BUILD, "libllhttp-dev"])
    assert machine.x("install-deps").returncode == 0
    install = machine.calls()[-1].split()
    assert "libllhttp-dev" in install and "libhttp-parser-dev" not in install


def test_somebody_who_is_not_root_goes_through_sudo(machine):
    machine.with_apt().stand_in("sudo", SUDO)
    assert machine.x("install-deps", FAKE_UID="1000").returncode == 0
    assert machine.calls()[0] == "sudo"


def test_without_root_and_without_sudo_it_says_what_to_install(machine):
    said = machine.with_apt().x("install-deps", FAKE_UID="1000")
    assert said.returncode == 1 and machine.calls() == []
    assert "no sudo" in said.stderr and "libuv1-dev" in said.stderr


def test_without_apt_it_says_what_is_needed(machine):
    said = machine.x("install-deps")
    assert said.returncode == 1
    assert "no apt" in said.stderr and "libjansson-dev" in said.stderr and "GRANTEX_NO_INSTALL=1" in said.stderr


def test_a_distribution_without_a_package_is_told_apart_from_a_failing_apt(machine):
    machine.with_apt().archive([package for package in BUILD if package != "libuv1-dev"])
    said = machine.x("install-deps")
    assert said.returncode == 1 and "libuv1-dev" in said.stderr and "Debian 12" in said.stderr


def test_a_failing_apt_is_retried_after_an_update_and_its_log_is_named(machine):
    machine.with_apt()
    (machine.state / "known").write_text("\n".join(BUILD) + "\n")
    (machine.state / "broken").touch()
    said = machine.x("install-deps")
    assert said.returncode == 1
    assert [call.split()[-1] == "update" for call in machine.calls()] == [False, True, False]
    assert "build/log/packages.log" in said.stderr and "cannot fetch" in said.stderr


def test_whoever_wants_no_installation_gets_none(machine):
    assert machine.with_apt().x("install-deps", GRANTEX_NO_INSTALL="1").returncode == 0
    assert machine.calls() == []
