"""GET /v1/events/stream, byte by byte where the bytes are a promise."""

import datetime
import json
import pathlib
import re
import select
import socket
import time
import urllib.parse

import pytest

from support import build, life, metrics, tls
from support.stream import SseReader
from support.websocket import WsClient

OPENING = b"retry: 2000\n: connected\n\n"
ALL_TYPES = ["grant.created", "grant.revoked", "token.issued", "budget.threshold", "budget.exhausted"]


def history(api):
    """A log of eight events: two grants, one debit over everything, one revocation."""
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    life.debit(api, grant, 10)
    life.revoke(api, grant)
    life.new_grant(api)
    with SseReader(api, "?since=2020-01-01T00:00:00Z") as stream:
        return stream.wait_events(8)


def seqs(stream, count):
    return [event["seq"] for event in stream.wait_events(count)]


def quoted(text):
    return urllib.parse.quote(text, safe="")


def refused(api, query="", headers=None):
    answer = api.get(f"/v1/events/stream{query}", headers=headers)
    assert answer.json["requestId"] == answer.headers["x-request-id"]
    return answer.status, answer.json["code"]


# --- the bytes ---


def test_the_first_bytes_come_at_once_with_the_right_headers(sandbox):
    begin = time.monotonic()
    with SseReader(sandbox).wait_open() as stream:
        assert time.monotonic() - begin < 5  # the heartbeat comes after 15 s
        assert stream.body == OPENING
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-cache, no-transform"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["transfer-encoding"] == "chunked"
        assert "content-encoding" not in stream.headers and "content-length" not in stream.headers


def test_who_starts_at_now_learns_where_that_is_and_misses_nothing_when_cut_off_at_once(sandbox):
    events = history(sandbox)
    with SseReader(sandbox).wait_open() as stream:
        stream.wait_for(lambda reader: reader.body == OPENING + f"id: {events[-1]['id']}\n\n".encode())
    grant = life.new_grant(sandbox)
    with SseReader(sandbox, headers={"Last-Event-ID": events[-1]["id"]}) as stream:
        assert [event["data"]["grantId"] for event in stream.wait_events(2)] == [grant.id, grant.id]


def test_a_frame_is_an_id_line_one_data_line_and_a_blank_line(sandbox):
    with SseReader(sandbox).wait_open() as stream:
        life.new_grant(sandbox)
        stream.wait_events(2)
    first, second = stream.body[len(OPENING):].split(b"\n\n")[:2]
    for block, type_name in ((first, b"grant.created"), (second, b"token.issued")):
        id_line, data_line = block.split(b"\n")
        assert re.fullmatch(rb"id: evt_[0-9A-Z]{26}", id_line)
        assert data_line.startswith(b'data: {"id":"' + id_line[4:] + b'","type":"' + type_name + b'","timestamp":"')
        assert json.dumps(json.loads(data_line[6:]), separators=(",", ":")).encode() == data_line[6:]
    assert b"\r" not in stream.body


def test_named_frames_say_their_type_in_an_event_line(sandbox):
    with SseReader(sandbox, "?named=1").wait_open() as stream:
        life.new_grant(sandbox)
        stream.wait_events(2)
    lines = stream.body[len(OPENING):].split(b"\n")
    assert lines[1] == b"event: grant.created" and lines[5] == b"event: token.issued"


def test_heartbeats_are_comments(start):
    with SseReader(start("--heartbeat", 60).api()).wait_open() as stream:
        stream.wait_for(lambda reader: reader.body.count(b": hb\n\n") >= 3)
    assert stream.body.replace(b": hb\n\n", b"") == OPENING


def test_what_is_filtered_out_still_moves_the_cursor_by_a_frame_with_only_an_id(start):
    api = start("--heartbeat", 60).api()
    with SseReader(api, "?types=budget.exhausted").wait_open() as stream:
        life.new_grant(api)
        frame = stream.wait_for(lambda reader: next((f for f in reader.frames if f.id), None))
        assert frame.raw == f"id: {frame.id}\n".encode()
        assert stream.events == []
        cursor = stream.wait_for(lambda reader: [f.id for f in reader.frames if f.id][-1:])[0]
    with SseReader(api, headers={"Last-Event-ID": frame.id}).wait_open() as stream:
        assert all(event["id"] > frame.id for event in stream.events) and cursor >= frame.id


def test_an_http_1_0_client_gets_the_same_bytes_without_chunks(sandbox):
    with SseReader(sandbox, version="1.0").wait_open() as stream:
        assert "transfer-encoding" not in stream.headers
        life.new_grant(sandbox)
        stream.wait_events(2)
        assert stream.body.startswith(OPENING + b"id: evt_")


def test_head_is_answered_and_does_not_hang(sandbox):
    answer = sandbox.request("HEAD", "/v1/events/stream")
    assert answer.status in (200, 405) and answer.body == b""


def test_a_reader_that_stands_still_gets_everything_in_the_end(server, sandbox):
    grant = life.new_grant(sandbox)
    with tls.connect(server.url, build.PATIENCE, receive_buffer=16384) as slow:
        slow.sendall(
            f"GET /v1/events/stream?since=2020-01-01T00:00:00Z HTTP/1.0\r\nAuthorization: Bearer {sandbox.key}\r\n\r\n".encode()
        )
        for _ in range(300):
            life.refresh(sandbox, grant)
        body = b""
        while body.count(b"\ndata: ") < 302 or not body.endswith(b"\n\n"):
            piece = slow.recv(65536)
            assert piece, f"ended after {body.count(b'data: ')} events"
            body += piece
    found = [json.loads(line[6:])["seq"] for line in body.split(b"\n") if line.startswith(b"data: ")]
    assert found == list(range(1, 303))


def memory_of(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


def stand_almost_still(server, api):
    parts = urllib.parse.urlsplit(server.url)
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect((parts.hostname, parts.port))
    slow.sendall(f"GET /v1/events/stream?since=2020-01-01T00:00:00Z HTTP/1.0\r\nAuthorization: Bearer {api.key}\r\n\r\n".encode())
    slow.setblocking(False)
    return slow


def take(readers, most):
    """A piece for each reader that has something."""
    for slow in select.select(list(readers), [], [], build.PATIENCE)[0]:
        piece = slow.recv(most)
        assert piece, "a stream ended"
        readers[slow] += piece


@pytest.mark.plain
def test_readers_of_a_byte_now_and_then_cost_little_delay_nobody_and_get_everything(server, sandbox):
    grant = life.new_grant(sandbox)
    readers = {stand_almost_still(server, sandbox): bytearray() for _ in range(50)}
    metrics.wait_for(server.anonymous(), 'grantex_streams_open{transport="sse"}', len(readers))
    before = memory_of(server)
    with SseReader(sandbox) as quick:
        quick.wait_for(lambda it: it.body.startswith(OPENING))
        for number in range(4000):
            life.refresh(sandbox, grant)
            if number % 50 == 0:
                take(readers, 1)
        quick.wait_events(4000)
    grown = memory_of(server) - before
    if not build.SANITIZER:
        assert grown < 8 << 20, f"{grown} bytes more for {len(readers)} readers who have not taken more than a megabyte each"
    for slow in readers:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    while waiting := {slow: body for slow, body in readers.items() if not (b'"seq":4002,' in body[-600:] and body.endswith(b"\n\n"))}:
        take(waiting, 1 << 20)
    for slow, body in readers.items():
        slow.close()
        assert [json.loads(line[6:])["seq"] for line in bytes(body).split(b"\n") if line.startswith(b"data: ")] == list(range(1, 4003))


# --- which events ---


@pytest.mark.parametrize(
    "query, wanted",
    [
        ("types=token.issued", ["token.issued"]),
        ("event_types=token.issued", ["token.issued"]),
        ("types=grant.created,token.issued", ["grant.created", "token.issued"]),
        ("types=%20grant.created%20,%20token.issued", ["grant.created", "token.issued"]),
        ("types=grant.created&types=token.issued", ["grant.created", "token.issued"]),
        ("types=grant.*", ["grant.created", "grant.revoked"]),
        ("types=budget.*,grant.revoked", ["grant.revoked", "budget.threshold", "budget.exhausted"]),
        ("types=*", ALL_TYPES),
        ("types=", ALL_TYPES),
    ],
)
def test_a_filter_lets_through_what_it_names(sandbox, query, wanted):
    expected = [event["seq"] for event in history(sandbox) if event["type"] in wanted]
    with SseReader(sandbox, f"?since=2020-01-01T00:00:00Z&{query}") as stream:
        assert seqs(stream, len(expected)) == expected


@pytest.mark.parametrize("types", ["grant.create", "nonsense", "grant.created,nonsense", "grant*", "x.*", "GRANT.CREATED"])
def test_an_unknown_type_is_refused_and_the_known_ones_are_named(sandbox, types):
    answer = sandbox.get(f"/v1/events/stream?types={types}")
    assert (answer.status, answer.json["code"]) == (400, "INVALID_EVENT_TYPE")
    assert all(name in answer.json["message"] for name in ALL_TYPES)


def test_a_developer_sees_only_what_is_his(server, sandbox):
    other = server.sign_up("Other", "sandbox")
    with SseReader(sandbox).wait_open() as mine, SseReader(other).wait_open() as theirs:
        life.new_grant(other)
        life.new_grant(sandbox)
        own, foreign = mine.wait_events(2), theirs.wait_events(2)
    assert [event["seq"] for event in own] == [1, 2] == [event["seq"] for event in foreign]
    assert own[0]["data"]["grantId"] != foreign[0]["data"]["grantId"]
    assert foreign[0]["data"]["grantId"].encode() not in mine.body


# --- from where ---


def moment(event):
    return datetime.datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))


def spellings(at):
    """The same instant, as different people write it."""
    berlin = at.astimezone(datetime.timezone(datetime.timedelta(hours=2)))
    india = at.astimezone(datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
    newfoundland = at.astimezone(datetime.timezone(-datetime.timedelta(hours=3, minutes=30)))
    ms = f"{at.microsecond // 1000:03}"
    return [
        quoted(at.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}Z")),
        quoted(at.strftime(f"%Y-%m-%dt%H:%M:%S.{ms}z")),
        quoted(at.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}000000Z")),
        quoted(berlin.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}+02:00")),
        berlin.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}+02:00"),  # the '+' arrives as a space
        quoted(india.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}+05:30")),
        newfoundland.strftime(f"%Y-%m-%dT%H:%M:%S.{ms}-03:30"),
    ]


def test_since_is_inclusive_and_understands_every_spelling_of_an_instant(sandbox):
    events = history(sandbox)
    pivot = events[4]
    expected = [event["seq"] for event in events if event["timestamp"] >= pivot["timestamp"]]
    for since in spellings(moment(pivot)):
        with SseReader(sandbox, f"?since={since}") as stream:
            assert seqs(stream, len(expected)) == expected, since


def test_since_a_hair_after_an_event_leaves_it_out(sandbox):
    events = history(sandbox)
    last = moment(events[-1])
    later = (last + datetime.timedelta(milliseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    finer = last.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "000001Z"
    for since in (later, finer):
        with SseReader(sandbox, f"?since={since}").wait_open() as stream:
            life.new_grant(sandbox)
            assert stream.wait_events(1)[0]["seq"] == events[-1]["seq"] + 1, since


def test_since_in_whole_seconds_takes_the_whole_second(sandbox):
    events = history(sandbox)
    second = events[0]["timestamp"][:19] + "Z"
    with SseReader(sandbox, f"?since={second}") as stream:
        assert seqs(stream, 8) == [event["seq"] for event in events]


def test_a_since_in_the_future_waits_until_then(sandbox):
    ahead = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    since = ahead.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    with SseReader(sandbox, f"?since={since}").wait_open() as stream:
        grant = life.new_grant(sandbox)
        deadline = time.monotonic() + build.PATIENCE
        while not stream.events:
            life.refresh(sandbox, grant)
            assert time.monotonic() < deadline
        assert stream.events[0]["timestamp"] >= since


@pytest.mark.parametrize(
    "since",
    [
        "yesterday", "2026-03-01", "2026-03-01T12:00:00", "2026-13-01T12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-01T25:00:00Z",
        "2026-03-01T12:00Z", "2026-03-01T12:00:00.1234567890Z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00+99:00", "1h",
        "2026-03-01T12:00:00Zjunk", "1772366400", "%00", "%ff", "NaN",
    ],
)
def test_a_since_that_is_no_instant_is_refused(sandbox, since):
    answer = sandbox.get(f"/v1/events/stream?since={since}")
    assert answer.status == 400 and "since" in answer.json["message"], answer


def test_a_reader_resumes_behind_any_event(sandbox):
    events = history(sandbox)
    for index, event in enumerate(events[:-1]):
        for how in ({"headers": {"Last-Event-ID": event["id"]}}, {"query": f"?last_event_id={event['id']}"}):
            with SseReader(sandbox, **how) as stream:
                assert seqs(stream, 7 - index) == list(range(index + 2, 9))


def test_behind_the_last_event_comes_only_what_is_new(sandbox):
    events = history(sandbox)
    with SseReader(sandbox, headers={"Last-Event-ID": events[-1]["id"]}).wait_open() as stream:
        life.new_grant(sandbox)
        assert seqs(stream, 2) == [9, 10]


def test_without_a_start_a_stream_begins_now(sandbox):
    history(sandbox)
    with SseReader(sandbox).wait_open() as stream:
        life.new_grant(sandbox)
        assert seqs(stream, 2) == [9, 10]


def test_the_header_beats_the_parameter_and_both_beat_since(sandbox):
    events = history(sandbox)
    old = "since=2020-01-01T00:00:00Z"
    cursor = f"last_event_id={events[2]['id']}"
    with SseReader(sandbox, f"?{old}&{cursor}", {"Last-Event-ID": events[6]["id"]}) as stream:
        assert seqs(stream, 1) == [8]
    with SseReader(sandbox, f"?{old}&{cursor}") as stream:
        assert seqs(stream, 5) == [4, 5, 6, 7, 8]


def test_an_unknown_or_foreign_cursor_is_refused(server, sandbox):
    foreign = history(server.sign_up("Other", "sandbox"))[0]["id"]
    history(sandbox)
    for cursor in ("evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "nonsense", foreign, "1", "x" * 500):
        assert refused(sandbox, headers={"Last-Event-ID": cursor}) == (400, "INVALID_CURSOR"), cursor
        assert refused(sandbox, f"?last_event_id={cursor}") == (400, "INVALID_CURSOR"), cursor


def test_replay_and_live_join_without_a_seam(sandbox):
    grant = life.new_grant(sandbox)
    for _ in range(40):
        life.refresh(sandbox, grant)
    readers = []
    for _ in range(20):
        readers.append(SseReader(sandbox, "?since=2020-01-01T00:00:00Z"))
        life.refresh(sandbox, grant)
    for reader in readers:
        assert seqs(reader, 62) == list(range(1, 63))
        reader.close()


# --- how it ends ---


def test_a_stream_needs_a_key_and_never_in_the_url(server, sandbox):
    assert refused(server.anonymous()) == (401, "UNAUTHORIZED")
    assert refused(server.anonymous(), f"?api_key={sandbox.key}&key={sandbox.key}&token={sandbox.key}") == (401, "UNAUTHORIZED")
    assert refused(server.api("gx_test_somebody-elses-key")) == (401, "UNAUTHORIZED")


def wait_for_a_place(api):
    deadline = time.monotonic() + build.PATIENCE
    while True:
        with SseReader(api) as one:
            one.wait_for(lambda reader: reader.status)
            if one.status == 200:
                return
        assert time.monotonic() < deadline


def test_one_stream_too_many_is_refused_until_one_is_closed(start):
    api = start("--max-streams", 2).api()
    with SseReader(api).wait_open() as first, SseReader(api).wait_open():
        assert refused(api) == (429, "TOO_MANY_CONNECTIONS")
        assert int(api.get("/v1/events/stream").headers["retry-after"]) > 0
        first.close()
        wait_for_a_place(api)


def test_when_all_places_are_taken_a_stream_is_refused_whoever_asks(start):
    server = start("--max-streams-total", 2)
    api, other = server.api(), server.sign_up()
    with SseReader(api).wait_open(), SseReader(other).wait_open() as second:
        for one in (api, other):
            answer = one.get("/v1/events/stream")
            assert (answer.status, answer.json["code"]) == (503, "SERVICE_UNAVAILABLE") and int(answer.headers["retry-after"]) > 0
        second.close()
        wait_for_a_place(other)


def test_a_server_that_is_asked_to_end_says_so_on_every_stream(server, sandbox):
    with SseReader(sandbox).wait_open() as stream:
        assert server.terminate() == 0
        assert stream.wait_end() == "clean"
    last = stream.frames[-1].raw.split(b"\n")
    assert last[0] == b"event: stream.closing"
    assert last[1].startswith(b"data:{")  # no space: existing clients look for "data: "
    assert set(json.loads(last[1][5:])) == {"reason", "reconnectAfterMs"}


def test_a_rotated_key_ends_the_streams_that_it_opened_and_no_other(server, sandbox):
    other = server.sign_up("Other", "sandbox")
    with SseReader(sandbox).wait_open() as stream, WsClient(sandbox).opened() as socket, SseReader(other).wait_open() as theirs:
        fresh = server.api(sandbox.post("/v1/keys/rotate").expect(200)["apiKey"])
        with SseReader(fresh).wait_open() as mine:
            assert stream.wait_end() == "clean"
            assert stream.frames[-1].json["reason"] == "key_rotated" and stream.frames[-1].event == "stream.closing"
            assert socket.read_close()[0] == 1001
            life.new_grant(fresh)
            life.new_grant(other)
            assert [len(reader.wait_events(2)) for reader in (mine, theirs)] == [2, 2]


def test_a_killed_server_cuts_the_stream_so_that_a_reader_can_tell(server, sandbox):
    with SseReader(sandbox).wait_open() as stream:
        server.kill()
        assert stream.wait_end() == "cut"


# --- under examination ---


def probes(stream):
    return [frame.json for frame in stream.frames if frame.event == "stream.probe"]


def test_a_probed_stream_says_what_arrived_and_then_the_time_instead_of_heartbeats(start):
    api = start("--heartbeat", 60).api()
    with SseReader(api, "?probe=50", headers={"Connection": "close"}).wait_open() as stream:
        stream.wait_for(lambda reader: len(probes(reader)) > 5)
    first, *others = probes(stream)
    assert first == {"n": 0, "time": first["time"], "everyMs": 50, "heartbeatMs": 60, "httpVersion": "1.1", "connection": "close"}
    assert [frame["n"] for frame in others] == list(range(1, len(others) + 1))
    assert [frame["time"] for frame in others] == sorted(frame["time"] for frame in others)
    assert b": hb" not in stream.body and stream.body.startswith(OPENING)


def test_a_probed_stream_shows_events_too_and_is_told_when_the_server_goes(start):
    server = start()
    api = server.api()
    with SseReader(api, "?probe=3600000", version="1.0").wait_open() as stream:
        life.new_grant(api)
        stream.wait_events(2)
        assert probes(stream)[0]["httpVersion"] == "1.0"
        server.terminate()
        stream.wait_for(lambda reader: any(frame.event == "stream.closing" for frame in reader.frames))
    assert [frame["n"] for frame in probes(stream)] == [0]


def test_many_probed_streams_come_and_go(sandbox):
    for _ in range(20):
        with SseReader(sandbox, "?probe=50").wait_open() as stream:
            stream.wait_for(lambda reader: len(probes(reader)) > 1)


@pytest.mark.parametrize("value", ["0", "49", "3600001", "soon", "-50"])
def test_how_often_a_stream_is_probed_has_limits(sandbox, value):
    assert refused(sandbox, f"?probe={value}") == (400, "BAD_REQUEST")
