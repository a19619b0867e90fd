"""A town of three nodes, three NATS servers, PostgreSQL and its replica, whose parts are killed and cut off one after the other while events
commit. After each fault every subscriber's sequence equals the log: nothing twice, no hole, nothing out of its turn."""

import email.utils
import time

import pytest

from support import build, metrics
from support.town import Town, wait_for

SUBSCRIBERS = 500
RATE = 2000  # events a second are offered; how many are taken depends on the machine
CONNECTED = "grantex_bus_connected"
CUT_S = 30
OTHER_CLOCK = build.FOLDER / "bin/grantexd-another-clock"


@pytest.fixture(name="town", scope="module")
def fixture_town(tmp_path_factory):
    town = Town()
    try:
        town.build(tmp_path_factory.mktemp("town"))
        town.gather(SUBSCRIBERS)
        yield town
    finally:
        town.close()


def test_nothing_goes_wrong_and_every_subscriber_has_the_log(town):
    with town.at_work(RATE):
        town.await_acknowledged(2000)


def test_a_node_is_killed_and_started_again(town):
    with town.at_work(RATE):
        town.nodes[1].kill()
        town.await_acknowledged(500)
        town.nodes[1].start()


def test_one_server_of_the_bus_is_killed(town):
    with town.at_work(RATE):
        town.line[0].kill()
        town.await_acknowledged(500)
        town.line[0].start()


def test_all_servers_of_the_bus_are_killed(town):
    with town.at_work(RATE):
        for one in town.line:
            one.kill()
        for node in town.nodes:
            metrics.wait_for(node.anonymous(), CONNECTED, 0)
        town.await_acknowledged(500)
        for one in town.line:
            one.start()
        for node in town.nodes:
            metrics.wait_for(node.anonymous(), CONNECTED, 1)


def test_postgresql_is_restarted(town):
    with town.at_work(RATE):
        town.primary.stop("immediate")
        town.primary.start()
        for node in town.nodes:
            wait_for(lambda node=node: node.anonymous().get("/readyz").status == 200, "the node finds the store again")


def test_the_clocks_of_the_nodes_are_five_minutes_apart(town):
    with town.at_work(RATE):
        for node, ahead in zip(town.nodes, (0, 150, -150), strict=True):
            node.terminate()
            node.program, node.environment = [str(OTHER_CLOCK)], {"GRANTEX_CLOCK_AHEAD_S": str(ahead)}
            node.start()
        town.await_acknowledged(2000)
        dates = [email.utils.parsedate_to_datetime(node.anonymous().get("/livez").headers["date"]) for node in town.nodes]
        assert 250 < (dates[1] - dates[2]).total_seconds() < 350


def test_a_node_is_cut_off_from_everybody_for_half_a_minute(town):
    lonely = town.nodes[-1].anonymous()
    with town.at_work(RATE):
        town.cut()
        mended = time.monotonic() + CUT_S
        wait_for(lambda: lonely.get("/readyz").status == 503, "the node says that it cannot reach its store")
        while time.monotonic() < mended:
            assert lonely.get("/livez").status == 200
            assert metrics.scrape(lonely)["grantex_store_up"] == 0
            assert lonely.get("/readyz").status == 503
            town.await_acknowledged(200)
        assert metrics.scrape(lonely)[CONNECTED] == 0
        town.mend()
        wait_for(lambda: lonely.get("/readyz").status == 200, "the node finds the store again")
        metrics.wait_for(lonely, CONNECTED, 1)


def test_a_node_that_is_cut_off_is_told_to_end_and_does(town):
    lonely = town.nodes[-1]
    with town.at_work(RATE):
        town.cut()
        wait_for(lambda: lonely.anonymous().get("/readyz").status == 503, "the node says that it cannot reach its store")
        assert lonely.terminate() == 0
        town.await_acknowledged(500)
        town.mend()
        lonely.start()


def test_postgresql_fails_over_to_its_replica(town):
    with town.at_work(RATE):
        town.fail_over()
        for node in town.nodes:
            wait_for(lambda node=node: node.anonymous().get("/readyz").status == 200, "the node finds the promoted one")
