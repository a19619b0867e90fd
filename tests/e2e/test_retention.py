"""The log that is trimmed, and says so: stream.gap, 410, and how many of what are gone."""

import collections
import json
import subprocess
import threading
import time

import pytest

from support import build, life, store, tls
from support.api import Api
from support.server import StartFailed
from support.stream import SseReader

OLD = "since=2020-01-01T00:00:00Z"


def wait_until(predicate):
    deadline = time.monotonic() + build.PATIENCE
    while not (result := predicate()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return result


def kept(server):
    return [row["seq"] for row in store.rows(server.database, "SELECT seq FROM events ORDER BY seq")]


def page(api, query=""):
    return api.get(f"/v1/events{query}").expect(200)


def history(api):
    """Ten events of four types."""
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    life.debit(api, grant, 5)
    life.revoke(api, grant)
    for _ in range(3):
        life.new_grant(api)
    return page(api)["events"]


@pytest.fixture(name="trimmed")
def fixture_trimmed(start):
    """A server, its developer, all ten events that there were; three of them are kept."""
    server = start("--retain-events", 3, "--retain-every", 3600000)
    events = history(server.api())
    server.terminate()
    server.start()
    wait_until(lambda: kept(server) == [8, 9, 10])
    return server, server.api(), events


def counts(events, types=None):
    by_type = collections.Counter(event["type"] for event in events if types is None or event["type"] in types)
    return {"total": sum(by_type.values()), **by_type}


def gap_of(reader):
    """The one control frame, and how it was written."""
    frame = reader.wait_for(lambda stream: next((f for f in stream.frames if f.event == "stream.gap"), None))
    lines = frame.raw.split(b"\n")
    assert lines[0] == b"event: stream.gap" and lines[1].startswith(b"data:{") and lines[2:] == [b""]
    assert [f.event for f in reader.frames].count("stream.gap") == 1
    return frame.json


def expected_gap(events, first, types=None):
    """Of a reader who wants everything from seq `first` on."""
    oldest = events[7]
    return {
        "from": first, "to": 7, "missed": counts(events[first - 1:7], types), "reason": "trimmed",
        "oldest": {name: oldest[name] for name in ("id", "seq", "timestamp")},
    }


def test_a_trimmed_cursor_is_told_exactly_what_is_missing(trimmed):
    _, api, events = trimmed
    for index in range(6):
        with SseReader(api, headers={"Last-Event-ID": events[index]["id"]}) as stream:
            assert [event["seq"] for event in stream.wait_events(3)] == [8, 9, 10]
            assert gap_of(stream) == expected_gap(events, index + 2)
            kinds = [frame.event or frame.json["seq"] for frame in stream.frames if frame.data]
            assert kinds == ["stream.gap", 8, 9, 10]


def test_the_last_trimmed_event_as_a_cursor_has_missed_nothing(trimmed):
    _, api, events = trimmed
    with SseReader(api, headers={"Last-Event-ID": events[6]["id"]}) as stream:
        assert [event["seq"] for event in stream.wait_events(3)] == [8, 9, 10]
        assert all(frame.event is None for frame in stream.frames)


def test_a_since_before_the_oldest_is_told_what_is_missing(trimmed):
    _, api, events = trimmed
    with SseReader(api, f"?{OLD}") as stream:
        assert [event["seq"] for event in stream.wait_events(3)] == [8, 9, 10]
        assert gap_of(stream) == expected_gap(events, 1)
    pivot = events[4]
    first = next(event["seq"] for event in events if event["timestamp"] >= pivot["timestamp"])
    with SseReader(api, f"?since={pivot['timestamp']}") as stream:
        assert gap_of(stream) == expected_gap(events, first)


@pytest.mark.parametrize("types", ["token.issued", "grant.revoked", "grant.*", "budget.threshold,token.issued"])
def test_a_gap_counts_only_what_the_filter_shows(trimmed, types):
    _, api, events = trimmed
    shown = {"grant.*": ["grant.created", "grant.revoked"]}.get(types, types.split(","))
    with SseReader(api, f"?{OLD}&types={types}&named=1") as stream:
        assert gap_of(stream) == expected_gap(events, 1, shown)


def test_who_missed_nothing_of_his_types_is_told_of_no_gap(trimmed):
    _, api, events = trimmed
    with SseReader(api, "?types=grant.revoked&on_gap=fail", {"Last-Event-ID": events[6]["id"]}).wait_open() as stream:
        life.revoke(api, life.new_grant(api))
        stream.wait_events(1)
        assert all(frame.event is None for frame in stream.frames)


def test_on_gap_fail_refuses_before_the_stream_begins(trimmed):
    _, api, events = trimmed
    cursor = {"Last-Event-ID": events[2]["id"]}
    for path in ("/v1/events/stream?", "/v1/events?"):
        answer = api.get(f"{path}on_gap=fail&{OLD}")
        assert (answer.status, answer.json["code"]) == (410, "CURSOR_EXPIRED")
        assert events[7]["id"] in answer.json["message"]
    assert api.get("/v1/events/stream?on_gap=fail", headers=cursor).json["code"] == "CURSOR_EXPIRED"
    assert api.get(f"/v1/events?on_gap=fail&after={events[2]['id']}").json["code"] == "CURSOR_EXPIRED"
    with SseReader(api, "?on_gap=fail", {"Last-Event-ID": events[7]["id"]}) as stream:
        assert [event["seq"] for event in stream.wait_events(2)] == [9, 10]


def test_an_unknown_or_foreign_cursor_is_refused_among_trimmed_ones_too(trimmed):
    server, api, events = trimmed
    made_up = events[2]["id"][:-3] + ("AAA" if not events[2]["id"].endswith("AAA") else "BBB")
    stranger = server.api(server.anonymous().post("/v1/signup", {"name": "Other", "mode": "sandbox"}).expect(201)["apiKey"])
    history(stranger)
    for who, cursor in ((api, made_up), (stranger, events[2]["id"]), (stranger, events[8]["id"])):
        assert who.get("/v1/events/stream", headers={"Last-Event-ID": cursor}).json["code"] == "INVALID_CURSOR"
        assert who.get(f"/v1/events?after={cursor}").json["code"] == "INVALID_CURSOR"
        assert who.get(f"/v1/events/{cursor}").status == 404
    assert api.get(f"/v1/events/{events[2]['id']}").json["code"] == "GONE"
    assert api.get(f"/v1/events/{events[8]['id']}").json == events[8]


def test_a_page_tells_of_the_gap_in_the_same_words(trimmed):
    _, api, events = trimmed
    found = page(api, f"?after={events[1]['id']}&types=token.*")
    assert found["gap"] == expected_gap(events, 3, ["token.issued"])
    assert [event["seq"] for event in found["events"]] == [e["seq"] for e in events[7:] if e["type"] == "token.issued"]
    assert "gap" not in page(api)
    assert [event["seq"] for event in page(api)["events"]] == [8, 9, 10]


def test_what_is_younger_than_the_age_stays_and_the_rest_goes(start):
    server = start()
    events = history(server.api())
    store.change(server.database, "UPDATE events SET timestamp = timestamp - 7200000 WHERE seq <= 6")
    server.terminate()
    server.options += ["--retain-age", "1h"]
    server.start()
    wait_until(lambda: kept(server) == [7, 8, 9, 10])
    with SseReader(server.api(), headers={"Last-Event-ID": events[0]["id"]}) as stream:
        assert gap_of(stream)["missed"] == counts(events[1:6])
    server.restart()
    assert kept(server) == [7, 8, 9, 10]


def size_of_log(server):
    return sum(len(row["data"].encode()) + 128 for row in store.rows(server.database, "SELECT data FROM events"))


def test_a_log_that_has_grown_too_large_loses_its_oldest(start):
    server = start("--retain-bytes", "3K", "--retain-every", 50)
    api = server.api()
    with SseReader(api).wait_open() as stream:
        for _ in range(20):
            life.new_grant(api)
        wait_until(lambda: size_of_log(server) <= 3072)
        seqs = kept(server)
        assert seqs == list(range(seqs[0], 41)) and len(seqs) >= 5, "more than was asked for is gone"
        assert [event["seq"] for event in stream.wait_events(40)] == list(range(1, 41))
    with SseReader(api, f"?{OLD}").wait_open() as late:
        assert gap_of(late)["missed"]["total"] == seqs[0] - 1
    assert store.rows(server.database, "SELECT log_bytes FROM developers WHERE last_seq > 0") == [{"log_bytes": size_of_log(server)}]


@pytest.mark.parametrize("size", ["0", "-1", "x", "K", "1.5M", "1P", "10 M", "2000000T", "99999999999999999999"])
def test_a_size_that_is_none_is_refused_by_name(start, size):
    with pytest.raises(StartFailed, match="--retain-bytes: .*such as 500M"):
        start("--retain-bytes", size)


def test_everything_is_kept_when_nobody_asked_for_less(start):
    server = start("--retain-every", 50)
    history(server.api())
    assert kept(server) == list(range(1, 11))


# --- while events come ---

LARGE = [f"{number:03}:" + "x" * 250 for number in range(100)]  # an event with these scopes has 25 KB


def large_grants(api, count):
    """So many bytes of events that neither a socket nor the server's memory hides them from the log."""
    agent = life.register(api, scopes=LARGE)
    for _ in range(count):
        life.new_grant(api, agent_id=agent, scopes=LARGE)


def read_until(connection, seq):
    body = b""
    while f'"seq":{seq},'.encode() not in body[-100000:]:
        piece = connection.recv(1 << 20)
        assert piece, f"ended after {len(body)} bytes"
        body += piece
    return body


def blocks(body):
    """What came, in order: ("event", seq) and ("gap", the frame's JSON)."""
    for block in body.split(b"\r\n\r\n", 1)[1].split(b"\n\n"):
        if block.startswith(b"event: stream.gap\ndata:{"):
            yield "gap", json.loads(block.split(b"\ndata:")[1])
        elif b'"seq":' in block:
            yield "event", int(block.split(b'"seq":', 1)[1].split(b",", 1)[0])


def test_a_reader_that_stands_still_while_the_log_is_trimmed_is_told_what_he_missed(start):
    server = start("--retain-events", 20, "--retain-every", 50)
    api = Api(server.url, server.key, keep=True)
    with tls.connect(server.url, build.PATIENCE, receive_buffer=4096) as slow:
        slow.sendall(f"GET /v1/events/stream HTTP/1.0\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode())
        first = slow.recv(17)
        large_grants(api, 500)
        wait_until(lambda: len(kept(server)) == 20)
        came = list(blocks(first + read_until(slow, 1000)))
    at, missed = 0, collections.Counter()
    for kind, what in came:
        if kind == "gap":
            assert what["from"] == at + 1 and what["oldest"]["seq"] == what["to"] + 1
            missed.update(what["missed"])
        at = what["to"] if kind == "gap" else what if what == at + 1 else -1
    seen = sum(kind == "event" for kind, _ in came)
    assert at == 1000 and missed["total"] > 0 and seen + missed["total"] == 1000
    assert missed["total"] == missed["grant.created"] + missed["token.issued"]
    assert abs(missed["grant.created"] - missed["token.issued"]) <= 1


def test_trimming_goes_on_beside_readers_and_writers_and_loses_nothing_of_theirs(start):
    server = start("--retain-events", 50, "--retain-every", 50)
    api = server.api()
    life.new_grant(api)
    readers = [SseReader(api).wait_open() for _ in range(5)]

    def write():
        mine = server.api(keep=True)
        grant = life.new_grant(mine)
        for _ in range(150):
            life.refresh(mine, grant)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    last = 2 + 3 * 152
    for reader in readers:
        assert [event["seq"] for event in reader.wait_events(last - 2)] == list(range(3, last + 1))
        assert all(frame.event is None for frame in reader.frames)
        reader.close()
    wait_until(lambda: kept(server) == list(range(last - 49, last + 1)))
    with SseReader(api, f"?{OLD}") as stream:
        gap = gap_of(stream)
        assert gap["missed"]["total"] == last - 50 and gap["missed"]["grant.created"] == 4


# --- pages ---


def test_pages_follow_each_other_to_the_end_and_on(sandbox):
    events, cursor, seen = history(sandbox), None, []
    for _ in range(4):
        found = page(sandbox, f"?limit=3{'&after=' + cursor if cursor else ''}")
        seen += found["events"]
        cursor = found["next"]
        assert found["hasMore"] == (len(seen) < 10)
    assert seen == events
    assert page(sandbox, f"?after={cursor}") == {"events": [], "next": cursor, "hasMore": False}
    life.new_grant(sandbox)
    assert [event["seq"] for event in page(sandbox, f"?after={cursor}")["events"]] == [11, 12]


def test_a_page_shows_what_the_filter_names_from_since_on(sandbox):
    events = history(sandbox)
    found = page(sandbox, f"?types=grant.*&since={events[3]['timestamp']}")["events"]
    wanted = [e for e in events if e["timestamp"] >= events[3]["timestamp"] and e["type"].startswith("grant.")]
    assert found == wanted
    assert page(sandbox, "?event_types=budget.exhausted") == {"events": [], "next": events[-1]["id"], "hasMore": False}
    assert page(sandbox, "?since=2999-01-01T00:00:00Z") == {"events": [], "next": None, "hasMore": False}


def test_a_page_ends_by_its_bytes_as_well(sandbox):
    large_grants(sandbox, 30)
    found = page(sandbox, "?limit=1000")
    assert 35 < len(found["events"]) < 60 and found["hasMore"]
    rest = page(sandbox, f"?limit=1000&after={found['next']}")
    assert len(found["events"]) + len(rest["events"]) == 60 and not rest["hasMore"]


def test_an_empty_log_is_an_empty_page(sandbox):
    assert page(sandbox) == {"events": [], "next": None, "hasMore": False}


def test_a_page_and_an_event_answer_head_and_refuse_other_methods(sandbox):
    events = history(sandbox)
    for path in ("/v1/events", f"/v1/events/{events[0]['id']}"):
        head = sandbox.request("HEAD", path)
        assert head.status == 200 and head.body == b""
        refused = sandbox.delete(path)
        assert refused.status == 405 and refused.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "query, field",
    [
        ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=x", "limit"), ("limit=1e2", "limit"), ("limit=", "limit"),
        ("limit=99999999999999999999", "limit"), ("after=nonsense", "after"), ("after=%ff", "after"), ("after=%00", "after"),
        ("after=evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "after"), ("since=yesterday", "since"), ("types=nonsense", "types"),
        ("event_types=grant", "event_types"), ("on_gap=maybe", "on_gap"), ("on_gap=", "on_gap"),
    ],
)
def test_a_bad_query_of_a_page_is_refused_by_name(sandbox, query, field):
    answer = sandbox.get(f"/v1/events?{query}")
    assert answer.status == 400 and field in answer.json["message"], answer


@pytest.mark.parametrize("event_id", ["x", "evt_", "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "%00", "%ff", "x" * 3000, "evt_%2e%2e"])
def test_an_id_that_is_none_is_no_event(sandbox, event_id):
    answer = sandbox.get(f"/v1/events/{event_id}")
    assert answer.status in (400, 404) and answer.json["requestId"]


# --- the command ---


def test_the_command_prints_a_gap_on_stderr(trimmed):
    server, api, _ = trimmed
    command = subprocess.Popen(
        [build.GRANTEX, "events", "stream", "--since", "2020-01-01T00:00:00Z", "--base-url", server.url], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=build.environment(server.folder, GRANTEX_API_KEY=api.key),
    )
    assert [json.loads(command.stdout.readline())["seq"] for _ in range(3)] == [8, 9, 10]
    command.terminate()
    assert "GAP seq 1 to 7 trimmed: 7 events are missing for good" in command.communicate(timeout=build.PATIENCE)[1]
