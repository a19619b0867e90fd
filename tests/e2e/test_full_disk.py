"""The disk is full: nothing is changed by halves, reading and streaming go on, and when there is room again so does everything else."""

import itertools

import pytest

from support import life, metrics, small_disk, store
from support import stores as kinds
from support.postgres import Postgres
from support.server import Server
from support.stream import SseReader

pytestmark = pytest.mark.skipif(small_disk.missing(), reason="only root may mount a small file system")

# Far more than there is room for in what the store has to itself.
MOST_CHANGES = 20000


def on_a_file(folder):
    (folder / "data").mkdir()
    disk = small_disk.SmallDisk(folder / "data", "6m")
    try:
        yield Server(folder), disk
    finally:
        disk.remove()


def on_postgres(folder):
    """Whose tables have a disk of their own. (Where its log has no room PostgreSQL ends, and is waited for: test_postgres.py.)"""
    postgres = Postgres().start()
    disk = small_disk.SmallDisk(postgres.folder_within("small"), "24m")
    try:
        yield Server(folder).use(postgres.database_in(disk.folder)), disk
    finally:
        postgres.stop()
        disk.remove()
        postgres.remove()


@pytest.fixture(name="furnished")
def fixture_furnished(tmp_path):
    yield from (on_postgres if kinds.ON_POSTGRES else on_a_file)(tmp_path)


@pytest.fixture(name="disk")
def fixture_disk(furnished):
    return furnished[1]


@pytest.fixture(name="server")
def fixture_server(furnished):
    server = furnished[0].start()
    yield server
    server.finish()


def fill(api, disk):
    """Until a change is refused. Returns the names of the agents that were registered before."""
    disk.fill()
    for number in itertools.count():
        assert number < MOST_CHANGES, "the disk is full and everything is still written down"
        answer = api.post("/v1/agents", agent(f"until-full-{number}"))
        if answer.status != 201:
            assert (answer.status, answer.json["code"]) == (507, "INSUFFICIENT_STORAGE"), answer
            assert "no room" in answer.json["message"] and "nothing was done" in answer.json["message"]
            return [f"until-full-{before}" for before in range(number)]


def agent(name):
    return {"name": name, "description": name * 10, "scopes": ["calendar:read"]}


def names_of(api):
    return {one["name"] for one in api.get("/v1/agents").expect(200)["agents"]}


def test_a_full_disk_refuses_changes_and_leaves_nothing_of_them_while_reading_and_streaming_go_on(server, disk):
    api = server.api()
    grant = life.new_grant(api)
    with SseReader(api).wait_open() as live:
        written = fill(api, disk)
        refused = [f"refused-{number}" for number in range(20)]
        for name in refused:
            assert api.post("/v1/agents", agent(name)).status == 507
        assert api.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"
        with SseReader(api, "?since=2020-01-01T00:00:00Z") as replay:
            assert [event["type"] for event in replay.wait_events(2)] == ["grant.created", "token.issued"]

        disk.make_room()
        life.revoke(api, grant)
        assert live.wait_events(1)[-1]["type"] == "grant.revoked"
    names = names_of(api)
    assert names >= set(written) and not names & set(refused)


def test_readyz_and_metrics_say_that_nothing_can_be_written_until_something_was(server, disk):
    api, supervisor = server.api(), server.anonymous()
    fill(api, disk)
    assert supervisor.get("/readyz").expect(200) == {"status": "healthy", "database": "ok", "writes": "full"}
    assert metrics.scrape(supervisor)["grantex_store_full"] == 1
    disk.make_room()
    life.register(api)
    assert supervisor.get("/readyz").expect(200) == {"status": "healthy", "database": "ok", "writes": "ok"}
    assert metrics.scrape(supervisor)["grantex_store_full"] == 0


def test_who_only_reads_does_not_try_the_full_disk_again_and_again(server, disk):
    """The first use of a key in an hour is written down."""
    admin = server.api()
    reader = server.api(admin.post("/v1/keys", {"name": "robot", "scopes": ["events:read"]}).expect(201)["apiKey"])
    fill(admin, disk)
    lost = metrics.scrape(server.anonymous())["grantex_transactions_lost_total"]
    for _ in range(40):
        reader.get("/v1/events").expect(200)
    assert metrics.scrape(server.anonymous())["grantex_transactions_lost_total"] <= lost + 5  # one in ten seconds
    disk.make_room()


def test_after_a_kill_on_a_full_disk_what_was_written_is_there_as_soon_as_the_server_can_start(server, disk):
    api = server.api()
    life.new_grant(api)
    written = fill(api, disk)
    server.kill()
    try:
        server.start()
    except AssertionError:
        assert "full" in server.stderr(), server.stderr_tail()
        disk.make_room()
        server.start()
    api = server.api()
    assert names_of(api) >= set(written)
    assert [event["seq"] for event in api.get("/v1/events").expect(200)["events"]] == [1, 2]
    if not kinds.ON_POSTGRES:
        assert store.rows(server.database, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
