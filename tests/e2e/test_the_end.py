"""How a server ends, and what it says when its store fails."""

import socket
import threading

from support import life, store


def exchange_until_it_ends(server, agent, codes, answered):
    api = server.api()
    for code in codes:
        try:
            answer = api.post("/v1/token", {"code": code, "agentId": agent})
        except OSError:
            return
        if answer.status == 503:
            return
        answered.append(answer.expect(201)["grantId"])


def test_a_server_that_is_stopped_amid_exchanges_answers_keeps_and_ends_in_order(start):
    server = start()
    api = server.api()
    agent = life.register(api)
    codes = [life.authorize(api, agent)["code"] for _ in range(120)]
    answered = []
    threads = [
        threading.Thread(target=exchange_until_it_ends, args=(server, agent, codes[n::6], answered)) for n in range(6)
    ]
    # Half a request keeps the server waiting until its time for that is over.
    half = socket.create_connection(("127.0.0.1", server.port))
    half.sendall(b"POST /v1/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    for thread in threads:
        thread.start()
    while len(answered) < 10:
        threads[0].join(0.01)
    server.terminate()  # asserts status 0
    for thread in threads:
        thread.join()
    half.close()
    there = {row["id"] for row in store.rows(server.database, "SELECT id FROM grants")}
    events = len(store.rows(server.database, "SELECT seq FROM events"))
    assert set(answered) <= there
    assert events == 2 * len(there)


def test_a_fault_of_the_store_is_told_to_the_operator_and_not_to_the_client(start):
    server = start()
    api = server.api()
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    store.change(server.database, "ALTER TABLE budget_transactions RENAME TO elsewhere")
    answer = api.post("/v1/budget/debit", {"grantId": grant.id, "amount": 1})
    assert (answer.status, answer.json["code"]) == (500, "INTERNAL_ERROR")
    assert "budget_transactions" not in answer.json["message"]
    line = next(line for line in server.stderr().splitlines() if answer.json["requestId"] in line)
    assert "level=error" in line and "POST /v1/budget/debit" in line and "budget_transactions" in line
    store.change(server.database, "ALTER TABLE elsewhere RENAME TO budget_transactions")
    assert life.debit(api, grant, 1)["remaining"] == "9.0000"
