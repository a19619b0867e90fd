"""The audit log: a chain per developer that anybody can check."""

import concurrent.futures
import hashlib
import json

from support import store

HASHED = ("id", "agentId", "agentDid", "grantId", "principalId", "developerId", "action", "metadata", "timestamp", "prevHash", "status")


def body(**more):
    return {"agentId": "ag_1", "agentDid": "did:grantex:ag_1", "grantId": "grnt_1", "principalId": "anna", "action": "mail.read", **more}


def hash_of(entry):
    """As a verifier outside computes it; the metadata of these tests sorts and prints alike in Python and JavaScript."""
    fields = {name: entry["entryId" if name == "id" else name] for name in HASHED}
    fields["metadata"] = json.loads(json.dumps(entry["metadata"], sort_keys=True))
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def fault_of(chain):
    """Where the chain is broken, None if nowhere."""
    previous = None
    for number, entry in enumerate(chain):
        if entry["prevHash"] != previous or entry["hash"] != hash_of(entry):
            return number
        previous = entry["hash"]
    return None


def whole_log(api):
    pages, page = [], 1
    while entries := api.get(f"/v1/audit/entries?page={page}&pageSize=100").expect(200)["entries"]:
        pages += entries
        page += 1
    return pages


def test_eight_clients_write_one_chain_and_tampering_is_found(server, api):
    def write(client):
        own = server.api(api.key)
        for number in range(40):
            own.post("/v1/audit/log", body(agentId=f"ag_{client}", metadata={"z": number, "ä": [True, None, {"b": "é\u2028\b", "a": 0.5}]})).expect(201)

    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        list(clients.map(write, range(8)))
    chain = whole_log(api)
    assert len(chain) == 320 and fault_of(chain) is None
    assert [entry["timestamp"] for entry in chain] == sorted(entry["timestamp"] for entry in chain)
    for client in range(8):  # what one client wrote is in its order
        assert [entry["metadata"]["z"] for entry in chain if entry["agentId"] == f"ag_{client}"] == list(range(40))

    assert fault_of(chain[:100] + chain[101:]) == 100  # taken out
    assert fault_of(chain[:100] + [chain[101], chain[100]] + chain[102:]) == 100  # moved
    for field in HASHED[1:]:
        forged = [dict(entry) for entry in chain]
        forged[200][field] = {"z": 0} if field == "metadata" else "forged"
        assert fault_of(forged) == 200, field


def test_an_entry_is_answered_as_it_was_told_and_found_again(api):
    developer = api.get("/v1/me").expect(200)["developerId"]
    entry = api.post("/v1/audit/log", body(metadata={"b": 1.0, "a": {"d": [], "c": "x"}}, status="blocked")).expect(201)
    assert entry == {
        "entryId": entry["entryId"], **body(), "developerId": developer, "metadata": {"a": {"c": "x", "d": []}, "b": 1},
        "hash": hash_of(entry), "prevHash": None, "timestamp": entry["timestamp"], "status": "blocked",
    }
    assert api.get(f"/v1/audit/{entry['entryId']}").expect(200) == entry
    second = api.post("/v1/audit/log", body()).expect(201)
    assert second["prevHash"] == entry["hash"] and second["metadata"] == {} and second["status"] == "success"
    assert api.get("/v1/audit/entries").expect(200) == {"entries": [entry, second], "total": 2, "page": 1, "pageSize": 1000}


def test_entries_are_filtered_by_each_field_and_all_of_them(api):
    for agent, grant, principal, action in [("a1", "g1", "p1", "read"), ("a2", "g1", "p1", "send"), ("a2", "g2", "p2", "read")]:
        api.post("/v1/audit/log", body(agentId=agent, grantId=grant, principalId=principal, action=action)).expect(201)
    for query, count in [("agentId=a2", 2), ("grantId=g1", 2), ("principalId=p2", 1), ("action=read", 2), ("agentId=a2&action=read", 1), ("agentId=x", 0)]:
        page = api.get(f"/v1/audit/entries?{query}").expect(200)
        assert (len(page["entries"]), page["total"]) == (count, count), query


def test_anothers_entry_is_like_one_that_does_not_exist(server, api):
    entry = api.post("/v1/audit/log", body()).expect(201)
    stranger = server.sign_up()
    answers = [stranger.get(f"/v1/audit/{name}") for name in (entry["entryId"], "alog_01ARZ3NDEKTSV4RRFFQ69G5FAV")]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].json["message"] == answers[1].json["message"]
    assert stranger.get("/v1/audit/entries").expect(200)["total"] == 0


def test_a_retried_entry_stands_once(api):
    key = {"Idempotency-Key": "one-entry"}
    first, again = (api.post("/v1/audit/log", body(), headers=key).expect(201) for _ in range(2))
    assert again == first and api.get("/v1/audit/entries").expect(200)["total"] == 1


def test_a_plan_has_room_for_so_many_entries(start):
    """The chain is made long in the store: its last entry says how long it is."""
    server = start("--plan", "free")
    api, stranger = server.api(), server.sign_up()
    entry = api.post("/v1/audit/log", body()).expect(201)
    store.change(server.database, "UPDATE audit_entries SET number = 19999 WHERE id = ?", entry["entryId"])
    last = api.post("/v1/audit/log", body()).expect(201)
    refused = api.post("/v1/audit/log", body())
    assert refused.status == 402 and refused.json["code"] == "PLAN_LIMIT_EXCEEDED", refused
    assert "20000 audit entries" in refused.json["message"]
    assert last["prevHash"] == entry["hash"] and api.get("/v1/audit/entries").expect(200)["total"] == 2
    stranger.post("/v1/audit/log", body()).expect(201)
