"""Existing clients as they are published, each test against a grantexd of its own."""

import pathlib

import pytest

import python_sdk
from support.receiver import Receiver
from support.server import Server
from support.stores import Files


@pytest.fixture(name="why_not", scope="session")
def fixture_why_not():
    return python_sdk.fault()


@pytest.fixture(name="sdk")
def fixture_sdk(why_not):
    """The module. Where it cannot be had, every test says why it did not run."""
    if why_not is not None:
        pytest.skip(why_not)
    import grantex

    assert pathlib.Path(grantex.__file__).is_relative_to(python_sdk.FOLDER), "the package of this tree has the same name"
    return grantex


@pytest.fixture(name="stores", scope="session")
def fixture_stores(tmp_path_factory):
    return Files(tmp_path_factory.mktemp("furnished"))


@pytest.fixture(name="options")
def fixture_options():
    """A test that wants other ones says so in its parameters."""
    return ["--heartbeat", 50, "--webhook-retry", "20,20,20,20"]


@pytest.fixture(name="server")
def fixture_server(sdk, stores, options, tmp_path):
    server = Server(tmp_path, *options)
    stores.give(server)
    yield server.start()
    server.finish()


@pytest.fixture(name="client")
def fixture_client(sdk, server):
    """Of a sandbox developer."""
    return sdk.Grantex(api_key=server.key, base_url=server.url)


@pytest.fixture(name="receiver")
def fixture_receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()
