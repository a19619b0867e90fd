"""The unit of packaging/systemd: what systemd thinks of it, and what the server tells systemd (sd_notify(3)) by a real datagram socket."""

import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import uuid

import pytest

from support import build, life, unit
from support.server import Server

pytestmark = pytest.mark.sqlite

MOST_EXPOSURE = 12  # tenths; 0 is a service that does nothing, 96 one that restricts nothing

# A server has a network, PostgreSQL and systemd may have sockets, and where its webhooks lead is its users' matter.
LEFT_OPEN = {"RootDirectory=/RootImage=", "RestrictAddressFamilies=~AF_UNIX", "RestrictAddressFamilies=~AF_(INET|INET6)", "PrivateNetwork=",
             "DeviceAllow=", "IPAddressDeny="}


# --- the unit ---


@pytest.fixture(name="installed")
def fixture_installed(tmp_path):
    """The unit as it stands where the program is this build's: systemd looks for it in the PATH of its own."""
    text = unit.FILE.read_text().replace("ExecStart=grantexd ", f"ExecStart={build.GRANTEXD} ")
    assert str(build.GRANTEXD) in text
    path = tmp_path / "grantexd.service"
    path.write_text(text)
    return path


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=build.PATIENCE, check=False)


def test_systemd_finds_no_fault_with_the_unit(installed):
    said = analyze("verify", "--man=no", installed)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_a_fault_would_be_found(installed):
    installed.write_text(installed.read_text().replace("ProtectSystem=strict", "ProtectSystem=most").replace("[Install]", "Nonsense=1\n[Install]"))
    said = analyze("verify", "--man=no", installed)
    assert "protect system" in said.stderr and "Nonsense" in said.stderr


def test_the_unit_leaves_an_attacker_next_to_nothing(installed):
    said = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSURE}", "--no-pager", installed)
    assert said.returncode == 0, said.stdout
    assert re.search(r"Overall exposure level for grantexd.service: \d\.\d OK", said.stdout)


def left_open(unit_file):
    said = analyze("security", "--offline=true", "--json=short", "--no-pager", unit_file).stdout
    return {row["name"] for row in json.loads(said) if float(row.get("exposure") or 0) > 0}


def test_what_the_unit_leaves_open_is_what_a_server_needs(installed):
    assert left_open(installed) <= LEFT_OPEN


@pytest.mark.parametrize("line", ["CapabilityBoundingSet=", "SystemCallFilter=@system-service", "MemoryDenyWriteExecute=yes", "RestrictNamespaces=yes",
                                  "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "PrivateDevices=yes", "PrivateUsers=yes", "UMask=0077"])
def test_a_line_less_would_be_seen(installed, line):
    text = installed.read_text()
    assert f"\n{line}\n" in text
    installed.write_text(text.replace(f"\n{line}\n", "\n"))
    assert not left_open(installed) <= LEFT_OPEN


def test_the_options_of_the_unit_are_options_of_the_server(tmp_path):
    words = unit.settings("ExecStart")[0].replace("${STATE_DIRECTORY}", str(tmp_path / "state")).replace("$GRANTEXD_OPTIONS", "").split()
    assert words[:2] == ["grantexd", "serve"]
    server = Server(tmp_path, command="serve")
    server.where = words[2:]
    server.start().finish()
    assert (tmp_path / "state" / "grantex.db").exists()


def test_the_unit_is_installed_where_systemd_looks(tmp_path):
    script = (build.FOLDER / "src" / "daemon" / "cmake_install.cmake").read_text()
    assert re.search(r'/lib/systemd/system" TYPE FILE FILES "[^"]*/packaging/systemd/grantexd\.service"', script)


# --- what systemd is told ---


class Listener:
    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.settimeout(build.PATIENCE)
        self.socket.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)

    def next(self):
        return self.socket.recv(4096).decode()

    def silent(self):
        self.socket.setblocking(False)
        try:
            return self.socket.recv(4096) is None
        except BlockingIOError:
            return True
        finally:
            self.socket.settimeout(build.PATIENCE)


@pytest.fixture(name="listener", params=["a path", "an abstract name"])
def fixture_listener(request):
    with tempfile.TemporaryDirectory(prefix="gx-notify-") as folder:
        name = f"@grantex-{uuid.uuid4()}" if request.param == "an abstract name" else str(pathlib.Path(folder) / "notify")
        made = Listener(name)
        yield made
        made.socket.close()


def test_it_tells_when_it_is_ready_reads_anew_and_stops(listener, tmp_path):
    server = Server(tmp_path, environment={"NOTIFY_SOCKET": listener.name}).start()
    assert listener.next() == "READY=1"
    life.register(server.api())
    server.process.send_signal(signal.SIGHUP)
    assert [listener.next(), listener.next()] == ["RELOADING=1", "READY=1"]
    server.finish()
    assert listener.next() == "STOPPING=1" and listener.silent()


def test_what_cannot_start_does_not_say_that_it_is_ready(listener, tmp_path):
    (tmp_path / "data").write_text("no folder")
    said = subprocess.run([build.GRANTEXD, "dev", "--listen", "127.0.0.1:0", "--data", tmp_path / "data"], capture_output=True, text=True, check=False,
                          env=build.environment(tmp_path, NOTIFY_SOCKET=listener.name), stdin=subprocess.DEVNULL, timeout=build.PATIENCE)
    assert said.returncode == 1 and listener.silent()


@pytest.mark.parametrize("name", ["/nowhere/notify", "relative", "@", "/" + "x" * 200])
def test_where_nobody_listens_it_serves_all_the_same_and_says_so(tmp_path, name):
    server = Server(tmp_path, environment={"NOTIFY_SOCKET": name}).start()
    assert server.anonymous().get("/livez").status == 200
    server.wait_for_log("NOTIFY_SOCKET cannot be told READY=1")
    server.finish()
