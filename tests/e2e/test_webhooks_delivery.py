"""Webhooks receive the log: signed, in order, at least once, whatever happens to the server or to the receiver."""

import time

import pytest

from support import build, life, metrics, store
from support.receiver import Receiver, signature

TYPES = ["grant.created", "grant.revoked", "token.issued", "budget.threshold", "budget.exhausted"]
QUICK = ("--webhook-retry", "20,20,20,20")


def hook(api, url, *types):
    return api.post("/v1/webhooks", {"url": url, "events": list(types or TYPES)}).expect(201)


def deliveries(api, webhook, query=""):
    return api.get(f"/v1/webhooks/{webhook['id']}/deliveries{query}").expect(200)["deliveries"]


def eventually(look, wanted):
    deadline = time.monotonic() + build.PATIENCE
    while True:
        seen = look()
        if wanted(seen):
            return seen
        assert time.monotonic() < deadline, f"never came: {seen}"
        time.sleep(0.02)


def seqs(events):
    return [event["seq"] for event in events]


def without_repetition(numbers):
    return [number for i, number in enumerate(numbers) if i == 0 or number != numbers[i - 1]]


def test_all_five_types_arrive_in_order(sandbox, receiver):
    hook(sandbox, receiver.url())
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 5)
    life.debit(sandbox, grant, 5)
    life.revoke(sandbox, grant)
    events = receiver.wait_for(6)
    assert seqs(events) == [1, 2, 3, 4, 5, 6]
    assert {event["type"] for event in events} == set(TYPES)
    assert list(events[0]) == ["id", "type", "timestamp", "createdAt", "seq", "data"]
    assert events[0]["data"]["grantId"] == grant.id


def test_both_signatures_are_those_of_the_body(sandbox, receiver):
    webhook = hook(sandbox, receiver.url())
    life.new_grant(sandbox)
    receiver.wait_for(2)
    for _, headers, body in receiver.posts:
        date = headers["X-Grantex-Timestamp"]
        assert headers["X-Grantex-Signature"] == signature(webhook["secret"], body)
        assert headers["X-Grantex-Signature-V2"] == signature(webhook["secret"], date.encode(), body)
        assert date.isdigit() and abs(int(date) - time.time()) < 300
        assert headers["Content-Type"] == "application/json"
        assert headers["User-Agent"] == "Grantex-Webhooks/0.1"
        assert headers["X-Grantex-Event-Id"].startswith("evt_")


def test_a_webhook_hears_of_what_it_asked_for_only(sandbox, receiver):
    webhook = hook(sandbox, receiver.url(), "grant.revoked")
    for _ in range(3):
        life.revoke(sandbox, life.new_grant(sandbox))
    assert seqs(receiver.wait_for(3)) == [3, 6, 9]
    assert len(eventually(lambda: deliveries(sandbox, webhook, "?status=delivered"), lambda got: len(got) == 3)) == 3


def test_a_failed_event_is_tried_again_before_the_next_one_goes(start, receiver):
    api = start(*QUICK).api()
    receiver.answer = lambda post: 500 if len(receiver.posts) < 4 else 200
    webhook = hook(api, receiver.url())
    life.new_grant(api)
    assert seqs(receiver.wait_for(5)) == [1, 1, 1, 1, 2]
    done = eventually(lambda: deliveries(api, webhook, "?status=delivered"), lambda got: len(got) == 2)
    assert [one["attempts"] for one in done] == [1, 4]


def test_what_is_given_up_can_be_sent_again(start, receiver):
    api = start(*QUICK).api()
    receiver.answer = lambda post: 503 if b'"grant.created"' in post[2] else 200
    webhook = hook(api, receiver.url())
    life.new_grant(api)
    assert seqs(receiver.wait_for(6)) == [1, 1, 1, 1, 1, 2]
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    assert dead["attempts"] == 5 and dead["lastError"] == "HTTP 503"
    receiver.answer = lambda post: 200
    api.post(f"/v1/webhooks/deliveries/{dead['id']}/redeliver").expect(202)
    assert seqs(receiver.wait_for(7))[6] == 1
    done = eventually(lambda: deliveries(api, webhook, "?status=delivered"), lambda got: len(got) == 2)
    assert {one["id"] for one in done} >= {dead["id"]}


def test_a_receiver_that_hangs_delays_nobody_else(start, receiver):
    api = start(*QUICK).api()
    receiver.answer = lambda post: None if post[0] == "/slow" else 200
    hook(api, receiver.url("/slow"))
    hook(api, receiver.url("/fast"))
    for _ in range(5):
        life.new_grant(api)
    assert seqs(receiver.wait_for(10, "/fast")) == list(range(1, 11))
    assert set(seqs(receiver.wait_for(1, "/slow"))) == {1}
    receiver.closing.set()


def test_an_attempt_ends_after_its_time(start, receiver):
    api = start(*QUICK, "--webhook-timeout", 100).api()
    receiver.answer = lambda post: None
    webhook = hook(api, receiver.url(), "grant.created")
    life.new_grant(api)
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    assert dead["lastError"] == "timed out after 100 ms"
    assert seqs(receiver.wait_for(5)) == [1] * 5


def test_a_receiver_that_was_down_gets_everything_once_it_is_up(start, receiver):
    api = start("--webhook-retry", ",".join(["50"] * 16)).api()
    away = Receiver()
    away.close()
    webhook = hook(api, away.url())
    life.new_grant(api)
    waiting = eventually(lambda: deliveries(api, webhook), lambda got: got)
    assert waiting[0]["lastError"] == "the connection was refused"
    assert waiting[0]["maxAttempts"] == 17
    back = Receiver(away.port)
    try:
        assert seqs(back.wait_for(2)) == [1, 2]
    finally:
        back.close()


def test_nothing_is_missed_when_the_server_is_killed(start, receiver):
    server = start(*QUICK)
    api = server.api()
    hook(api, receiver.url())
    for wanted in (4, 8, 12):
        for _ in range(2):
            life.new_grant(api)
        receiver.wait_for(wanted - 3)
        server.kill()
        server.start()
    life.new_grant(api)
    receiver.wait(lambda: b'"seq":14,' in receiver.posts[-1][2], "the last event")
    assert without_repetition(seqs(receiver.events())) == list(range(1, 15))


def test_nothing_is_missed_when_the_server_is_stopped_while_a_receiver_hangs(start, receiver):
    server = start(*QUICK)
    api = server.api()
    receiver.answer = lambda post: None
    hook(api, receiver.url())
    life.new_grant(api)
    receiver.wait_for(1)
    assert server.terminate() == 0
    receiver.answer = lambda post: 200
    server.start()
    receiver.wait(lambda: b'"seq":2,' in receiver.posts[-1][2], "the last event")
    assert without_repetition(seqs(receiver.events())) == [1, 2]


def test_an_address_of_this_machine_is_refused_unless_allowed(start, receiver):
    """Made while it was allowed; refused when it is connected to."""
    server = start("--open-signup", "--allow-private-webhooks", *QUICK, command="serve")
    api = server.sign_up()
    webhook = hook(api, receiver.url(host="localhost"), "grant.created")
    assert server.terminate() == 0
    server.options.remove("--allow-private-webhooks")
    server.start()
    life.new_grant(api)
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    assert dead["lastError"] == "the address is not allowed"
    assert receiver.posts == []
    assert webhook["id"] in server.stderr() and webhook["secret"] not in server.stderr()


def test_a_redirect_is_not_followed(start, receiver):
    api = start(*QUICK).api()
    receiver.answer = lambda post: (302, {"Location": receiver.url("/elsewhere")}, b"")
    webhook = hook(api, receiver.url(), "grant.created")
    life.new_grant(api)
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    assert dead["lastError"] == "HTTP 302"
    assert receiver.events("/elsewhere") == []


def test_a_huge_answer_is_not_read_and_counts_by_its_status(sandbox, receiver):
    receiver.answer = lambda post: (200, {}, b"x" * 10_000_000)
    webhook = hook(sandbox, receiver.url())
    life.new_grant(sandbox)
    eventually(lambda: deliveries(sandbox, webhook, "?status=delivered"), lambda got: len(got) == 2)


def test_a_deleted_webhook_hears_nothing_more(sandbox, receiver):
    gone, stays = hook(sandbox, receiver.url("/gone")), hook(sandbox, receiver.url("/stays"))
    life.new_grant(sandbox)
    receiver.wait_for(2, "/gone")
    eventually(lambda: deliveries(sandbox, gone, "?status=delivered"), lambda got: len(got) == 2)
    assert sandbox.delete(f"/v1/webhooks/{gone['id']}").status == 204
    life.new_grant(sandbox)
    receiver.wait_for(4, "/stays")
    assert seqs(receiver.events("/gone")) == [1, 2] and stays


def test_what_is_on_its_way_again_cannot_be_sent_again(start, receiver):
    api = start("--webhook-retry", "20").api()
    receiver.answer = lambda post: 500
    webhook = hook(api, receiver.url(), "grant.created")
    life.new_grant(api)
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    receiver.answer = lambda post: None
    again = api.post(f"/v1/webhooks/deliveries/{dead['id']}/redeliver").expect(202)
    assert (again["id"], again["status"], again["attempts"], again["webhookId"]) == (dead["id"], "pending", 0, webhook["id"])
    refused = api.post(f"/v1/webhooks/deliveries/{dead['id']}/redeliver")
    assert (refused.status, refused.json["code"]) == (409, "CONFLICT")


def test_what_becomes_of_deliveries_is_counted(start, receiver):
    server = start("--webhook-retry", "20,20")
    receiver.answer = lambda post: 500 if post[0] == "/bad" else 200
    hook(server.api(), receiver.url("/good"))
    hook(server.api(), receiver.url("/bad"), "grant.created")
    life.new_grant(server.api())
    expected = {
        'grantex_webhook_deliveries_total{status="delivered"}': 2, 'grantex_webhook_deliveries_total{status="failed"}': 1,
        "grantex_webhook_retries_total": 2, "grantex_webhook_lag_events": 0,
    }
    eventually(lambda: metrics.scrape(server.anonymous()), lambda seen: {name: seen.get(name) for name in expected} == expected)


def test_events_that_a_receiver_has_yet_to_get_are_lag(start, receiver):
    server = start("--webhook-retry", "60000")
    receiver.answer = lambda post: 500
    hook(server.api(), receiver.url())
    for _ in range(2):
        life.new_grant(server.api())
    eventually(lambda: metrics.scrape(server.anonymous()), lambda seen: seen["grantex_webhook_lag_events"] == 4)


# --- when retention is faster than a receiver ---


def trim(database, before):
    """What retention does to events before that number, at a moment that the test chooses. Of one developer's log."""
    ids = {}
    for event in store.rows(database, "SELECT developer_id, type, id FROM events WHERE seq < ? ORDER BY seq", before):
        ids.setdefault((event["developer_id"], event["type"]), []).append(event["id"].removeprefix("evt_"))
    for (developer, kind), gone in ids.items():
        store.change(database, "INSERT INTO trimmed_events (developer_id, block, type, ids, total) VALUES (?, 1, ?, ?, ?)",
                     developer, kind, "".join(gone), len(gone))
    store.change(database, "DELETE FROM events WHERE seq < ?", before)


def test_what_is_asked_for_again_and_kept_no_more_has_failed_for_good(start, receiver):
    server = start("--webhook-retry", "20")
    api = server.api()
    receiver.answer = lambda post: 503 if b'"grant.created"' in post[2] else 200
    webhook = hook(api, receiver.url())
    life.new_grant(api)
    receiver.wait_for(3)
    dead = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    trim(server.database, before=2)
    api.post(f"/v1/webhooks/deliveries/{dead['id']}/redeliver").expect(202)
    again = eventually(lambda: deliveries(api, webhook, "?status=failed"), lambda got: len(got) == 1)[0]
    assert (again["id"], again["lastError"]) == (dead["id"], "the event is kept no more")
    life.new_grant(api)  # and the webhook goes on
    receiver.wait(lambda: b'"seq":4,' in receiver.posts[-1][2], "the last event")


@pytest.mark.parametrize("kept_from, first", [(4, 4), (7, 7)], ids=["some", "none"])
def test_a_webhook_that_retention_has_overtaken_goes_on_and_the_log_says_so(start, receiver, kept_from, first):
    server = start("--webhook-retry", "60000")
    api = server.api()
    receiver.answer = lambda post: 500
    webhook = hook(api, receiver.url())
    for _ in range(3):
        life.new_grant(api)
    receiver.wait_for(1)
    assert server.terminate() == 0
    trim(server.database, before=kept_from)
    receiver.answer = lambda post: 200
    server.start()
    life.new_grant(server.api())
    receiver.wait(lambda: b'"seq":8,' in receiver.posts[-1][2], "the last event")
    assert seqs(receiver.events())[1:] == list(range(first, 9))
    assert f"webhook {webhook['id']}: {kept_from - 1} events behind number 0 are kept no more" in server.stderr()
    assert metrics.scrape(server.anonymous())["grantex_webhook_skipped_events_total"] == kept_from - 1
