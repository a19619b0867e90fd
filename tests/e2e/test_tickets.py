"""POST /v1/events/tickets: what a browser, which sends no header with an EventSource or a WebSocket, opens one stream with."""

import concurrent.futures
import re

import pytest

from support import life, store
from support.stream import SseReader
from support.websocket import TEXT, WsClient

STREAM = "/v1/events/stream"


def ticket_of(api):
    return api.post("/v1/events/tickets").expect(201)["ticket"]


def refused(api, ticket, path=STREAM, **options):
    answer = api.get(f"{path}?ticket={ticket}", **options)
    return answer.status, answer.json["code"], answer.json["message"]


UNKNOWN = (401, "UNAUTHORIZED", "ticket: it is unknown, was used, or has expired; ask for a new one")


def test_a_ticket_opens_a_stream_of_its_developer(server, sandbox):
    answer = sandbox.post("/v1/events/tickets")
    assert answer.status == 201 and set(answer.json) == {"ticket", "expiresAt"}
    assert re.fullmatch("tkt_[A-Za-z0-9_-]{43}", answer.json["ticket"])
    with SseReader(server.anonymous(), f"?ticket={answer.json['ticket']}").wait_open() as stream:
        assert stream.status == 200
        life.new_grant(sandbox)
        assert [event["type"] for event in stream.wait_events(2)] == ["grant.created", "token.issued"]


def test_a_ticket_opens_a_websocket_with_all_that_a_key_may_ask_for(server, sandbox):
    life.new_grant(sandbox)
    query = f"?ticket={ticket_of(sandbox)}&since=2020-01-01T00:00:00Z&types=token.issued"
    with WsClient(server.anonymous(), query).opened() as client:
        assert b'"type":"token.issued"' in client.read_until(TEXT)


def test_a_ticket_that_is_replayed_opens_nothing(server, sandbox):
    ticket = ticket_of(sandbox)
    with SseReader(server.anonymous(), f"?ticket={ticket}").wait_open():
        pass
    assert refused(server.anonymous(), ticket) == UNKNOWN
    with WsClient(server.anonymous(), f"?ticket={ticket}") as client:
        assert client.refused()[0] == 401


def test_of_many_who_come_with_it_at_once_one_gets_in(server, sandbox):
    ticket = ticket_of(sandbox)

    def status_of(_):
        with SseReader(server.anonymous(), f"?ticket={ticket}") as stream:
            stream.wait_for(lambda reader: reader.status)
            return stream.status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(status_of, range(16))) == [200] + [401] * 15


def test_it_expires_and_is_then_as_unknown_as_any_other_text(server, sandbox):
    ticket = ticket_of(sandbox)
    store.change(server.database, "UPDATE stream_tickets SET expires_at = ?", 1)
    assert refused(server.anonymous(), ticket) == UNKNOWN
    for other in ("tkt_" + "A" * 43, "x", "", sandbox.key):
        assert refused(server.anonymous(), other) == UNKNOWN


def test_what_expired_is_cleared_away(server, sandbox):
    for _ in range(3):
        ticket_of(sandbox)
    store.change(server.database, "UPDATE stream_tickets SET expires_at = ?", 1)
    ticket_of(sandbox)
    assert store.rows(server.database, "SELECT count(*) AS n FROM stream_tickets")[0]["n"] == 1


def test_only_its_hash_is_kept(server, sandbox):
    ticket = ticket_of(sandbox)
    assert ticket not in str(store.dump(server.database)) and ticket not in server.stderr()


def test_rotation_of_the_key_ends_its_tickets_and_what_they_opened(server, sandbox):
    unused, used = ticket_of(sandbox), ticket_of(sandbox)
    with SseReader(server.anonymous(), f"?ticket={used}").wait_open() as stream:
        sandbox.post("/v1/keys/rotate").expect(200)
        stream.wait_end()
        assert stream.frames[-1].json["reason"] == "key_rotated"
    assert refused(server.anonymous(), unused) == UNKNOWN


@pytest.mark.parametrize("query, status", [("since=yesterday", 400), ("types=nothing", 400), ("last_event_id=evt_01ARZ3NDEKTSV4RRFFQ69G5FAV", 400)])
def test_a_request_that_is_refused_for_another_reason_leaves_the_ticket_good(server, sandbox, query, status):
    ticket = ticket_of(sandbox)
    assert server.anonymous().get(f"{STREAM}?ticket={ticket}&{query}").status == status
    with SseReader(server.anonymous(), f"?ticket={ticket}").wait_open() as stream:
        assert stream.status == 200


def test_where_there_is_no_room_the_ticket_stays_good_too(start):
    server = start("--max-streams", 1)
    api = server.api()
    ticket = ticket_of(api)
    with SseReader(api).wait_open():
        assert refused(server.anonymous(), ticket)[:2] == (429, "TOO_MANY_CONNECTIONS")
        assert store.rows(server.database, "SELECT count(*) AS n FROM stream_tickets")[0]["n"] == 1


def test_it_must_not_come_with_a_key_nor_twice(server, sandbox):
    ticket = ticket_of(sandbox)
    assert refused(sandbox, ticket)[::2] == (400, "ticket: must not come together with an Authorization header")
    assert server.anonymous().get(f"{STREAM}?ticket={ticket}&ticket={ticket}").status == 400


def test_it_opens_nothing_else_and_a_ticket_makes_no_ticket(server, sandbox):
    ticket = ticket_of(sandbox)
    for path in ("/v1/events", "/v1/me", "/v1/grants"):
        assert server.anonymous().get(f"{path}?ticket={ticket}").status == 401
    assert server.anonymous().post(f"/v1/events/tickets?ticket={ticket}").status == 401
    assert server.api(ticket).get("/v1/me").status == 401
    with SseReader(server.anonymous(), f"?ticket={ticket}").wait_open() as stream:
        assert stream.status == 200
