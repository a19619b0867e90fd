"""A grant's whole life, change by change, each asked for until it is done; and what of it the store must have from then on."""

import collections
import uuid

from . import store
from .agreement import assert_store_agrees

MOST_TRIES = 20

# query and values: a row that must be there; since: how long the disk's journal was when the change was answered, 0 where none is kept.
Fact = collections.namedtuple("Fact", "since query values")


class Deeds:
    def __init__(self, server):
        self.server = server
        self.api = server.api(keep=True)
        self.facts = []

    def do(self):
        """All of them; every rule of the log has its event among what they set off."""
        agent = self._post("/v1/agents", {"name": "payer", "scopes": ["a:b"]}, "agents", "agentId")["agentId"]
        asked = self._post("/v1/authorize", {"agentId": agent, "principalId": "ada", "scopes": ["a:b"]}, "auth_requests", "authRequestId")
        issued = self._post("/v1/token", {"code": asked["code"], "agentId": agent}, "grants", "grantId")
        grant = issued["grantId"]
        self._post("/v1/budget/allocate", {"grantId": grant, "initialBudget": 10}, "budgets", "grantId", column="grant_id")
        for amount in (6, 3, 1):
            self._post("/v1/budget/debit", {"grantId": grant, "amount": amount}, "budget_transactions", "transactionId")
        self._post("/v1/token/refresh", {"refreshToken": issued["refreshToken"], "agentId": agent}, "grants", "grantId")
        self._note("SELECT grant_id FROM tokens WHERE grant_id = ? GROUP BY grant_id HAVING count(*) >= 2", grant)
        self._post("/v1/webhooks", {"url": "https://example.org/hook", "events": ["grant.created"]}, "webhooks", "id")
        self._post("/v1/keys", {"name": "robot", "scopes": ["events:read"]}, "api_keys", "id")
        self._sure("DELETE", f"/v1/grants/{grant}", None, {204, 404})
        self._note("SELECT id FROM grants WHERE id = ? AND status = 'revoked'", grant)
        return self

    def _post(self, path, body, table, field, column="id"):
        answer = self._sure("POST", path, body, {200, 201})
        self._note(f"SELECT {column} FROM {table} WHERE {column} = ?", answer[field])
        return answer

    def _note(self, query, *values):
        self.facts.append(Fact(getattr(self.server, "records", 0), query, values))

    def _sure(self, method, path, body, expected):
        headers = {"Idempotency-Key": str(uuid.uuid4())} if method == "POST" else {}
        for _ in range(MOST_TRIES):
            before = self._dump()
            answer = self.api.request(method, path, body, headers=headers)
            if answer.status in expected:
                return answer.json if answer.body else None
            assert answer.status in (503, 507), f"{method} {path}: {answer}"
            if "nothing was done" in answer.json["message"]:
                assert store.difference(before, self._dump()) == [], answer
        raise AssertionError(f"{method} {path} is refused for ever: {answer}")

    def _dump(self):
        """All but how far a webhook has come meanwhile."""
        there = sorted(str(row) for row in store.rows(self.server.database, "SELECT id, url, events, secret FROM webhooks"))
        return {**store.dump(self.server.database), "webhooks": there, "webhook_deliveries": []}

    def assert_there(self, database, until=None):
        """What was answered before the journal was that long, in a store that agrees with itself."""
        self.assert_facts(database, until)
        assert_store_agrees(database)

    def assert_facts(self, database, until=None):
        for fact in self.facts:
            if until is None or fact.since <= until:
                assert store.rows(database, fact.query, *fact.values), f"answered, and not there: {fact}"
