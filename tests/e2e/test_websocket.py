"""GET /v1/events/ws: the same log, the same cursors, in the frames of RFC 6455."""

import json
import signal
import time

import pytest

from support import build, life
from support.stream import SseReader
from support.websocket import BINARY, CLOSE, PING, PONG, TEXT, WsClient, frame

EVERYTHING = "?since=2020-01-01T00:00:00Z"


def short(value):
    """A parameter's name in the report; whole messages do not belong there, nor fit into what the store's processes are started with."""
    return repr(value)[:40]


def history(api):
    """A log of eight events, as Server-Sent Events tell it: the text of each envelope."""
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    life.debit(api, grant, 10)
    life.revoke(api, grant)
    life.new_grant(api)
    with SseReader(api, EVERYTHING) as stream:
        stream.wait_events(8)
        return [frame.data for frame in stream.frames if frame.is_event]


def seqs(events):
    return [event["seq"] for event in events]


# --- what is sent ---


def test_an_event_is_one_text_frame_with_the_bytes_that_server_sent_events_have(sandbox):
    expected = history(sandbox)
    with WsClient(sandbox, EVERYTHING).opened() as client:
        assert [client.read_until(TEXT).decode() for _ in range(8)] == expected
        assert {opcode for opcode, _ in client.frames} == {TEXT}


def test_events_come_live(sandbox):
    with WsClient(sandbox).opened() as client:
        life.new_grant(sandbox)
        assert [event["type"] for event in client.read_events(2)] == ["grant.created", "token.issued"]


def test_a_client_resumes_behind_any_event_by_header_or_parameter(sandbox):
    events = [json.loads(text) for text in history(sandbox)]
    for index, event in enumerate(events[:-1]):
        for how in ({"headers": {"Last-Event-ID": event["id"]}}, {"query": f"{EVERYTHING}&last_event_id={event['id']}"}):
            with WsClient(sandbox, **how).opened() as client:
                assert seqs(client.read_events(7 - index)) == list(range(index + 2, 9))


@pytest.mark.parametrize("name", ["types", "event_types"])
def test_a_filter_in_the_url_lets_through_what_it_names(sandbox, name):
    events = [json.loads(text) for text in history(sandbox)]
    expected = [event["seq"] for event in events if event["type"].startswith("budget.") or event["type"] == "grant.revoked"]
    with WsClient(sandbox, f"{EVERYTHING}&{name}=budget.*,grant.revoked").opened() as client:
        assert seqs(client.read_events(len(expected))) == expected


def test_a_reader_that_stands_still_gets_everything_in_the_end(sandbox):
    grant = life.new_grant(sandbox)
    with WsClient(sandbox, EVERYTHING, receive_buffer=16384) as slow:
        for _ in range(300):
            life.refresh(sandbox, grant)
        slow.opened()
        assert seqs(slow.read_events(302)) == list(range(1, 303))


# --- what the client says ---


def test_a_filter_message_holds_from_there_on(sandbox):
    with WsClient(sandbox).opened() as client:
        life.new_grant(sandbox)
        client.read_events(2)
        client.say({"types": ["token.*"]})
        settle(client)
        life.new_grant(sandbox)
        assert [event["type"] for event in client.read_events(1)] == ["token.issued"]
        client.say({"types": []})
        settle(client)
        life.new_grant(sandbox)
        client.say({"types": ["*"]})
        settle(client)
        life.new_grant(sandbox)
        assert seqs(client.read_events(2))[0] >= 5
    assert [json.loads(payload)["seq"] for opcode, payload in client.frames if opcode == TEXT] == [1, 2, 4, 7, 8]


def settle(client):
    """Everything said before has been understood when the pong comes."""
    client.send(frame(PING, "settle"))
    assert client.read_until(PONG) == b"settle"


def test_a_filter_that_comes_with_the_upgrade_holds_from_the_first_event_on(start):
    sandbox = start("--threads", 1).api()  # both streams share what the thread keeps of the log
    last = json.loads(history(sandbox)[-1])["id"]
    with SseReader(sandbox).wait_open() as live:  # the log is followed live already
        life.new_grant(sandbox)
        live.wait_events(2)
        for start in (EVERYTHING, f"?last_event_id={last}"):
            with WsClient(sandbox, start, behind=frame(TEXT, json.dumps({"types": ["token.issued"]}))).opened() as client:
                life.new_grant(sandbox)
                types = [event["type"] for event in client.read_events(2)]
                assert types == ["token.issued"] * 2


@pytest.mark.parametrize("text", ["nonsense", "{", "[]", "{}", '"types"', '{"types":"token.issued"}', '{"types":null}', "", "\u00e9", "[" * 60000], ids=short)
def test_a_message_that_is_no_filter_is_passed_over(sandbox, text):
    with WsClient(sandbox).opened() as client:
        client.send(frame(TEXT, text))
        settle(client)
        life.new_grant(sandbox)
        assert len(client.read_events(2)) == 2


@pytest.mark.parametrize("types", [["nonsense"], ["grant.created", "grant.create"], [7], [None], ["x" * 300]], ids=short)
def test_an_unknown_type_closes_the_stream_and_says_so(sandbox, types):
    with WsClient(sandbox).opened() as client:
        client.say({"types": types})
        code, reason = client.read_close()
    assert code == 1008 and reason.startswith("INVALID_EVENT_TYPE: ")


def test_a_message_may_come_in_fragments_with_a_ping_between(sandbox):
    message = json.dumps({"types": ["token.issued"]}).encode()
    with WsClient(sandbox).opened() as client:
        pieces = [frame(TEXT, message[:3], final=False), frame(PING, "between"), frame(0, message[3:9], final=False), frame(0, message[9:])]
        for byte in b"".join(pieces):
            client.send(bytes([byte]))
        assert client.read_until(PONG) == b"between"
        settle(client)
        life.new_grant(sandbox)
        assert [event["type"] for event in client.read_events(1)] == ["token.issued"]


@pytest.mark.parametrize("payload", [b"", b"hello", b"\x00\xff", b"x" * 125], ids=short)
def test_a_ping_is_answered_with_its_own_payload(sandbox, payload):
    with WsClient(sandbox).opened() as client:
        client.send(frame(PING, payload))
        assert client.read_until(PONG) == payload


def test_a_flood_of_pings_is_answered_by_the_last_one_at_least_and_costs_no_event(sandbox):
    with WsClient(sandbox, receive_buffer=4096).opened() as client:
        for _ in range(200):
            client.send(frame(PING, b"p" * 125) * 50)
        client.send(frame(PING, "last"))
        while client.read_until(PONG) != b"last":
            pass
        life.new_grant(sandbox)
        assert seqs(client.read_events(2)) == [1, 2]


@pytest.mark.parametrize(
    "sent, code",
    [
        (frame(TEXT, "{}", mask=None), 1002),
        (frame(TEXT, "{}", reserved=0x40), 1002),
        (frame(TEXT, "{}", reserved=0x20), 1002),
        (frame(PING, "", reserved=0x10), 1002),
        (frame(3, "x"), 1002),
        (frame(0xB, "x"), 1002),
        (b"\x81\xfe\x00\x02\x00\x00\x00\x00{}", 1002),  # a length that is not in its shortest form
        (b"\x81\xff\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00{}", 1002),
        (b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffmask", 1002),  # nor may its highest bit be set
        (frame(PING, "x", final=False), 1002),
        (frame(PING, b"x" * 126), 1002),
        (frame(0, "x"), 1002),
        (frame(TEXT, "a", final=False) + frame(TEXT, "b"), 1002),
        (frame(CLOSE, b"\x03"), 1002),
        (frame(CLOSE, b"\x03\xed"), 1002),
        (frame(BINARY, "{}"), 1003),
        (frame(TEXT, b"\xff"), 1007),
        (frame(TEXT, b"x" * 65537), 1009),
        (frame(TEXT, b"x" * 40000, final=False) + frame(0, b"x" * 40000), 1009),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", 1009),
        (b"GET / HTTP/1.1\r\n\r\n", 1002),
    ],
    ids=short,
)
def test_what_breaks_the_protocol_is_closed_with_its_code(sandbox, sent, code):
    for early in (False, True):
        with WsClient(sandbox, behind=sent if early else b"").opened() as client:
            if not early:
                client.send(sent)
            assert client.read_close()[0] == code
    with WsClient(sandbox).opened() as after:
        settle(after)


@pytest.mark.parametrize("payload, answer", [(b"\x03\xe8bye", 1000), (b"\x0f\xa0", 4000), (b"", None)])
def test_a_close_frame_is_answered_with_its_code(sandbox, payload, answer):
    with WsClient(sandbox).opened() as client:
        client.send(frame(CLOSE, payload) + frame(PING, "too late"))
        assert client.read_close() == (answer, "")
    assert client.frames == [(CLOSE, payload[:2])]


# --- how long it lasts ---


def test_silence_is_broken_by_pings_and_who_answers_stays(start):
    api = start("--heartbeat", 60).api()
    with WsClient(api).opened() as client:
        for _ in range(8):
            assert client.read_frame() == (PING, b"")
            client.send(frame(PONG))


def test_who_does_not_answer_two_pings_is_closed(start):
    with WsClient(start("--heartbeat", 60).api()).opened() as client:
        while client.read_frame() is not None:
            pass
    assert [opcode for opcode, _ in client.frames] == [PING, PING, TEXT, CLOSE]
    assert json.loads(client.frames[2][1])["data"]["reason"] == "no_pong" and client.frames[3][1] == b"\x03\xe9no_pong"


def test_a_server_that_is_asked_to_end_says_why_and_when_to_come_back(server, sandbox):
    with WsClient(sandbox).opened() as client:
        server.process.send_signal(signal.SIGTERM)
        assert client.read_close() == (1001, "shutdown")
    assert server.process.wait(build.PATIENCE) == 0
    (_, text), _ = client.frames
    said = json.loads(text)
    assert set(said) == {"type", "data"} and said["type"] == "stream.closing"
    assert said["data"]["reason"] == "shutdown" and said["data"]["reconnectAfterMs"] > 0


# --- what is not there any more ---


@pytest.fixture(name="trimmed")
def fixture_trimmed(start):
    """Its developer, and the eight events that there were; the last three of them are kept."""
    server = start("--retain-events", 3, "--retain-every", 3600000)
    events = [json.loads(text) for text in history(server.api())]
    server.terminate()
    server.start()
    deadline = time.monotonic() + build.PATIENCE
    while server.api().get("/v1/events").expect(200)["events"][0]["seq"] != 6:
        assert time.monotonic() < deadline, "nothing was trimmed"
    return server.api(), events


def test_a_gap_is_a_frame_that_says_what_a_page_says_of_it(trimmed):
    api, events = trimmed
    for types in ("*", "token.*"):
        start = f"since=2020-01-01T00:00:00Z&types={types}"
        page = api.get(f"/v1/events?{start}").expect(200)
        with WsClient(api, f"?{start}").opened() as client:
            gap, *shown = client.read_events(1 + len(page["events"]))
        assert gap == {"type": "stream.gap", "data": page["gap"]} and gap["data"]["to"] == 5
        assert shown == page["events"] and shown
    with WsClient(api, headers={"Last-Event-ID": events[4]["id"]}).opened() as client:
        assert seqs(client.read_events(3)) == [6, 7, 8]


def test_who_cannot_bear_a_gap_is_refused_before_the_upgrade(trimmed):
    api, events = trimmed
    for start in ("since=2020-01-01T00:00:00Z", f"last_event_id={events[1]['id']}"):
        with WsClient(api, f"?{start}&on_gap=fail") as client:
            status, answer = client.refused()
            assert (status, answer["code"]) == (410, "CURSOR_EXPIRED")


# --- who gets in ---


def test_no_key_no_upgrade_and_never_in_the_url(server, sandbox):
    for api, query in ((server.anonymous(), ""), (server.anonymous(), f"?api_key={sandbox.key}"), (server.api("gx_test_somebody-elses-key"), "")):
        with WsClient(api, query) as client:
            status, answer = client.refused()
            assert (status, answer["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Upgrade": None}, 426),
        ({"Connection": "keep-alive"}, 426),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
    ],
)
def test_a_request_that_is_no_upgrade_is_told_what_is_missing(sandbox, headers, status):
    with WsClient(sandbox, headers=headers) as client:
        found, answer = client.refused()
        assert found == status and answer["requestId"] == client.headers["x-request-id"]
        if status == 426:
            assert client.headers["upgrade"] == "websocket" and client.headers["sec-websocket-version"] == "13"


def test_extensions_and_protocols_that_are_offered_are_not_taken(sandbox):
    offer = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits", "Sec-WebSocket-Protocol": "chat"}
    with WsClient(sandbox, headers=offer).opened() as client:
        assert "sec-websocket-extensions" not in client.headers and "sec-websocket-protocol" not in client.headers
        life.new_grant(sandbox)
        assert seqs(client.read_events(2)) == [1, 2]


@pytest.mark.parametrize(
    "query, code",
    [
        ("?types=nonsense", "INVALID_EVENT_TYPE"), ("?last_event_id=evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", "INVALID_CURSOR"),
        ("?last_event_id=7", "INVALID_CURSOR"), ("?types=grant.created,token", "INVALID_EVENT_TYPE"),
        ("?since=yesterday", "BAD_REQUEST"), ("?since=2020-01-01T00:00:00", "BAD_REQUEST"), ("?on_gap=perhaps", "BAD_REQUEST"),
    ],
)
def test_a_bad_start_is_refused_before_the_upgrade(sandbox, query, code):
    with WsClient(sandbox, query) as client:
        status, answer = client.refused()
        assert (status, answer["code"]) == (400, code)


def test_streams_of_both_kinds_count_together_and_one_too_many_is_refused_before_the_upgrade(start):
    api = start("--max-streams", 2).api()
    with WsClient(api).opened() as first, SseReader(api).wait_open():
        with WsClient(api) as third:
            status, answer = third.refused()
            assert (status, answer["code"]) == (429, "TOO_MANY_CONNECTIONS") and int(third.headers["retry-after"]) > 0
        first.send(frame(CLOSE))
        first.read_close()
        first.socket.close()
        deadline = time.monotonic() + build.PATIENCE
        while True:
            with WsClient(api) as again:
                if again.read_head().status == 101:
                    break
            assert time.monotonic() < deadline
