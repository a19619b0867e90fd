"""kill -9 at any moment, many times, under load. What was answered is there afterwards with its events; what is in the log
has its change; a subscriber that resumes sees every event once, in order."""

import collections
import http.client
import itertools
import json
import random
import socket
import threading
import time
import uuid

from support import build, store
from support.agreement import assert_every_change_has_its_event, assert_log_is_whole, events_by_type
from support.stream import SseReader
from support.websocket import PING, PONG, TEXT, WsClient, frame

KILLS = 12 if build.SANITIZER else 60
CLIENTS = 8
BUDGET = 60
SEED = 20261123


class Load:
    """Client threads that live grants' lives for as long as they are asked to, over every crash of the server.

    Each request carries an Idempotency-Key and is repeated until it is answered, as the SDKs do; so when all have come to
    rest, the store must hold exactly what was answered, no more and no less."""

    def __init__(self, server):
        self.server = server
        self.answers = itertools.count(1)
        self.answered = 0
        self.debits = collections.defaultdict(list)  # grant id -> [(transaction id, amount)]
        self.granted, self.tokens, self.revoked = set(), collections.Counter(), set()
        self.faults = []
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._live, args=(number,), daemon=True) for number in range(CLIENTS)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(build.PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "a client hangs"
        assert self.faults == []

    def wait_answers(self, more):
        """Until that many further requests were answered."""
        until = time.monotonic() + build.PATIENCE
        with self._changed:
            goal = self.answered + more
            while self.answered < goal and not self.faults:
                assert self._changed.wait(until - time.monotonic()), f"{self.answered} answers, {goal} wanted"

    def _live(self, number):
        try:
            while not self._stop.is_set():
                self._one_life(number)
        except BaseException as fault:  # pylint: disable=broad-except # shown by stop()
            with self._changed:
                self.faults.append(repr(fault))
                self._changed.notify_all()

    def _one_life(self, number):
        dice = random.Random(f"{SEED}.{number}.{next(self.answers)}")
        api = self.server.api(keep=True)
        agent = self._sure(api, "POST", "/v1/agents", {"name": f"agent of {number}"}, {201})["agentId"]
        asked = self._sure(
            api, "POST", "/v1/authorize", {"agentId": agent, "principalId": f"user_{number}", "scopes": ["a:b"]}, {201}
        )
        issued = self._sure(api, "POST", "/v1/token", {"code": asked["code"], "agentId": agent}, {201})
        grant = issued["grantId"]
        self.granted.add(grant)
        self.tokens[grant] += 1
        self._sure(api, "POST", "/v1/budget/allocate", {"grantId": grant, "initialBudget": BUDGET}, {201})
        left = BUDGET
        while left > 0 and not self._stop.is_set():
            amount = min(left, dice.randint(1, 9))
            done = self._sure(api, "POST", "/v1/budget/debit", {"grantId": grant, "amount": amount}, {200})
            left -= amount
            assert done["remaining"] == f"{left}.0000", (done, left)
            self.debits[grant].append((done["transactionId"], amount))
        renewed = {"refreshToken": issued["refreshToken"], "agentId": agent}
        self._sure(api, "POST", "/v1/token/refresh", renewed, {201})
        self.tokens[grant] += 1
        if dice.random() < 0.5:
            # DELETE has no key: 404 after a lost answer means that it was done.
            self._sure(api, "DELETE", f"/v1/grants/{grant}", None, {204, 404})
            self.revoked.add(grant)

    def _sure(self, api, method, path, body, expected):
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        until = time.monotonic() + build.PATIENCE
        while True:
            try:
                answer = api.request(method, path, body, headers=headers)
                if answer.status != 503:
                    break
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < until, f"{method} {path}: no answer"
            self._stop.wait(0.002)  # be polite to a server that is down
        assert answer.status in expected, f"{method} {path} {body}: {answer}"
        with self._changed:
            self.answered += 1
            self._changed.notify_all()
        return answer.json if answer.body else None


class Subscriber:
    """Follows the log like a browser: over and over, from the last id it has seen."""

    def __init__(self, server):
        self.server = server
        self.events = []
        self.connections = 0
        self._cursor = None
        self._stop = threading.Event()
        self._reader = None
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        while not self._stop.is_set():
            query, headers = ("", {"Last-Event-ID": self._cursor}) if self._cursor else ("?since=2020-01-01T00:00:00Z", {})
            try:
                reader = SseReader(self.server.api(), query, headers)
            except OSError:
                self._stop.wait(0.005)
                continue
            with reader:
                self._reader = reader
                if self._stop.is_set():
                    return
                reader.wait_for(lambda r: r.end, deadline=600)
                self.connections += 1
                self._take(reader)

    def _take(self, reader):
        for frame in reader.frames:
            if frame.is_event:
                self.events.append(frame.json)
            self._cursor = frame.id or self._cursor

    def finish(self, last_id):
        """Waits for the last event, then ends."""
        until = time.monotonic() + build.PATIENCE
        while self._cursor != last_id and not self._is_at(last_id):
            assert time.monotonic() < until, "the subscriber never saw the last event"
        self._stop.set()
        self._reader.close()
        self._thread.join(build.PATIENCE)
        return self.events

    def _is_at(self, last_id):
        """Looks at the connection of the moment, which may break meanwhile."""
        reader = self._reader
        reader.wait_for(lambda r: r.end or any(frame.id == last_id for frame in r.frames[-1:]))
        return reader.end is None


class SocketSubscriber:
    """The same over WebSockets, whose cursor is the id of the last event."""

    def __init__(self, server):
        self.server = server
        self.events = []
        self.connections = 0
        self._client = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        while not self._stop.is_set():
            query = f"?last_event_id={self.events[-1]['id']}" if self.events else "?since=2020-01-01T00:00:00Z"
            try:
                with WsClient(self.server.api(), query) as client:
                    self._client = client.opened()
                    self.connections += 1
                    self._read(client)
            except OSError:
                self._stop.wait(0.005)

    def _read(self, client):
        while (found := client.read_frame()) is not None:
            opcode, payload = found
            if opcode == PING:
                client.send(frame(PONG, payload))
            elif opcode == TEXT:
                self.events.append(json.loads(payload))

    def finish(self, last_id):
        until = time.monotonic() + build.PATIENCE
        while not self.events or self.events[-1]["id"] != last_id:
            assert time.monotonic() < until, "the subscriber never saw the last event"
            self._stop.wait(0.01)
        self._stop.set()
        self._client.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(build.PATIENCE)
        return self.events


def assert_store_is_what_was_answered(load, database):
    grants = {row["id"]: row for row in store.rows(database, "SELECT * FROM grants")}
    assert set(grants) == load.granted
    assert {id for id, row in grants.items() if row["status"] == "revoked"} == load.revoked
    tokens = collections.Counter(row["grant_id"] for row in store.rows(database, "SELECT * FROM tokens"))
    assert tokens == load.tokens
    ledger = collections.defaultdict(list)
    query = "SELECT b.grant_id, t.id, t.amount, t.number FROM budget_transactions t JOIN budgets b ON b.id = t.budget_id ORDER BY t.number"
    for row in store.rows(database, query):
        ledger[row["grant_id"]].append((row["id"], row["amount"] // 10000))
        assert row["number"] == len(ledger[row["grant_id"]])
    assert ledger == load.debits


def test_what_was_answered_survives_every_kill_with_its_events(server):
    dice = random.Random(SEED)
    load, subscribers = Load(server), (Subscriber(server), SocketSubscriber(server))
    load.start()
    for _ in range(KILLS):
        load.wait_answers(dice.randint(1, 60))
        server.restart()
    load.wait_answers(20)
    load.stop()

    with SseReader(server.api(), "?since=2020-01-01T00:00:00Z") as reader:
        count = store.rows(server.database, "SELECT count(*) AS n FROM events")[0]["n"]
        log = reader.wait_events(count)
    assert_log_is_whole(log)
    assert_store_is_what_was_answered(load, server.database)
    assert_every_change_has_its_event(events_by_type(log), server.database)

    for subscriber in subscribers:
        seen = subscriber.finish(log[-1]["id"])
        assert seen == log, "the subscriber saw something else than the log"
        assert subscriber.connections > KILLS // 2
    assert count > KILLS * 3
