"""Every test has a grantexd of its own: process, folder, port. What it wrote to stderr is shown when the test fails."""

import pytest

from support import build, secrets_told
from support import stores as kinds
from support import tls
from support.doctor import HEARTBEAT_MS
from support.postgres import Postgres
from support.proxy import PROXIES
from support.receiver import Receiver
from support.server import Server

# They start a PostgreSQL of their own wherever the other files run; once is enough.
OWN_STORE = ["test_bus.py", "test_migrate.py", "test_postgres.py"]
# They look at what a browser makes of the pages, and a proxy of the stream. What they ask of the server the other files ask too, so that
# they say nothing new of its threads, its memory or its store.
SEEN_FROM_AFAR = [
    "test_consent_page.py", "test_monitor.py", "test_permissions_page.py",
    "test_doctor_caddy.py", "test_doctor_haproxy.py", "test_doctor_nginx.py",
]
# A town of three nodes and five hundred subscribers: once, and not where every step is watched.
TOWN = ["test_many_nodes.py"]
collect_ignore = (OWN_STORE if kinds.ON_POSTGRES else []) + (SEEN_FROM_AFAR if kinds.ON_POSTGRES or build.SANITIZER else [])
collect_ignore += TOWN if kinds.ON_POSTGRES or tls.EVERYWHERE or build.SANITIZER else []


def pytest_configure(config):
    config.addinivalue_line("markers", "plain: reads many bare sockets at once; says nothing of TLS")
    config.addinivalue_line("markers", "sqlite: about the file that SQLite keeps; says nothing of PostgreSQL")


    secrets_told.watch()


def pytest_collection_modifyitems(config, items):
    elsewhere = {"sqlite": kinds.ON_POSTGRES, "plain": tls.EVERYWHERE}
    left_out = [item for item in items if any(item.get_closest_marker(name) for name, out in elsewhere.items() if out)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(name="stores", scope="session")
def fixture_stores(tmp_path_factory):
    given = kinds.stores(tmp_path_factory.mktemp("furnished"))
    yield given
    given.remove()


@pytest.fixture(name="postgres", scope="module")
def fixture_postgres():
    postgres = Postgres()
    try:
        yield postgres.start()
    finally:
        postgres.remove()


@pytest.fixture(name="receiver")
def fixture_receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(name="secrets", autouse=True)
def fixture_secrets():
    """Whatever a test is about: when its servers have ended, no secret stands in their stderr or in what they refused with."""
    yield secrets_told.current()
    told = secrets_told.current().told()
    secrets_told.watch()
    assert told == []


@pytest.fixture(name="start")
def fixture_start(tmp_path, request, stores):
    """start("--heartbeat", 100): a running server. All of them must end well after the test."""
    servers = request.node.servers = []

    def start(*options, command="dev"):
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        server = Server(folder, *options, command=command)
        stores.give(server)
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.finish()
        stores.take(server)


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


@pytest.fixture(name="before")
def fixture_before(start, tmp_path):
    """before("nginx"): a proxy, not started yet, before a server of its own."""
    made = []

    def before(name, *options):
        if PROXIES[name].missing():
            pytest.skip(f"there is no {name} here")
        server = start("--heartbeat", HEARTBEAT_MS, *options)
        folder = tmp_path / name
        folder.mkdir()
        made.append(PROXIES[name](folder, server))
        return server, made[-1]

    yield before
    for proxy in made:
        proxy.stop()


@pytest.fixture(name="chromium", scope="module")
def fixture_chromium(tmp_path_factory):
    from support import browser  # pylint: disable=import-outside-toplevel  # only the pages' tests need selenium

    with browser.running(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture(name="page")
def fixture_page(chromium):
    """A tab of its own (browser.Page), in which no script may fail and the policy need stop nothing."""
    from support import browser  # pylint: disable=import-outside-toplevel

    with browser.tab(chromium) as page:
        yield page


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in getattr(item, "servers", []):
            report.sections.append((f"stderr of {server.folder.name}", server.stderr_tail()))
