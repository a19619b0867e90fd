"""grantexd under what packaging/systemd/grantexd.service takes from it: a user of its own, a read-only root, no capabilities, and the
system calls that SystemCallFilter= leaves. What is not allowed kills the process (support/confined.py), so that each scenario which
ends well shows that nothing was missing."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import pathlib

import pytest

from support import build, confined, life, tls, unit
from support.receiver import Receiver
from support.server import Server
from support.stream import SseReader
from support.websocket import WsClient

pytestmark = [
    pytest.mark.sqlite,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make another user's process with a root of its own"),
    pytest.mark.skipif(bool(build.SANITIZER), reason="a sanitizer needs system calls and memory that the server does not"),
]

LAUNCHER = str(pathlib.Path(confined.__file__).resolve())


@pytest.fixture(name="folder")
def fixture_folder():
    """Not pytest's: another user must get in."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="gx-confined-"))
    shutil.chown(made, confined.USER, confined.USER)
    yield made
    shutil.rmtree(made)


def confinement(folder, without=()):
    families = " ".join(unit.settings("RestrictAddressFamilies")).split()
    return [sys.executable, LAUNCHER, str(folder), str(build.FOLDER), ",".join(unit.system_calls() - set(without)), ",".join(families)]


@pytest.fixture(name="serve")
def fixture_serve(folder):
    servers = []

    def serve(*options, store=None):
        server = Server(folder, *options, store=store)
        server.program = [*confinement(folder), "/mnt/bin/grantexd"]
        servers.append(server)
        return server.start()

    yield serve
    for server in servers:
        server.finish()


def credential(folder, file):
    """As LoadCredential= lays it down."""
    copy = folder / file.name
    shutil.copy(file, copy)
    copy.chmod(0o400)
    shutil.chown(copy, confined.USER, confined.USER)
    return copy


def live_through(server):
    """A grant's life, heard on a stream, on a WebSocket and by a webhook."""
    api, receiver = server.api(), Receiver()
    try:
        api.post("/v1/webhooks", {"url": receiver.url(host="localhost"), "events": ["grant.created", "token.issued", "grant.revoked"]}).expect(201)
        with SseReader(api) as stream, WsClient(api).opened() as socket:
            stream.wait_open()
            grant = life.new_grant(api)
            life.refresh(api, grant)
            api.delete(f"/v1/grants/{grant.id}")
            heard = [event["type"] for event in stream.wait_events(4)]
            assert heard == ["grant.created", "token.issued", "token.issued", "grant.revoked"]
            assert [event["type"] for event in socket.read_events(4)] == heard
            assert [event["type"] for event in receiver.wait_for(4)] == heard
    finally:
        receiver.close()
    assert server.anonymous().get("/metrics").status == 200


def test_on_a_file_over_tls_it_serves_streams_posts_webhooks_and_takes_a_new_certificate(serve, folder):
    certificate = tls.common()
    options = ["--tls-cert", credential(folder, certificate.certificate), "--tls-key", credential(folder, certificate.key)]
    server = serve(*options)
    live_through(server)
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_log("has been read anew")
    server.restart()
    assert len(server.api().get("/v1/agents").expect(200)["agents"]) == 1


@pytest.mark.skipif(tls.EVERYWHERE, reason="over TLS the other one runs")
def test_on_postgresql_it_does_the_same(serve, postgres):
    database = postgres.new_database()
    live_through(serve(store=database.url))


def test_it_is_nobody_may_nothing_and_is_filtered(serve, folder):
    server = serve(*(["--tls-cert", credential(folder, tls.common().certificate), "--tls-key", credential(folder, tls.common().key)] if tls.EVERYWHERE else []))
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    told = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert set(told["Uid"].split()) == {str(confined.USER)} and told["Groups"].strip() == ""
    assert {told[name].strip("0") for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""}
    assert told["NoNewPrivs"] == "1" and told["Seccomp"] == "2"


def run_confined(folder, program, without=()):
    return subprocess.run([*confinement(folder, without), "/usr/bin/python3", "-c", program], capture_output=True, text=True,
                          timeout=build.PATIENCE, check=False, cwd="/")


@pytest.mark.parametrize("program", [
    "import ctypes; ctypes.CDLL(None).mount(b'x', b'/', b'x', 0, None)",
    "import ctypes; ctypes.CDLL(None).ptrace(0, 0, 0, 0)",
    "import os; os.chown('/tmp', 0, 0)",
    "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
    "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "import ctypes; ctypes.CDLL(None).unshare(0x10000000)",
    "import os; os.chmod('.', 0o4755)",
    "import resource; import ctypes; ctypes.CDLL(None).sched_setscheduler(0, 1, b'0000')",
])
def test_what_the_unit_forbids_kills_here_so_that_the_others_can_fail(folder, program):
    assert run_confined(folder, program).returncode == -signal.SIGSYS


def test_a_call_that_it_needs_would_be_missed(folder):
    server = Server(folder)
    server.program = [*confinement(folder, without=["fdatasync", "fsync"]), "/mnt/bin/grantexd"]
    with pytest.raises(AssertionError):
        server.start()
    assert server.process.wait(build.PATIENCE) == -signal.SIGSYS


def test_it_can_write_into_its_folder_and_nowhere_else(folder):
    assert run_confined(folder, f"open('{folder}/x', 'w')").returncode == 0
    for place in ("/tmp/x", "/mnt/x", "/etc/x", "/var/tmp/x"):
        said = run_confined(folder, f"open('{place}', 'w')")
        assert said.returncode == 1 and ("Read-only" in said.stderr or "Permission denied" in said.stderr), said
