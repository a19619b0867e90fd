"""The power goes at any moment, and takes with it any part of what was not synced: what was answered before is there, and state and log
agree. Lives are lived; all that they did to the disk is written down, and from that is made what each cut would have left: some of them, at
places that GRANTEX_SEED tells, or all where GRANTEX_ALL_FAULTS is set."""

import contextlib
import os
import random
import sqlite3
import time

import pytest

from support import build, disk, store, whole_log
from support.agreement import assert_store_agrees
from support.deeds import Deeds
from support.server import Server
from support.stream import SseReader

pytestmark = pytest.mark.sqlite

SEED = int(os.environ.get("GRANTEX_SEED") or random.SystemRandom().randrange(1 << 32))
ALL = bool(os.environ.get("GRANTEX_ALL_FAULTS"))
LOOKS = 30 if build.SANITIZER else 200  # at what a cut left, unless it is ALL
STARTS = 8 if build.SANITIZER else 24  # of the real server on it


@contextlib.contextmanager
def running(server):
    """Also where a test fails nobody stays."""
    try:
        yield server.start()
    finally:
        if server.running():
            server.kill()


@pytest.fixture(name="lived", scope="module")
def fixture_lived(tmp_path_factory):
    server = disk.ServerOnABrokenDisk(tmp_path_factory.mktemp("lived"))
    with running(server):
        ready = server.records
        deeds = [Deeds(server).do() for _ in range(4)]
        assert server.terminate() == 0
    return server, ready, deeds


KEPT = 5  # events, where the log is trimmed


@pytest.fixture(name="trimmed", scope="module")
def fixture_trimmed(tmp_path_factory):
    """Where the log is trimmed while the same is done."""
    server = disk.ServerOnABrokenDisk(tmp_path_factory.mktemp("trimmed"), "--retain-events", KEPT, "--retain-every", 50)
    with running(server):
        ready = server.records
        deeds = [Deeds(server).do() for _ in range(4)]
        count = len(whole_log.read(server, the_developer(server.database)))
        until = time.monotonic() + build.PATIENCE
        while store.rows(server.database, "SELECT count(*) AS n FROM events")[0]["n"] > KEPT:
            assert time.monotonic() < until, "the log is not trimmed"
            time.sleep(0.02)
        assert server.terminate() == 0
    return server, ready, deeds, count


def the_developer(database):
    return store.rows(database, "SELECT id FROM developers")[0]["id"]


def look_into(folder, deeds, until):
    database = folder / "grantex.db"
    with sqlite3.connect(database) as connection:  # the first to open it brings back what the log of SQLite has
        connection.execute("PRAGMA synchronous=OFF")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    for one in deeds:
        one.assert_there(database, until)
    assert_store_agrees(database)


def test_whatever_a_power_cut_leaves_has_all_that_was_answered_and_agrees_with_itself(lived, tmp_path):
    server, ready, deeds = lived
    for number, how, files in disk.cuts(server.journal(), ready, None if ALL else LOOKS, SEED):
        disk.lay_out(tmp_path / "data", files)
        try:
            look_into(tmp_path / "data", deeds, number)
        except Exception as fault:
            raise AssertionError(f"cut after {number} calls, of what was not synced {how} left, GRANTEX_SEED={SEED}") from fault


def test_while_the_log_is_trimmed_a_power_cut_takes_no_event_that_is_not_accounted_for(trimmed, tmp_path):
    server, ready, deeds, count = trimmed
    most = 0
    for number, how, files in disk.cuts(server.journal(), ready, LOOKS // 2, SEED):
        disk.lay_out(tmp_path / "data", files)
        cut = Server(tmp_path)
        with sqlite3.connect(cut.database) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        for one in deeds:
            one.assert_facts(cut.database, number)
        (head,) = store.rows(cut.database, "SELECT last_seq FROM developers")
        kept = [row["seq"] for row in store.rows(cut.database, "SELECT seq FROM events ORDER BY seq")]
        assert kept == list(range(head["last_seq"] - len(kept) + 1, head["last_seq"] + 1)), f"{how} of {number}, GRANTEX_SEED={SEED}"
        assert len(whole_log.read(cut, the_developer(cut.database))) == head["last_seq"]
        most = max(most, head["last_seq"])
    assert KEPT < most <= count


def test_the_server_starts_on_whatever_a_power_cut_leaves_and_goes_on(lived, tmp_path):
    """From the first call on: also in the middle of its first start."""
    journal = lived[0].journal()
    for number, how, files in disk.cuts(journal, 1, STARTS, SEED):
        folder = tmp_path / f"{number}-{how}"
        folder.mkdir()
        disk.lay_out(folder / "data", files)
        with running(Server(folder)) as server:
            Deeds(server).do().assert_there(server.database)
            with SseReader(server.api(), "?since=2020-01-01T00:00:00Z") as reader:
                events = reader.wait_events(7)
            assert [event["seq"] for event in events] == list(range(1, 8))
            server.finish()
