"""What only a store across a socket can do. Everything else it does as SQLite does: the other files run on both."""

import concurrent.futures
import contextlib
import itertools
import pathlib
import time
import uuid

import pytest

from support import build, life
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


def debit_until_answered(api, grant):
    """As a client does: the same request under the same key, until the server says how it ended."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    deadline = time.monotonic() + build.PATIENCE
    while time.monotonic() < deadline:
        answer = api.request("POST", "/v1/budget/debit", {"grantId": grant.id, "amount": 1}, headers=key)
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


def test_a_postgres_that_restarts_is_found_again(server, sandbox, postgres):
    life.register(sandbox)
    postgres.stop("immediate")
    assert sandbox.get("/v1/agents").status == 503
    postgres.start()
    assert len(sandbox.get("/v1/agents").expect(200)["agents"]) == 1
    life.register(sandbox)


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
