"""Every test has a grantexd of its own: process, folder, port. What it wrote to stderr is shown when the test fails."""

import shutil

import pytest

from support.server import Server


@pytest.fixture(name="furnished", scope="session")
def fixture_furnished(tmp_path_factory):
    """A data folder as `grantexd dev` leaves it on its first start: making the signing key is what takes time."""
    server = Server(tmp_path_factory.mktemp("furnished")).start()
    server.finish()
    return server.data


@pytest.fixture(name="start")
def fixture_start(tmp_path, request, furnished):
    """start("--heartbeat", 100): a running server. All of them must end well after the test."""
    servers = request.node.servers = []

    def start(*options, command="dev"):
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        server = Server(folder, *options, command=command)
        if command == "dev":
            shutil.copytree(furnished, server.data)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.finish()


@pytest.fixture(name="server")
def fixture_server(start):
    return start()


@pytest.fixture(name="api")
def fixture_api(server):
    """A live developer: consent is the principal's."""
    return server.sign_up()


@pytest.fixture(name="sandbox")
def fixture_sandbox(server):
    """The developer of `grantexd dev`: authorization codes come at once."""
    return server.api()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in getattr(item, "servers", []):
            report.sections.append((f"stderr of {server.folder.name}", server.stderr_tail()))
