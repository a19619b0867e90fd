"""GET /v1/budget/burn: which budgets will be empty first, by what was debited over the last five minutes."""

from support import life, store


def burn(api, query=""):
    return api.get(f"/v1/budget/burn{query}").expect(200)


def made_older(server, grant, milliseconds):
    """The budget and its debits were there so much earlier."""
    store.change(server.database, "UPDATE budgets SET created_at = created_at - ?, updated_at = updated_at - ? WHERE grant_id = ?",
                 milliseconds, milliseconds, grant.id)
    store.change(server.database, "UPDATE budget_transactions SET created_at = created_at - ?"
                 " WHERE budget_id = (SELECT id FROM budgets WHERE grant_id = ?)", milliseconds, grant.id)


def test_what_is_empty_first_comes_first_and_what_nobody_uses_last(server, sandbox):
    slow, fast, quiet, used = (life.new_grant(sandbox) for _ in range(4))
    for grant in (slow, fast, quiet, used):
        life.allocate(sandbox, grant, 1000)
    life.debit(sandbox, used, 900)
    for grant in (slow, fast, used):
        made_older(server, grant, 400_000)
    life.debit(sandbox, slow, 10)
    for _ in range(5):
        life.debit(sandbox, fast, "62")
    answer = burn(sandbox)
    assert answer["windowSeconds"] == 300
    rows = answer["budgets"]
    assert [row["grantId"] for row in rows] == [fast.id, slow.id, used.id, quiet.id]
    assert rows[0]["spentPerMinute"] == "62.0000" and rows[0]["usedPercent"] == 31
    assert rows[0]["emptyInSeconds"] == 690 * 60 // 62
    assert rows[1]["spentPerMinute"] == "2.0000" and rows[1]["emptyInSeconds"] == 495 * 60
    assert [row["emptyInSeconds"] for row in rows[2:]] == [None, None]
    assert rows[2]["usedPercent"] == 90 and rows[2]["spentPerMinute"] == "0.0000"
    assert burn(sandbox, "?limit=2")["budgets"] == rows[:2]


def test_the_rate_goes_down_as_debits_leave_the_window_and_ends_with_them(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 1000)
    life.debit(sandbox, grant, 100)
    made_older(server, grant, 200_000)
    life.debit(sandbox, grant, 100)
    made_older(server, grant, 200_000)  # the first is 400 s old now, the second 200 s
    assert burn(sandbox)["budgets"][0]["spentPerMinute"] == "20.0000"
    made_older(server, grant, 200_000)
    assert burn(sandbox)["budgets"][0]["emptyInSeconds"] is None


def test_a_grant_that_is_not_active_and_another_developers_burn_nothing(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 10)
    life.debit(sandbox, grant, 1)
    assert len(burn(sandbox)["budgets"]) == 1 and burn(server.sign_up())["budgets"] == []
    life.revoke(sandbox, grant)
    assert burn(sandbox)["budgets"] == []


def test_a_budget_that_was_just_used_up_is_empty_now(sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, "0.0001")
    life.debit(sandbox, grant, "0.0001")
    assert burn(sandbox)["budgets"][0]["emptyInSeconds"] == 0 and burn(sandbox)["budgets"][0]["usedPercent"] == 100
