"""Events that are missing for good are never passed over silently."""

import socket
import threading

import pytest

import grantex
from support import build

EVENT = b'id: evt_%d\ndata: {"id":"evt_%d","type":"grant.created","timestamp":"2026-03-01T12:00:00.000Z","seq":%d,"data":{}}\n\n'
GAP = (b'event: stream.gap\ndata:{"from":"evt_1","to":"evt_9","missed":{"total":7,"token.issued":4,"grant.created":3},'
       b'"reason":"trimmed","oldest":"evt_9"}\n\n')
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n"


def event(number):
    return EVENT % (number, number, number)


@pytest.fixture(name="serve")
def fixture_serve():
    """serve(body): a client of a server that sends just that, and ends the stream."""
    listeners, clients, threads = [], [], []

    def serve(body):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer():
            try:
                connection, _ = listener.accept()
            except OSError:  # the test is over, and nobody came
                return
            with connection:
                connection.recv(65536)
                connection.sendall(HEAD % len(body) + body)

        threads.append(threading.Thread(target=answer, daemon=True))
        threads[-1].start()
        clients.append(grantex.Grantex("gx_test_key", base_url=f"http://127.0.0.1:{listener.getsockname()[1]}"))
        return clients[-1]

    yield serve
    for client in clients:
        client.close()
    for listener, thread in zip(listeners, threads):
        listener.shutdown(socket.SHUT_RDWR)  # who waits for a connection waits no more
        thread.join(build.PATIENCE)
        listener.close()


def test_by_itself_a_gap_is_a_warning(serve):
    stream = serve(event(1) + GAP + event(9)).events.stream()
    with pytest.warns(grantex.GrantexGapWarning, match=r"7 events are missing for good \(trimmed\)"):
        assert [event.id for event in stream] == ["evt_1", "evt_9"]


def test_who_wants_notices_is_told_the_counts(serve):
    notices = []
    stream = serve(event(1) + GAP + event(9)).events.stream(on_notice=notices.append)
    assert [event.id for event in stream] == ["evt_1", "evt_9"]
    assert [notice.kind for notice in notices] == ["open", "gap", "end"]
    gap = notices[1]
    assert gap.missed == 7 and gap.detail["missed"]["token.issued"] == 4 and gap.detail["oldest"] == "evt_9"
    with pytest.raises(AttributeError):
        gap.missed = 8


def test_a_gap_may_be_an_error_and_then_nothing_else_is_lost(serve):
    stream = serve(event(1) + GAP + event(9) + event(10)).events.stream(on_gap="raise")
    assert next(stream).id == "evt_1"
    with pytest.raises(grantex.GrantexGapError) as missing:
        next(stream)
    assert (missing.value.missed, missing.value.missed_by_type) == (7, {"token.issued": 4, "grant.created": 3})
    assert "7 events are missing" in str(missing.value) and stream.cursor == "evt_1" and not stream.closed
    assert next(stream).id == "evt_9" and stream.cursor == "evt_9"
    assert [event.id for event in stream] == ["evt_10"]


def test_the_same_in_a_loop(serve, run):
    async def main():
        stream = serve(event(1) + GAP + event(9)).events.stream(on_gap="raise")
        seen = []
        with pytest.raises(grantex.GrantexGapError):
            async for one in stream:
                seen.append(one.id)
        assert seen == ["evt_1"] and stream.cursor == "evt_1"
        async for one in stream:
            seen.append(one.id)
        return seen

    assert run(main()) == ["evt_1", "evt_9"]


def test_a_hole_in_the_numbers_is_a_gap_of_known_size(serve):
    stream = serve(event(1) + event(4)).events.stream(on_gap="raise")
    next(stream)
    with pytest.raises(grantex.GrantexGapError) as missing:
        next(stream)
    assert missing.value.missed == 2 and missing.value.missed_by_type == {}
    assert next(stream).id == "evt_4"


def test_what_is_no_event_is_left_out_with_a_warning(serve):
    stream = serve(event(1) + b"data: {}\n\n" + event(2)).events.stream()
    with pytest.warns(grantex.GrantexGapWarning, match="not an event"):
        assert [event.id for event in stream] == ["evt_1", "evt_2"]


def test_what_a_notice_raises_comes_out_of_the_iteration(serve):
    def raising(notice):
        if notice.kind == "open":
            raise LookupError

    stream = serve(event(1)).events.stream(on_notice=raising)
    with pytest.raises(LookupError):
        next(stream)
    assert next(stream).id == "evt_1"


def test_a_stream_may_be_closed_by_its_notice(serve):
    stream = serve(event(1)).events.stream(on_notice=lambda notice: stream.close())
    assert list(stream) == [] and stream.closed


def test_data_that_is_not_json_is_an_error_of_its_own(serve):
    body = b'data: {"id":"evt_1","type":"t","timestamp":"2026-03-01T12:00:00Z","seq":1,"data":"text \\u00e9 \\ud83d\\ude00"}\n\n'
    (one,) = serve(body).events.stream()
    assert one.data == "text é 😀"


def test_another_answer_than_a_stream_is_an_error(serve):
    client = serve(b"")
    client.events.stream(reconnect="never").close()
    with grantex.Grantex("gx_test_key", base_url="http://127.0.0.1:9") as nobody:
        with pytest.raises(grantex.GrantexNetworkError):
            next(nobody.events.stream(reconnect="never"))
        with pytest.raises(grantex.GrantexNetworkError):
            next(nobody.events.stream(max_attempts=2, max_backoff=0.01))
