"""The page's words, each against a grantexd of its own."""

import pathlib
import sys

import pytest

from support import build, metrics
from support.program import Program
from support.server import Server
from support.stores import Files

RUN_PROGRAM = pathlib.Path(__file__).with_name("run_program.py")


@pytest.fixture(name="stores", scope="session")
def fixture_stores(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(name="server")
def fixture_server(stores, tmp_path):
    """So silent that whoever does not close a connection is seen to leave it open."""
    server = Server(tmp_path, "--heartbeat", 60_000)
    stores.give(server)
    yield server.start()
    server.finish()


@pytest.fixture(name="sandbox")
def fixture_sandbox(server):
    """The developer whose authorization codes come at once."""
    return server.api()


@pytest.fixture(name="wait_open")
def fixture_wait_open(server):
    """wait_open(1): until that many streams are open at the server."""
    return lambda count: metrics.wait_for(server.anonymous(), 'grantex_streams_open{transport="sse"}', count)


@pytest.fixture(name="package", scope="session")
def fixture_package():
    """Where the Python package of this tree lies, built."""
    folder = build.FOLDER / "python"
    assert (folder / "grantex" / "__init__.py").exists(), f"no package in {folder}: ./x python makes it"
    return folder


@pytest.fixture(name="grantex", scope="session")
def fixture_grantex(package):
    """The module; no other of that name."""
    sys.path.insert(0, str(package))
    import grantex

    assert pathlib.Path(grantex.__file__).is_relative_to(package)
    return grantex


@pytest.fixture(name="run")
def fixture_run(server, package):
    """run("Stream"): the program below that heading of the page; run("stream.py"): the one in examples/. Their key is
    where they say: in the program's text, in the environment."""
    programs = []

    def start(name, *arguments):
        folders = {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
        python = [sys.executable, "-u", "-W", "always"]
        if name.endswith(".py"):
            program = Program(server, *python, build.ROOT / "examples" / name, *arguments, **folders)
        else:
            command = [*python, RUN_PROGRAM, name, server.key, *arguments]
            program = Program(server, *command, key="gx_test_another-key-than-the-programs", **folders)
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()
