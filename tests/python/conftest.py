"""The Python package of the build that is tested, each test against a grantexd of its own. Warnings are errors."""

import asyncio
import sys

import pytest

from support import build
from support.server import Server
from support.stores import Files

PACKAGE = build.FOLDER / "python"
assert (PACKAGE / "grantex").is_dir(), f"{PACKAGE} has no package: ./x python"
sys.path.insert(0, str(PACKAGE))

import grantex  # noqa: E402
import watch  # noqa: E402


def loop_factory(name):
    if name == "asyncio":
        return asyncio.new_event_loop
    return pytest.importorskip("uvloop").new_event_loop


@pytest.fixture(name="run", params=["asyncio", "uvloop"])
def fixture_run(request):
    """run(coroutine): in a loop of its own, of both kinds; within the deadline of all tests."""
    factory = loop_factory(request.param)

    def run(coroutine):
        with asyncio.Runner(loop_factory=factory, debug=True) as runner:
            return runner.run(asyncio.wait_for(coroutine, build.PATIENCE))

    return run


@pytest.fixture(name="stores", scope="session")
def fixture_stores(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(name="start")
def fixture_start(stores, tmp_path):
    """start("--heartbeat", 50): a running server; all of them must end well after the test."""
    servers = []

    def start(*options):
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        server = Server(folder, *options)
        stores.give(server)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.finish()


@pytest.fixture(name="server")
def fixture_server(start):
    return start("--heartbeat", 100)


@pytest.fixture(name="open_client")
def fixture_open_client(server):
    """open_client(): of the sandbox developer of that server."""

    def open_client(**options):
        return grantex.Grantex(**{"api_key": server.key, "base_url": server.url, **options})

    return open_client


@pytest.fixture(name="client")
def fixture_client(open_client):
    with open_client() as client:
        yield client


@pytest.fixture(name="api")
def fixture_api(server):
    """The same developer by plain HTTP, for what a test provokes beside the client."""
    return server.api()


@pytest.fixture(name="streams")
def fixture_streams(server):
    return watch.Streams(server)
