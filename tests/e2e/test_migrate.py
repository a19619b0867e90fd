"""`grantexd migrate`: a store moves to another kind of store, and its clients notice nothing but the pause."""

import contextlib
import json
import sqlite3
import subprocess
import uuid

import pytest

from support import build, jwt, life, store
from support.server import Server
from support.stream import SseReader

STEPS = "schema_steps"  # each store took its own


def migrate(folder, source, target):
    return subprocess.run(
        [build.GRANTEXD, "migrate", "--from", source, "--to", target], env=build.environment(folder),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE, check=False,
    )


def counts(said):
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def tables(database):
    names = [name for name in store.dump(database) if name != STEPS and not name.startswith("sqlite")]
    return {name: sorted(map(repr, store.rows(database, f"SELECT * FROM {name}"))) for name in names}


def fill_what_is_empty(path):
    """A row with something in every column, and one with no more than there must be, in every table that has none."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0:
                columns = database.execute(f"PRAGMA table_info({table})").fetchall()
                for number in (1, 2):
                    values = [
                        None if number == 2 and not (must or key) else f"é'\"\\{number}\n" if kind == "TEXT" else 2**62 + number
                        for _, _, kind, must, _, key in columns
                    ]
                    database.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)


@pytest.fixture(name="old")
def fixture_old(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    server = Server(folder).start()
    yield server
    server.finish()


def moved(old, postgres, tmp_path):
    database = postgres.new_database()
    said = migrate(tmp_path, f"sqlite:{old.database}", database.url)
    folder = tmp_path / "new"
    folder.mkdir()
    new = Server(folder, key=old.key).use(database)
    new.port = old.port  # its address is the issuer of its tokens
    return new, counts(said)


def test_every_row_of_every_table_moves_and_the_source_stays_as_it_is(old, postgres, tmp_path):
    grant = life.new_grant(old.api())
    life.allocate(old.api(), grant, 10)
    life.debit(old.api(), grant, 9)
    old.terminate()
    fill_what_is_empty(old.database)
    before = store.dump(old.database)
    new, said = moved(old, postgres, tmp_path)
    assert store.difference(before, store.dump(old.database)) == []
    there = tables(new.database)
    assert there == tables(old.database)
    assert said == {name: len(rows) for name, rows in there.items()} and 0 not in said.values()


def test_cursors_tokens_and_keys_stay_good(old, postgres, tmp_path):
    api = old.api()
    grant = life.new_grant(api)
    life.allocate(api, grant, 100)
    body, key = {"grantId": grant.id, "amount": 60}, {"Idempotency-Key": str(uuid.uuid4())}
    first = api.request("POST", "/v1/budget/debit", body, headers=key).expect(200)
    with contextlib.closing(SseReader(api, "?since=2020-01-01T00:00:00Z")) as reader:
        reader.wait_events(3)
        events = list(reader.events)
    old.terminate()
    new, _ = moved(old, postgres, tmp_path)
    new.start()
    try:
        api = new.api()
        assert api.request("POST", "/v1/budget/debit", body, headers=key).expect(200) == first
        assert life.debit(api, grant, 20)["remaining"] == "20.0000"
        with contextlib.closing(SseReader(api, "", {"Last-Event-ID": events[0]["id"]})) as reader:
            reader.wait_events(3)
            assert reader.events[:2] == events[1:]
            assert [event["seq"] for event in reader.events] == [2, 3, 4]
        assert api.post("/v1/tokens/verify", {"token": grant.token}).expect(200)["valid"] is True
        jwt.verify(grant.token, new.anonymous().get("/.well-known/jwks.json").expect(200))
        again = api.post("/v1/token/refresh", {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}).expect(201)
        assert again["grantId"] == grant.id
    finally:
        new.finish()


def test_it_moves_back_as_well(old, postgres, tmp_path):
    life.new_grant(old.api())
    old.terminate()
    new, there = moved(old, postgres, tmp_path)
    back = tmp_path / "back" / "grantex.db"
    assert counts(migrate(tmp_path, new.database.url, f"sqlite:{back}")) == there
    assert tables(back) == tables(old.database)


def test_a_store_that_has_something_takes_nothing(old, postgres, tmp_path):
    old.terminate()
    new, _ = moved(old, postgres, tmp_path)
    before = store.dump(new.database)
    said = migrate(tmp_path, f"sqlite:{old.database}", new.database.url)
    assert said.returncode == 1 and "not empty" in said.stderr and said.stdout == ""
    assert store.difference(before, store.dump(new.database)) == []


def test_what_cannot_be_copied_whole_is_not_copied_at_all(old, postgres, tmp_path):
    old.terminate()
    store.change(old.database, "INSERT INTO tokens VALUES ('tok_1', 'd', 'g', 1, 1, NULL), ('tok_2', 'd', 'g', 'soon', 1, NULL)")
    database = postgres.new_database()
    said = migrate(tmp_path, f"sqlite:{old.database}", database.url)
    assert said.returncode == 1 and "tokens" in said.stderr and said.stdout == ""
    assert not any(tables(database).values())


def test_a_server_that_runs_is_not_moved_from_under(old, postgres, tmp_path):
    said = migrate(tmp_path, f"sqlite:{old.database}", postgres.new_database().url)
    assert said.returncode == 1 and "another grantexd" in said.stderr


def test_a_store_of_another_schema_is_not_moved(old, postgres, tmp_path):
    old.terminate()
    store.change(old.database, "INSERT INTO schema_steps VALUES (9999, '9999_future.sql', 0)")
    said = migrate(tmp_path, f"sqlite:{old.database}", postgres.new_database().url)
    assert said.returncode == 1 and "9999" in said.stderr
