"""Whether the state and the log in a store say the same: every change has its event, every event its change."""

import collections
import json

from . import store


def log_of(database):
    """Every event of the only developer who has any, oldest first."""
    rows = store.rows(database, "SELECT seq, id, type, timestamp, data FROM events ORDER BY seq")
    return [{**row, "data": json.loads(row["data"])} for row in rows]


def events_by_type(log):
    found = collections.defaultdict(list)
    for event in log:
        found[event["type"]].append(event["data"])
    return found


def assert_log_is_whole(log):
    assert [event["seq"] for event in log] == list(range(1, len(log) + 1))
    assert all(one["id"] < other["id"] and one["timestamp"] <= other["timestamp"] for one, other in zip(log, log[1:]))


def assert_budgets_agree(log, database):
    crossed = {
        (row["grant_id"], row["percentage"])
        for row in store.rows(database, "SELECT b.grant_id, c.percentage FROM budget_crossings c JOIN budgets b ON b.id = c.budget_id")
    }
    told = [(data["grantId"], data["percentage"]) for data in log["budget.threshold"]]
    told += [(data["grantId"], 100) for data in log["budget.exhausted"]]
    assert len(told) == len(set(told)) and set(told) == crossed
    query = "SELECT b.*, (SELECT coalesce(sum(amount), 0) FROM budget_transactions t WHERE t.budget_id = b.id) AS used FROM budgets b"
    for budget in store.rows(database, query):
        assert budget["initial"] - budget["used"] == budget["remaining"]
        due = {p for p in (50, 80, 100) if budget["used"] * 100 >= budget["initial"] * p}
        assert {p for grant, p in crossed if grant == budget["grant_id"]} == due


def assert_every_change_has_its_event(log, database):
    def ids(query):
        return sorted(row["id"] for row in store.rows(database, query))

    assert sorted(data["grantId"] for data in log["grant.created"]) == ids("SELECT id FROM grants")
    assert sorted(data["tokenId"] for data in log["token.issued"]) == ids("SELECT id FROM tokens")
    assert sorted(data["grantId"] for data in log["grant.revoked"]) == ids("SELECT id FROM grants WHERE status = 'revoked'")
    assert_budgets_agree(log, database)


def assert_store_agrees(database):
    """All of it, of a store that nobody is writing to."""
    log = log_of(database)
    assert_log_is_whole(log)
    assert_every_change_has_its_event(events_by_type(log), database)
