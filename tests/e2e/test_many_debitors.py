"""A budget that sixty-four want at once, against arithmetic."""

import concurrent.futures

from support import life, store


def debit_whatever_comes(api, grant, amounts):
    """One debitor: what was booked, by the server's word."""
    booked = []
    for amount in amounts:
        answer = api.post("/v1/budget/debit", {"grantId": grant.id, "amount": amount})
        assert answer.status in (200, 402), answer
        if answer.status == 200:
            booked.append(amount)
    return booked


def test_sixty_four_debitors_take_what_there_is_and_no_more(server, sandbox):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 1000)
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        wanted = [[1 + (debitor * 7 + turn * 3) % 9 for turn in range(6)] for debitor in range(64)]
        booked = [amount for part in pool.map(lambda amounts: debit_whatever_comes(sandbox, grant, amounts), wanted) for amount in part]
    left = 1000 - sum(booked)
    refused = sum(map(len, wanted)) - len(booked)
    assert sum(map(sum, wanted)) > 1000 and refused > 0 and 0 <= left < 9
    assert sandbox.get(f"/v1/budget/balance/{grant.id}").expect(200)["remainingBudget"] == f"{left}.0000"
    ledger = store.rows(server.database, "SELECT amount FROM budget_transactions")
    assert sorted(row["amount"] for row in ledger) == sorted(amount * 10000 for amount in booked)
    crossings = {row["percentage"] for row in store.rows(server.database, "SELECT percentage FROM budget_crossings")}
    assert crossings == ({50, 80, 100} if left == 0 else {50, 80})
    events = 2 + len(crossings)
    assert [row["seq"] for row in store.rows(server.database, "SELECT seq FROM events ORDER BY seq")] == list(range(1, events + 1))
