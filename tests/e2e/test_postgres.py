"""What only a store across a socket can do. Everything else it does as SQLite does: the other files run on both."""

import concurrent.futures
import contextlib
import itertools
import pathlib
import signal
import socket
import threading
import time
import uuid

import pytest

from support import build, life, metrics, writers
from support.receiver import Receiver
from support.server import Server
from support.stream import SseReader

@pytest.fixture(name="start")
def fixture_start(tmp_path, request, postgres):
    servers = request.node.servers = []

    def start(*options, command="serve"):
        folder = tmp_path / f"server-{len(servers) + 1}"
        folder.mkdir()
        server = Server(folder, "--open-signup", *options, command=command).use(postgres.new_database())
        servers.append(server)
        return server.start()

    yield start
    for server in servers:
        server.finish()


@pytest.fixture(name="server")
def fixture_server(start):
    return start()


@pytest.fixture(name="sandbox")
def fixture_sandbox(server):
    api = server.sign_up(mode="sandbox")
    server.key = api.key
    return api


def debit_until_answered(api, grant, amount=1):
    """As a client does: the same request under the same key, until the server says how it ended."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    deadline = time.monotonic() + build.PATIENCE
    while time.monotonic() < deadline:
        answer = api.request("POST", "/v1/budget/debit", {"grantId": grant.id, "amount": amount}, headers=key)
        if answer.status != 503:
            return answer.expect(200)["transactionId"]
    raise AssertionError("the store did not come back")


def test_many_developers_debit_at_once_and_each_log_is_whole(server):
    apis = [server.sign_up(mode="sandbox") for _ in range(8)]
    grants = [life.new_grant(api) for api in apis]
    for api, grant in zip(apis, grants):
        life.allocate(api, grant, 64)
    streams = [SseReader(api, "?since=2020-01-01T00:00:00Z") for api in apis]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        booked = list(pool.map(lambda n: debit_until_answered(apis[n % 8], grants[n % 8]), range(8 * 64)))
    assert len(set(booked)) == 8 * 64
    for stream in streams:
        stream.wait_events(5)  # created, issued, 50 %, 80 %, exhausted
        assert [event["seq"] for event in stream.events] == [1, 2, 3, 4, 5]
        stream.close()


@pytest.fixture(name="pair")
def fixture_pair(postgres, tmp_path):
    """Two servers on one database."""
    servers, database = [], postgres.new_database()
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        options = ["--open-signup", "--plan", "free", "--rate-limits", "off", "--poll", 50, "--heartbeat", 50]
        server = Server(folder, *options, command="serve").use(database)
        servers.append(server.start())
    yield servers
    for server in servers:
        server.finish()


def write_all(apis, grants, count):
    """16 writers; each debits of every grant in turn, half of them through the other server."""
    def debit(number):
        return debit_until_answered(apis[number % len(apis)], grants[number % len(grants)])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(debit, range(count)))


def test_two_servers_on_one_database_write_one_log_and_book_each_debit_once(server, sandbox, postgres, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    other = Server(folder, "--open-signup", command="serve").use(server.database).start()
    try:
        grants = [life.new_grant(sandbox, principal_id=f"user_{number}") for number in range(7)]
        for grant in grants:
            life.allocate(sandbox, grant, 64)
        readers = [SseReader(api, "?since=2020-01-01T00:00:00Z") for api in (sandbox, other.api(sandbox.key))]
        booked = write_all([sandbox, other.api(sandbox.key)], grants, 7 * 64)
        assert len(set(booked)) == 7 * 64
        for reader in readers:
            reader.close()
        with contextlib.closing(SseReader(other.api(sandbox.key), "?since=2020-01-01T00:00:00Z")) as whole:
            whole.wait_events(7 * 5)  # each: created, issued, 50 %, 80 %, exhausted
            assert [event["seq"] for event in whole.events] == list(range(1, 7 * 5 + 1))
        for reader in readers:  # live, never n + 1 before n
            seqs = [event["seq"] for event in reader.events]
            assert seqs == list(range(1, len(seqs) + 1))
    finally:
        other.finish()
    assert server.database.sql("SELECT count(*), sum(amount) FROM budget_transactions") == f"448|{448 * 10000}"
    assert server.database.sql("SELECT sum(remaining) FROM budgets") == "0"
    assert server.database.sql("SELECT count(*) FROM budget_crossings") == "21"


def test_two_servers_on_one_machine_do_not_share_the_lease_of_a_webhook(server, sandbox, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    other = Server(folder, "--allow-private-webhooks", command="serve").use(server.database).start()
    receiver = Receiver()
    try:
        deliverer = other.api(sandbox.key)
        deliverer.post("/v1/webhooks", {"url": receiver.url(), "events": ["grant.*"]}).expect(201)
        for delivered in (1, 2):
            life.new_grant(deliverer)
            receiver.wait_for(delivered)
            leases = server.database.rows("SELECT leased_by FROM webhooks")
            assert [lease["leased_by"].split(":")[-1] for lease in leases] == [str(other.port)]
            if delivered == 1:
                other.restart()  # its own lease is no one else's
    finally:
        receiver.close()
        other.finish()


SHORTER_THAN_A_LEASE = 15  # seconds; and than the pause between two looks at all webhooks


def test_who_has_the_lease_delivers_at_once_what_another_server_committed(server, sandbox, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    other = Server(folder, "--allow-private-webhooks", command="serve").use(server.database).start()
    receiver = Receiver()
    try:
        deliverer = other.api(sandbox.key)
        for path in ("/hook", "/second"):
            deliverer.post("/v1/webhooks", {"url": receiver.url(path), "events": ["grant.*", "token.*"]}).expect(201)
        life.new_grant(deliverer)
        for path in ("/hook", "/second"):
            receiver.wait_for(2, path)
        for number in (2, 3, 4):
            life.new_grant(sandbox)
            for path in ("/hook", "/second"):
                events = receiver.wait_for(2 * number, path, SHORTER_THAN_A_LEASE)
                assert [event["seq"] for event in events] == list(range(1, 2 * number + 1))
        leases = server.database.rows("SELECT leased_by FROM webhooks")
        assert [lease["leased_by"].split(":")[-1] for lease in leases] == [str(other.port)] * 2
    finally:
        receiver.close()
        other.finish()


@pytest.mark.parametrize("who", ["developer", "principal"])
def test_who_revokes_takes_the_developer_before_the_grant(server, sandbox, who):
    """One order for all: two who want both never wait for each other."""
    grant = life.new_grant(sandbox)
    session = sandbox.post("/v1/principal-sessions", {"principalId": grant.principal_id}).expect(201)["sessionToken"]
    api, path = {"developer": (sandbox, "/v1/grants/"), "principal": (server.api(session), "/v1/principal/grants/")}[who]
    database, deadline = server.database, time.monotonic() + build.PATIENCE
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with database.holding("developers"):
            revoked = pool.submit(api.delete, path + grant.id)
            while database.sql("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0":
                assert time.monotonic() < deadline, "it did not wait for the developer"
            assert database.sql("SELECT id FROM grants FOR UPDATE NOWAIT") == grant.id
        assert revoked.result().status == 204


def test_debits_over_dying_connections_are_booked_once(server, sandbox, postgres):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 1000)
    cut = itertools.count()

    def debit(number):
        if number % 40 == 20:
            next(cut)
            postgres.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{server.database.name}' AND pid <> pg_backend_pid()"
            )
        return debit_until_answered(sandbox, grant)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        booked = list(pool.map(debit, range(400)))
    assert next(cut) == 10
    assert len(set(booked)) == 400
    count = "SELECT count(*), min(remaining) FROM budget_transactions t JOIN budgets b ON b.id = t.budget_id"
    assert server.database.sql(count) == f"400|{600 * 10000}"


def test_debits_amid_restarts_are_booked_once_and_told_503_meanwhile(server, sandbox, postgres):
    grant = life.new_grant(sandbox)
    life.allocate(sandbox, grant, 1000)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        debits = [pool.submit(debit_until_answered, sandbox, grant) for _ in range(300)]
        for done in (50, 150):
            debits[done].result()
            postgres.stop("immediate")
            postgres.start()
        booked = [debit.result() for debit in debits]
    assert len(set(booked)) == 300
    count = "SELECT count(*), min(remaining) FROM budget_transactions t JOIN budgets b ON b.id = t.budget_id"
    assert server.database.sql(count) == f"300|{700 * 10000}"


def test_who_asks_how_the_server_is_hears_it_while_the_store_keeps_silent(server):
    supervisor = server.anonymous()
    assert metrics.scrape(supervisor)["grantex_store_up"] == 1
    with server.database.locking("developers"):
        for path in ("/health", "/readyz"):
            ill = supervisor.get(path)
            assert (ill.status, ill.json) == (503, {"status": "degraded", "database": "error"})
        silent = metrics.scrape(supervisor)
        assert silent["grantex_store_up"] == 0 and "grantex_active_grants" not in silent and silent["grantex_commits_total"] >= 0
        assert supervisor.get("/livez").status == 200
    metrics.wait_for(supervisor, "grantex_store_up", 1)
    assert supervisor.get("/readyz").status == 200


def wait_for_a_lock(database):
    deadline = time.monotonic() + build.PATIENCE
    while database.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == "0":
        assert time.monotonic() < deadline, "nobody waits for a row"


def test_a_server_that_stands_still_in_a_transaction_keeps_its_rows_from_nobody_for_long(pair):
    one, other = pair
    api = one.sign_up(mode="sandbox")
    grant = life.new_grant(api)
    life.allocate(api, grant, 10)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with one.database.holding("developers"):
            debit = pool.submit(debit_until_answered, api, grant, 5)
            wait_for_a_lock(one.database)
            one.process.send_signal(signal.SIGSTOP)
        try:
            debit_until_answered(other.api(api.key), grant, 3)
        finally:
            one.process.send_signal(signal.SIGCONT)
        debit.result()
    assert one.database.sql("SELECT sum(amount) FROM budget_transactions") == f"{8 * 10000}"


def test_a_postgres_that_restarts_is_found_again(server, sandbox, postgres):
    life.register(sandbox)
    postgres.stop("immediate")
    refused = sandbox.get("/v1/agents")
    assert refused.status == 503 and "nothing was done" in refused.json["message"]
    unsure = sandbox.post("/v1/agents", {"name": "invoicer", "scopes": ["a"]})
    assert unsure.status == 503 and "unknown" in unsure.json["message"]
    for path in ("/health", "/readyz"):
        ill = server.anonymous().get(path)
        assert (ill.status, ill.json) == (503, {"status": "degraded", "database": "error"})
    postgres.start()
    assert len(sandbox.get("/v1/agents").expect(200)["agents"]) == 1
    life.register(sandbox)


@pytest.mark.parametrize("hosts, ports", [("127.0.0.1,{there},127.0.0.1", "{silent},,1"), ("/nowhere,{there}", "5432")])
def test_of_several_hosts_the_one_that_answers_is_taken(tmp_path, postgres, hosts, ports):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        where = f"host={hosts}&port={ports}".format(there=postgres.folder, silent=silent.getsockname()[1])
        store = f"postgres:///{postgres.new_database().name}?user=grantex&connect_timeout=1&{where}"
        server = Server(tmp_path, "--open-signup", command="serve", store=store)
        try:
            life.new_grant(server.start().sign_up(mode="sandbox"))
            assert server.anonymous().get("/readyz").status == 200
        finally:
            server.finish()


@pytest.mark.parametrize("url", [
    "postgres://ada:s3cret@127.0.0.1:1/none",
    "postgres://127.0.0.1:1/none?user=ada&password=s3cret",
    "postgres://ada:%s3cret@127.0.0.1:1/none",
    "postgres://ada:1/s3cret@127.0.0.1:1/none",
    "postgres://ada:1@s3cret@127.0.0.1:1/none",
    "postgres://ada:s3cret@[127.0.0.1/none",
    "postgres://ada@127.0.0.1:1/none?passwrd=s3cret",
])
def test_a_postgres_that_cannot_be_reached_is_told_without_the_password(tmp_path, url):
    server = Server(tmp_path, command="serve", store=url)
    with pytest.raises(AssertionError):
        server.start()
    assert "PostgreSQL" in server.stderr() and "s3cret" not in server.stderr()


def test_the_list_of_processes_does_not_show_the_url(tmp_path, postgres):
    server = Server(tmp_path, command="serve", store=postgres.new_database().url + "&password=s3cret")
    server.start()
    shown = pathlib.Path(f"/proc/{server.process.pid}/cmdline").read_text()
    server.finish()
    assert "postgres://***" in shown and "s3cret" not in shown and postgres.folder.name not in shown
    assert "s3cret" not in server.stderr()


def test_a_stream_hears_live_what_another_server_has_written(pair):
    here = pair[0].sign_up(mode="sandbox")
    there = pair[1].api(here.key)
    with contextlib.closing(SseReader(here)) as live:
        live.wait_open()
        grant = life.new_grant(there)
        live.wait_events(2)
        life.allocate(here, grant, 10)
        for number in range(1, 11):  # 50 %, 80 %, exhausted
            life.debit(there if number % 2 else here, grant, 1)
        life.new_grant(there)
        live.wait_events(7)
        assert [event["seq"] for event in live.events] == list(range(1, 8))
    assert [event["type"] for event in live.events[2:5]] == ["budget.threshold"] * 2 + ["budget.exhausted"]


def test_streams_of_both_servers_see_every_event_of_sixteen_writers_in_its_place(pair):
    here = pair[0].sign_up(mode="sandbox")
    apis = [here, pair[1].api(here.key)]
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(SseReader(api)).wait_open() for api in apis * 2]
        total = writers.write(apis, 8)
        late = [stack.enter_context(SseReader(api, "?since=2020-01-01T00:00:00Z")) for api in apis]
        total += writers.write(apis, 8)
        for reader in readers + late:
            events = reader.wait_events(total)
            assert len(events) == total == len(reader.events)
            writers.check_order(events)
            assert events == readers[0].events
    committed = [metrics.scrape(server.anonymous())['grantex_events_committed_total{type="grant.created"}'] for server in pair]
    assert committed == [total / 6] * 2  # half of them at each


def test_a_key_that_is_rotated_at_one_server_ends_its_streams_at_the_other(pair):
    here = pair[0].sign_up(mode="sandbox")
    with SseReader(pair[1].api(here.key)).wait_open() as stream:
        here.post("/v1/keys/rotate").expect(200)
        assert stream.wait_end() == "clean"
        assert stream.frames[-1].json["reason"] == "key_rotated"


def test_a_key_that_is_deleted_or_expires_has_no_streams_at_the_other(pair):
    here = pair[0].sign_up(mode="sandbox")
    made = [here.post("/v1/keys", {"name": "x", "scopes": ["events:read"], **more}).expect(201) for more in ({}, {"expiresIn": "2s"})]
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(SseReader(pair[1].api(key["apiKey"]))).wait_open() for key in made]
        here.delete(f"/v1/keys/{made[0]['id']}").expect(204)
        for stream, reason in zip(streams, ("key_revoked", "key_expired"), strict=True):
            assert stream.wait_end() == "clean"
            assert stream.frames[-1].json["reason"] == reason


def test_whoever_is_deleted_at_one_server_has_no_streams_at_the_other(pair):
    here = pair[0].sign_up(mode="sandbox")
    with SseReader(pair[1].api(here.key)).wait_open() as stream:
        here.delete(f"/v1/me?confirm={here.get('/v1/me').json['developerId']}").expect(204)
        assert stream.wait_end() == "clean"
        assert stream.frames[-1].json["reason"] == "developer_deleted"


def test_a_silent_stream_reads_no_pages(pair):
    here = pair[0].sign_up(mode="sandbox")
    life.new_grant(here)
    with contextlib.closing(SseReader(here)) as live:
        live.wait_for(lambda reader: reader.body.count(b": hb") >= 2)
        before = metrics.scrape(pair[0].anonymous())["grantex_catchup_pages_total"]
        beats = live.body.count(b": hb")
        live.wait_for(lambda reader: reader.body.count(b": hb") >= beats + 20)
        assert metrics.scrape(pair[0].anonymous())["grantex_catchup_pages_total"] == before
        life.new_grant(pair[1].api(here.key))
        live.wait_events(2)
        assert metrics.scrape(pair[0].anonymous())["grantex_catchup_pages_total"] > before


def at_once(*calls):
    """What each said; they set out together."""
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait(build.PATIENCE)
        return call()

    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


ROUNDS = 20
WEBHOOKS_OF_FREE = 30


def test_two_servers_together_give_no_more_than_the_plan_has(pair):
    """Counted, then written: only who holds the developer's row while counting counts right."""
    body = {"url": "https://example.com/hook", "events": ["grant.created"]}
    for number in range(5):
        apis = [pair[0].sign_up(name=f"Acme {number}", mode="sandbox")]
        apis.append(pair[1].api(apis[0].key))
        for _ in range(WEBHOOKS_OF_FREE - 2):
            apis[0].post("/v1/webhooks", body).expect(201)
        said = at_once(*(lambda api=api: api.post("/v1/webhooks", body).status for api in apis * 6))
        assert said.count(201) == 2 and set(said) == {201, 402}


def test_one_idempotency_key_at_two_servers_acts_once(pair):
    apis = [pair[0].sign_up(mode="sandbox")]
    apis.append(pair[1].api(apis[0].key))
    grant = life.new_grant(apis[0])
    life.allocate(apis[0], grant, 1000)
    for number in range(ROUNDS):
        key = {"Idempotency-Key": f"one-key-for-two-servers-{number:016}"}
        body = {"grantId": grant.id, "amount": 1}
        answers = at_once(*(lambda api=api: api.request("POST", "/v1/budget/debit", body, headers=key) for api in apis * 3))
        assert len({answer.expect(200)["transactionId"] for answer in answers}) == 1
    assert pair[0].database.sql("SELECT count(*) FROM budget_transactions") == str(ROUNDS)


def test_a_refresh_token_at_two_servers_is_good_once(pair):
    apis = [pair[0].sign_up(mode="sandbox")]
    apis.append(pair[1].api(apis[0].key))
    grant = life.new_grant(apis[0])
    for number in range(ROUNDS):
        body = {"refreshToken": grant.refresh_token, "agentId": grant.agent_id}
        answers = at_once(*(lambda api=api: api.post("/v1/token/refresh", body) for api in apis * 2))
        assert sorted(answer.status for answer in answers) == [201, 400, 400, 400]
        grant.refresh_token = next(answer for answer in answers if answer.status == 201).json["refreshToken"]
    issued = "SELECT count(*) FROM events WHERE type = 'token.issued'"
    assert pair[0].database.sql(issued) == str(1 + ROUNDS)


def test_nothing_is_delegated_below_a_grant_that_another_server_revokes(pair):
    """The delegation comes first and goes down with its parent, or finds it revoked."""
    apis = [pair[0].sign_up(mode="sandbox")]
    apis.append(pair[1].api(apis[0].key))
    helpers = [life.register(apis[0]) for _ in range(3)]
    for _ in range(ROUNDS):
        parent = life.new_grant(apis[0])
        delegations = [
            lambda api=api, helper=helper: api.post(
                "/v1/grants/delegate", {"parentGrantToken": parent.token, "subAgentId": helper, "scopes": life.SCOPES}
            ).status
            for api, helper in zip(apis * 2, helpers)
        ]
        revoked, *delegated = at_once(lambda: apis[1].request("DELETE", f"/v1/grants/{parent.id}").status, *delegations)
        assert revoked == 204 and set(delegated) <= {201, 400}
    assert pair[0].database.sql("SELECT count(*) FROM grants WHERE revoked_at IS NULL") == "0"
    created, gone = (pair[0].database.sql(f"SELECT count(*) FROM events WHERE type = 'grant.{what}'")
                     for what in ("created", "revoked"))
    assert created == gone


def test_two_servers_write_one_audit_chain(pair):
    apis = [pair[0].sign_up(mode="sandbox")]
    apis.append(pair[1].api(apis[0].key))
    grant = life.new_grant(apis[0])
    body = {"agentId": grant.agent_id, "agentDid": f"did:grantex:{grant.agent_id}", "grantId": grant.id,
            "principalId": grant.principal_id, "action": "email.read"}
    for _ in range(ROUNDS):
        for answer in at_once(*(lambda api=api: api.post("/v1/audit/log", body) for api in apis * 3)):
            answer.expect(201)
    entries = pair[0].database.rows("SELECT hash, prev_hash FROM audit_entries")
    follows = {entry["prev_hash"]: entry["hash"] for entry in entries}
    assert len(entries) == len(follows) == 6 * ROUNDS  # no two follow the same one
    length, at = 0, None
    while at in follows:
        length, at = length + 1, follows[at]
    assert length == len(entries)
