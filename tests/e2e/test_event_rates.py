"""GET /v1/events/rates: events by type in each minute of the last hour; and `last`, so many of the newest events."""

import datetime

import pytest

from support import life, store
from support.stream import SseReader

MINUTE = 60_000


def rates_of(api):
    return api.get("/v1/events/rates").expect(200)


def time_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def put_back(server, first, last, by_ms):
    """As if these had come so much earlier. (Their ids tell the time too, but rates go by the timestamp.)"""
    store.change(server.database, "UPDATE events SET timestamp = timestamp - ? WHERE seq BETWEEN ? AND ?", by_ms, first, last)


def test_the_last_hour_has_sixty_minutes_also_of_an_empty_log(sandbox):
    rates = rates_of(sandbox)
    starts = [time_of(minute["start"]) for minute in rates["minutes"]]
    assert len(starts) == 60 and {b - a for a, b in zip(starts, starts[1:])} == {MINUTE}
    assert starts[-1] <= time_of(rates["asOf"]) < starts[-1] + MINUTE and starts[-1] % MINUTE == 0
    assert all(minute["total"] == 0 and minute["types"] == {} and not minute["estimated"] for minute in rates["minutes"])


def test_each_event_is_counted_in_its_minute_and_older_ones_in_none(server, sandbox):
    for _ in range(3):
        grant = life.new_grant(sandbox)
    life.revoke(sandbox, grant)
    put_back(server, 1, 2, 2 * 60 * MINUTE)
    put_back(server, 3, 4, 30 * MINUTE)
    put_back(server, 5, 5, 10 * MINUTE)
    put_back(server, 6, 6, 10 * MINUTE - 1)
    minutes = [minute["types"] for minute in rates_of(sandbox)["minutes"] if minute["total"]]
    assert minutes[0] == {"grant.created": 1, "token.issued": 1}
    assert sum(map(lambda types: types.get("grant.created", 0), minutes[1:])) == 1
    assert minutes[-1] == {"grant.revoked": 1} and len(minutes) in (3, 4)


def test_many_in_a_minute_are_estimated_and_add_up(server, sandbox):
    life.new_grant(sandbox)
    columns = "developer_id, seq, id, type, timestamp, data"
    store.change(
        server.database,
        f"INSERT INTO events ({columns}) WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        " SELECT developer_id, i, 'evt_0000000000000000000000' || CAST(1000 + i AS TEXT),"
        " CASE WHEN i % 4 = 0 THEN 'grant.created' ELSE 'token.issued' END, timestamp, data FROM n, events WHERE seq = 2",
    )
    store.change(server.database, "UPDATE developers SET last_seq = 5000 WHERE last_seq = 2")
    (minute,) = [minute for minute in rates_of(sandbox)["minutes"] if minute["total"]]
    assert minute["estimated"] and minute["total"] == 5000 == sum(minute["types"].values())
    assert 0.7 < minute["types"]["token.issued"] / 5000 < 0.8


def test_what_was_trimmed_is_counted_all_the_same(start):
    server = start("--retain-events", 2, "--retain-every", 50)
    sandbox = server.api()
    for _ in range(3):
        life.new_grant(sandbox)
    while len(sandbox.get("/v1/events").expect(200)["events"]) > 2:
        pass
    totals = [minute["types"] for minute in rates_of(sandbox)["minutes"] if minute["total"]]
    assert sum(types.get("grant.created", 0) for types in totals) == 3 == sum(types.get("token.issued", 0) for types in totals)


# --- last ---


@pytest.mark.parametrize("last, first", [(1, 6), (2, 5), (6, 1), (1000, 1)])
def test_the_newest_so_many_come_first_and_then_what_is_new(sandbox, last, first):
    for _ in range(3):
        life.new_grant(sandbox)
    page = sandbox.get(f"/v1/events?last={last}").expect(200)
    assert [event["seq"] for event in page["events"]] == list(range(first, 7))
    with SseReader(sandbox, f"?last={last}").wait_open() as stream:
        stream.wait_events(7 - first)
        life.new_grant(sandbox)
        assert [event["seq"] for event in stream.wait_events(9 - first)] == list(range(first, 9))


def test_a_cursor_and_since_count_more_than_last(sandbox):
    for _ in range(3):
        life.new_grant(sandbox)
    third = sandbox.get("/v1/events").expect(200)["events"][2]["id"]
    assert [event["seq"] for event in sandbox.get(f"/v1/events?last=1&after={third}").expect(200)["events"]] == [4, 5, 6]
    assert len(sandbox.get("/v1/events?last=1&since=2020-01-01T00:00:00Z").expect(200)["events"]) == 6


def test_last_counts_what_is_kept_and_tells_of_no_gap(start):
    server = start("--retain-events", 2, "--retain-every", 50)
    sandbox = server.api()
    for _ in range(3):
        life.new_grant(sandbox)
    while len(sandbox.get("/v1/events").expect(200)["events"]) > 2:
        pass
    page = sandbox.get("/v1/events?last=5&on_gap=fail").expect(200)
    assert [event["seq"] for event in page["events"]] == [5, 6] and "gap" not in page
