"""The page's words, each against a grantexd of its own."""

import pytest

from support.server import Server
from support.stores import Files


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
