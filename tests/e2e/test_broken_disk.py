"""The disk fails at any write, once or from there on: what was answered is there after a restart, what was refused is not, and the state
and the log agree. Each test goes through a grant's whole life with another write failing each time.

All of them are gone through where GRANTEX_ALL_FAULTS is set; else every few, begun at a place of the day's choosing that is told."""

import datetime
import os
import shutil

import pytest

from support import build, disk, store
from support.deeds import Deeds
from support.server import Server
from support.stream import SseReader

pytestmark = pytest.mark.sqlite

STEP = 1 if os.environ.get("GRANTEX_ALL_FAULTS") else 48 if build.SANITIZER else 12
FIRST = datetime.date.today().toordinal() % STEP + 1


@pytest.fixture(name="furnished", scope="module")
def fixture_furnished(tmp_path_factory):
    """What a first start leaves."""
    server = Server(tmp_path_factory.mktemp("furnished"))
    server.start().finish()
    return server.data


@pytest.fixture(name="anew")
def fixture_anew(tmp_path, furnished):
    """anew(): the next server, as a first start leaves it."""
    servers = disk.Anew(tmp_path / "server")

    def anew():
        server = servers()
        shutil.copytree(furnished, server.data)
        return server

    yield anew
    servers.close()


def calls_of_a_life(server):
    """How often the disk is asked for something, and between start and end."""
    server.start()
    before = server.calls
    Deeds(server).do()
    return before, server.calls


def restarted(server):
    """As it comes back where nothing fails: by its own program, and with the whole log to show."""
    server.mend()
    server.kill()
    server.start()
    count = store.rows(server.database, "SELECT count(*) AS n FROM events")[0]["n"]
    with SseReader(server.api(), "?since=2020-01-01T00:00:00Z") as reader:
        assert [event["seq"] for event in reader.wait_events(count)] == list(range(1, count + 1))
    return server


@pytest.mark.parametrize("fault", disk.FAULTS)
def test_any_one_call_fails_and_nothing_that_was_answered_is_lost(anew, fault):
    before, after = calls_of_a_life(anew())
    assert after - before > 50, "the disk is asked for next to nothing"
    for n in range(FIRST, after - before, STEP):
        server = anew().start()
        server.fail(n, fault)
        deeds = Deeds(server).do()
        assert server.failed == 1, f"the life has fewer than {n} calls"
        deeds.assert_there(restarted(server).database)


@pytest.mark.parametrize("fault", ["no room", "I/O error"])
def test_every_call_fails_for_a_while_and_what_is_refused_meanwhile_leaves_nothing(anew, fault):
    _, after = calls_of_a_life(anew())
    for n in range(FIRST, after, STEP * 4):
        server = anew().start()
        api = server.api(keep=True)
        server.fail(n, fault, lasting=True)
        answered, doubtful = [], []
        for number in range(200):
            answer = api.post("/v1/agents", {"name": f"agent-{number}", "scopes": ["a:b"]})
            assert answer.status in (201, 503, 507), answer
            if answer.status == 201:
                answered.append(f"agent-{number}")
            elif "nothing was done" not in answer.json["message"]:
                doubtful.append(f"agent-{number}")
            if server.failed > 8:
                break
        api.get("/v1/agents").expect(200)
        there = {row["name"] for row in store.rows(restarted(server).database, "SELECT name FROM agents")}
        assert there >= set(answered) and there - set(answered) <= set(doubtful), (n, there ^ set(answered), doubtful)


@pytest.mark.parametrize("fault", ["short write", "no room", "I/O error"])
def test_the_disk_fails_while_the_server_starts_and_a_start_without_faults_goes_well(anew, fault):
    before, _ = calls_of_a_life(anew())
    for n in range(FIRST, before + 1, STEP * 2):
        server = anew()
        shutil.rmtree(server.data)  # a first start writes most
        server.fail(n, fault)
        try:
            server.start()
        except AssertionError:
            assert "level=error" in server.stderr() or "grantexd:" in server.stderr(), "it ended without a word"
        server.mend()
        if server.running():
            server.kill()
        server.start()
        Deeds(server).do().assert_there(server.database)
