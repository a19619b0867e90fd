"""Webhooks as their developer sees them: made, listed, gone, and what came of their events."""

import re
import uuid

import pytest

from support import life, store
from support.stream import SseReader

URL = "https://hooks.example/grantex"
UNKNOWN = "wh_01ARZ3NDEKTSV4RRFFQ69G5FAV"
FAR = 1 << 50  # when nothing is due in this test's life
TYPES = ["grant.created", "grant.revoked", "token.issued", "budget.threshold", "budget.exhausted"]


def create(api, url=URL, events=("grant.created",), **options):
    return api.post("/v1/webhooks", {"url": url, "events": list(events)}, **options)


def deliveries_of(api, webhook, query=""):
    return api.get(f"/v1/webhooks/{webhook['id']}/deliveries{query}").expect(200)


def write_delivery(server, webhook, seq, status, attempts=1, error=None, delivered_at=None):
    """As the sender does it; returns the delivery's id."""
    event = store.rows(server.database, "SELECT id, type FROM events WHERE seq = ? ORDER BY id LIMIT 1", seq)[0]
    row = (webhook["id"], seq, f"whd_{webhook['id'][3:-2]}{seq:02}", event["id"], event["type"], status, attempts, FAR, error, 1700000000000, delivered_at)
    store.change(server.database, f"INSERT INTO webhook_deliveries VALUES ({','.join('?' * len(row))})", *row)
    return row[2]


def kept(server):
    """All but the leases, which are the sender's."""
    tables = store.dump(server.database)
    tables["webhooks"] = store.rows(server.database, "SELECT id, url, events, secret, cursor_seq FROM webhooks ORDER BY id")
    return tables


@pytest.fixture(name="hooked")
def fixture_hooked(server, sandbox):
    """A webhook behind ten events, with a delivery of each status."""
    for _ in range(5):
        life.new_grant(sandbox)
    webhook = create(sandbox).expect(201)
    ids = {
        "delivered": write_delivery(server, webhook, 1, "delivered", delivered_at=1700000001000),
        "failed": write_delivery(server, webhook, 2, "failed", attempts=5, error="HTTP 500"),
        "pending": write_delivery(server, webhook, 3, "pending", attempts=2, error="timed out"),
    }
    return webhook, ids


# --- making them ---


@pytest.mark.parametrize("events", [[name] for name in TYPES] + [TYPES, ["grant.*"], ["*"], ["grant.*", "budget.exhausted"]])
def test_a_webhook_is_made_for_any_of_the_types_and_shows_its_secret_once(sandbox, events):
    made = create(sandbox, events=events).expect(201)
    assert set(made) == {"id", "url", "events", "secret", "createdAt"}
    assert re.fullmatch(r"wh_[0-9A-HJKMNP-TV-Z]{26}", made["id"]) and re.fullmatch(r"[0-9a-f]{48}", made["secret"])
    assert (made["url"], made["events"]) == (URL, events)
    shown = {"id": made["id"], "url": URL, "events": events, "createdAt": made["createdAt"], "lag": 0}
    assert sandbox.get("/v1/webhooks").expect(200) == {"webhooks": [shown]}
    assert sandbox.get(f"/v1/webhooks/{made['id']}").expect(200) == shown


def test_the_cursor_of_a_new_webhook_is_the_newest_event(server, sandbox):
    life.new_grant(sandbox)
    made = create(sandbox).expect(201)
    row = store.rows(server.database, "SELECT cursor_seq FROM webhooks WHERE id = ?", made["id"])[0]
    assert row == {"cursor_seq": 2}


@pytest.mark.parametrize("event", ["grant.updated", "GRANT.CREATED", "grant.created ", "grant.created,token.issued", ",", "grant*", "é"])
def test_an_unknown_type_is_refused_with_the_known_ones(server, sandbox, event):
    before = store.dump(server.database)
    refused = create(sandbox, events=["grant.created", event])
    assert (refused.status, refused.json["code"]) == (400, "INVALID_EVENT_TYPE")
    assert "events" in refused.json["message"] and all(name in refused.json["message"] for name in TYPES)
    assert store.difference(before, store.dump(server.database)) == []


def test_a_repeat_with_the_same_key_shows_the_same_secret_and_makes_nothing(server, sandbox):
    key = {"headers": {"Idempotency-Key": str(uuid.uuid4())}}
    first = create(sandbox, **key).expect(201)
    assert create(sandbox, **key).expect(201) == first
    assert len(sandbox.get("/v1/webhooks").expect(200)["webhooks"]) == 1
    kept = "".join(row["body"] for row in store.rows(server.database, "SELECT body FROM idempotency_keys"))
    assert kept and first["secret"] not in kept


# --- where they may lead ---

NOT_PUBLIC = [
    "https://127.0.0.1/", "https://127.1:8443/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://127.0.0.1./",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://10.0.0.1/", "https://172.16.0.1/",
    "https://192.168.1.1/", "https://100.64.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[fe80::1]/", "https://[fc00::1]/",
    "https://224.0.0.1/", "https://0.0.0.0/", "https://[::]/", "https://localhost/", "https://LOCALHOST.:1/", "https://a.localhost/",
]


@pytest.fixture(name="strict")
def fixture_strict(start):
    """A server that others use."""
    return start("--open-signup", command="serve")


def test_a_server_for_oneself_allows_urls_into_its_own_house(sandbox):
    for url in NOT_PUBLIC + ["http://hooks.example/", "http://127.0.0.1:9/"]:
        create(sandbox, url).expect(201)


def test_a_server_for_others_refuses_urls_into_its_own_house(strict):
    api = strict.sign_up()
    before = store.dump(strict.database)
    wrong = []
    for url, rule in [(url, "public address") for url in NOT_PUBLIC] + [("http://hooks.example/", "https"), ("http://127.0.0.1/", "https")]:
        refused = create(api, url)
        if refused.status != 400 or not refused.json["message"].startswith("url: ") or rule not in refused.json["message"]:
            wrong.append((url, refused))
    assert wrong == []
    assert store.difference(before, store.dump(strict.database)) == []
    for url in (URL, "https://8.8.8.8/", "https://[2606:4700::1]:8443/x?y=z", "https://127.0.0.1.hooks.example/"):
        create(api, url).expect(201)


def test_a_server_for_others_can_be_told_to_allow_them(start):
    api = start("--open-signup", "--allow-private-webhooks", command="serve").sign_up()
    for url in ("http://127.0.0.1:9/", "https://10.0.0.1/", "http://hooks.example/"):
        create(api, url).expect(201)


# --- looking at them, and taking them away ---


def test_the_list_is_newest_first(sandbox):
    made = [create(sandbox, f"{URL}/{n}").expect(201) for n in range(3)]
    listed = sandbox.get("/v1/webhooks").expect(200)["webhooks"]
    assert [row["createdAt"] for row in listed] == sorted((row["createdAt"] for row in made), reverse=True)
    assert {row["id"] for row in listed} == {row["id"] for row in made}  # in any order within a millisecond


def test_a_webhook_that_goes_takes_its_deliveries_along(server, sandbox, hooked):
    webhook, _ = hooked
    other = create(sandbox).expect(201)
    write_delivery(server, other, 4, "failed")
    gone = sandbox.delete(f"/v1/webhooks/{webhook['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert [row["webhook_id"] for row in store.rows(server.database, "SELECT webhook_id FROM webhook_deliveries")] == [other["id"]]
    assert sandbox.delete(f"/v1/webhooks/{webhook['id']}").status == 404
    assert [row["id"] for row in sandbox.get("/v1/webhooks").expect(200)["webhooks"]] == [other["id"]]


def test_another_developers_ids_are_answered_like_unknown_ones(server, sandbox, api, hooked):
    webhook, ids = hooked
    before = kept(server)
    assert api.get("/v1/webhooks").expect(200) == {"webhooks": []}
    calls = [("GET", "/v1/webhooks/{}"), ("DELETE", "/v1/webhooks/{}"), ("GET", "/v1/webhooks/{}/deliveries")]
    cases = [(method, path, webhook["id"], UNKNOWN) for method, path in calls]
    cases.append(("POST", "/v1/webhooks/deliveries/{}/redeliver", ids["failed"], "whd_01ARZ3NDEKTSV4RRFFQ69G5FAV"))
    for method, path, foreign, unknown in cases:
        answers = [api.request(method, path.format(name)) for name in (foreign, unknown)]
        seen = {(answer.status, answer.json["code"], answer.json["message"]) for answer in answers}
        assert len(seen) == 1 and seen.pop()[:2] == (404, "NOT_FOUND")
    assert store.difference(before, kept(server)) == []


# --- what came of the events ---


def types_of_events(api, count):
    with SseReader(api, "?since=2020-01-01T00:00:00Z") as stream:
        return {event["id"]: event["type"] for event in stream.wait_events(count)}


def test_deliveries_are_listed_newest_first_with_what_became_of_them(sandbox, hooked):
    webhook, ids = hooked
    page = deliveries_of(sandbox, webhook)
    assert (page["total"], page["page"], page["pageSize"]) == (3, 1, 20)
    assert [row["id"] for row in page["deliveries"]] == [ids["pending"], ids["failed"], ids["delivered"]]
    events = types_of_events(sandbox, 10)
    pending, failed, delivered = page["deliveries"]
    for row in page["deliveries"]:
        assert events[row.pop("eventId")] == row.pop("eventType")
    common = {"webhookId": webhook["id"], "maxAttempts": 5, "url": URL, "createdAt": "2023-11-14T22:13:20.000Z"}
    assert pending == {**common, "id": ids["pending"], "status": "pending", "attempts": 2, "lastError": "timed out", "deliveredAt": None}
    assert failed == {**common, "id": ids["failed"], "status": "failed", "attempts": 5, "lastError": "HTTP 500", "deliveredAt": None}
    at = "2023-11-14T22:13:21.000Z"
    assert delivered == {**common, "id": ids["delivered"], "status": "delivered", "attempts": 1, "lastError": None, "deliveredAt": at}


def test_deliveries_are_filtered_by_status_and_paged(sandbox, hooked):
    webhook, ids = hooked
    for status, name in ids.items():
        page = deliveries_of(sandbox, webhook, f"?status={status}")
        assert (page["total"], [row["id"] for row in page["deliveries"]]) == (1, [name])
    page = deliveries_of(sandbox, webhook, "?page=2&pageSize=2")
    assert (page["total"], [row["id"] for row in page["deliveries"]]) == (3, [ids["delivered"]])
    assert deliveries_of(sandbox, webhook, "?page=3&pageSize=2")["deliveries"] == []
    assert deliveries_of(sandbox, webhook, "?pageSize=100000")["pageSize"] == 100  # the reference caps, where other lists refuse


@pytest.mark.parametrize("query", ["status=gone", "status=", "status=FAILED", "page=0", "page=x", "pageSize=0", "pageSize=1000001", "pageSize=-1"])
def test_a_page_that_is_none_is_refused_by_name(sandbox, hooked, query):
    refused = sandbox.get(f"/v1/webhooks/{hooked[0]['id']}/deliveries?{query}")
    assert refused.status == 400 and refused.json["message"].startswith(query.split("=")[0] + ":")


@pytest.mark.parametrize("status", ["pending", "delivered"])
def test_only_a_failed_delivery_can_be_sent_again(server, sandbox, hooked, status):
    before = kept(server)
    refused = sandbox.post(f"/v1/webhooks/deliveries/{hooked[1][status]}/redeliver")
    assert (refused.status, refused.json["code"]) == (409, "CONFLICT") and status in refused.json["message"]
    assert store.difference(before, kept(server)) == []


def test_a_webhook_and_its_cursor_outlive_a_crash(server, sandbox):
    made = create(sandbox).expect(201)
    server.restart()
    assert [row["id"] for row in server.api().get("/v1/webhooks").expect(200)["webhooks"]] == [made["id"]]
