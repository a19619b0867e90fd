"""`grantexd migrate`: a store moves to another kind of store, and its clients notice nothing but the pause."""

import contextlib
import json
import sqlite3
import subprocess
import sys
import uuid

import pytest

from support import build, jwt, life, store
from support.receiver import signature
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


def carry_on(server, held):
    """As a client whose server has moved: what it holds is from before."""
    api, grant, events, webhook, receiver = server.api(), *held
    assert api.post("/v1/tokens/verify", {"token": grant.token}).expect(200)["valid"] is True
    used = grant.refresh_token
    life.refresh(api, grant)
    assert api.post("/v1/token/refresh", {"refreshToken": used, "agentId": grant.agent_id}).status == 400
    with contextlib.closing(SseReader(api, "", {"Last-Event-ID": events[-1]["id"]})) as reader:
        events += reader.wait_events(1)
    assert receiver.wait_for(len(events)) == events
    _, headers, body = receiver.posts[-1]
    assert headers["X-Grantex-Signature"] == signature(webhook["secret"], body)
    said = {"agentId": grant.agent_id, "agentDid": "did:grantex:" + grant.agent_id, "grantId": grant.id,
            "principalId": grant.principal_id, "action": "mail.read"}
    api.post("/v1/audit/log", said).expect(201)
    entries = api.get("/v1/audit/entries").expect(200)["entries"]
    assert [entry["prevHash"] for entry in entries] == [None, *(entry["hash"] for entry in entries[:-1])]
    return entries


def test_what_a_client_holds_stays_good_there_and_back(old, receiver, postgres, tmp_path):
    api = old.api()
    webhook = api.post("/v1/webhooks", {"url": receiver.url(), "events": ["grant.*", "token.*"]}).expect(201)
    held = life.new_grant(api), receiver.wait_for(2), webhook, receiver
    assert len(carry_on(old, held)) == 1
    old.terminate()
    database = postgres.new_database()
    places = [f"sqlite:{old.database}", database.url, f"sqlite:{tmp_path}/back.db"]
    for number, place in enumerate(places[1:], 1):
        counts(migrate(tmp_path, places[number - 1], place))
        folder = tmp_path / f"server-{number}"
        folder.mkdir()
        server = Server(folder, key=old.key, store=place)
        server.port = old.port  # its address is the issuer of its tokens
        server.start()
        try:
            assert len(carry_on(server, held)) == number + 1
        finally:
            server.finish()
        database.wait_left()
    assert [event["seq"] for event in held[1]] == [1, 2, 3, 4, 5]


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


def test_a_store_that_is_not_there_is_said_and_not_made(postgres, tmp_path):
    database = postgres.new_database()
    for path in (tmp_path / "typo" / "grantex.db", tmp_path / "typo.db"):
        said = migrate(tmp_path, f"sqlite:{path}", database.url)
        assert said.returncode == 1 and str(path) in said.stderr and "No such file" in said.stderr
    assert list(tmp_path.iterdir()) == [] and tables(database) == {}


def test_a_store_that_cannot_be_opened_makes_no_folder_for_another(postgres, tmp_path):
    folder = tmp_path / "new"
    for source in (f"sqlite:{tmp_path}", "postgres:///none?host=" + str(postgres.folder)):
        said = migrate(tmp_path, source, f"sqlite:{folder}/grantex.db")
        assert said.returncode == 1 and "cannot open" in said.stderr and not folder.exists()


def fill_log(database, count):
    database.sql("INSERT INTO events (developer_id, seq, id, type, timestamp, data) SELECT 'dev', i, 'evt_' || i, "
                 f"'grant.created', i, rpad('{{', 200) || '}}' FROM generate_series(1, {count}) i")


def kilobytes_taken(folder, source, target):
    """The most memory that it had at a time. What starts it counts too, so that is small."""
    watch = "import resource, subprocess as s, sys; s.run(sys.argv[1:], check=True, stdout=s.DEVNULL);" \
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    leave_nothing = build.SANITIZER_OPTIONS["ASAN_OPTIONS"] + ":quarantine_size_mb=1"
    return int(subprocess.run(
        [sys.executable, "-c", watch, build.GRANTEXD, "migrate", "--from", source, "--to", target],
        env=build.environment(folder, ASAN_OPTIONS=leave_nothing), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        text=True, timeout=4 * build.PATIENCE, check=True,
    ).stdout)


def test_a_long_log_takes_no_more_memory_than_a_short_one(old, postgres, tmp_path):
    old.terminate()
    new, _ = moved(old, postgres, tmp_path)
    fill_log(new.database, 2000)
    little = kilobytes_taken(tmp_path, new.database.url, f"sqlite:{tmp_path}/short.db")
    new.database.sql("TRUNCATE events")
    fill_log(new.database, 200_000)
    much = kilobytes_taken(tmp_path, new.database.url, f"sqlite:{tmp_path}/long.db")
    assert store.rows(tmp_path / "long.db", "SELECT count(*) AS n, max(seq) AS last FROM events") == [{"n": 200_000, "last": 200_000}]
    # Held in memory they are 72 MiB; a sanitizer's own bookkeeping is nearly 9.
    assert much < little + 24 * 1024, f"{little} KiB for 2,000 events, {much} for 200,000"


def test_more_rows_than_are_fetched_at_once_move_back_and_forth(old, postgres, tmp_path):
    old.terminate()
    store.change(old.database, "INSERT INTO events (developer_id, seq, id, type, timestamp, data) "
                               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
                               "SELECT 'dev', i, 'evt_' || i, 'grant.created', i, '{}' FROM n")
    new, there = moved(old, postgres, tmp_path)
    assert there["events"] == 3000
    back = tmp_path / "back.db"
    assert counts(migrate(tmp_path, new.database.url, f"sqlite:{back}")) == there
    assert tables(back) == tables(old.database)


def test_a_server_that_runs_is_not_moved_from_under(old, postgres, tmp_path):
    said = migrate(tmp_path, f"sqlite:{old.database}", postgres.new_database().url)
    assert said.returncode == 1 and "another grantexd" in said.stderr


def test_servers_on_postgresql_are_not_moved_from_under_either(old, postgres, tmp_path):
    old.terminate()
    new, _ = moved(old, postgres, tmp_path)
    new.start()
    try:
        said = migrate(tmp_path, new.database.url, f"sqlite:{tmp_path / 'back.db'}")
        assert said.returncode == 1 and "--from: a grantexd is connected" in said.stderr
    finally:
        new.finish()
    new.database.wait_left()
    counts(migrate(tmp_path, new.database.url, f"sqlite:{tmp_path / 'again' / 'grantex.db'}"))


def test_a_store_of_another_schema_is_not_moved(old, postgres, tmp_path):
    old.terminate()
    store.change(old.database, "INSERT INTO schema_steps VALUES (9999, '9999_future.sql', 0)")
    said = migrate(tmp_path, f"sqlite:{old.database}", postgres.new_database().url)
    assert said.returncode == 1 and "9999" in said.stderr
