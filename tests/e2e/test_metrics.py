"""GET /metrics: what an operator sees, and who may see it."""

import time

from support import build, life, metrics
from support.server import Server
from support.stream import SseReader
from support.websocket import WsClient

OPEN = 'grantex_streams_open{transport="sse"}'


def test_what_happens_is_counted(server, sandbox):
    before = metrics.scrape(server.anonymous())
    assert before["grantex_active_grants"] == 0 and before[OPEN] == 0
    first, second = life.new_grant(sandbox), life.new_grant(sandbox)
    life.allocate(sandbox, first, 100)
    life.debit(sandbox, first, 60)
    life.revoke(sandbox, second)
    assert sandbox.post("/v1/token", {"code": "unknown", "agentId": first.agent_id}).status == 400
    expected = {
        'grantex_token_exchange_total{status="success"}': 2,
        'grantex_token_exchange_total{status="failure"}': 1,
        'grantex_authorize_total{status="success"}': 2,
        "grantex_grants_revoked_total": 1,
        "grantex_active_grants": 1,
        'grantex_events_committed_total{type="grant.created"}': 2,
        'grantex_events_committed_total{type="grant.revoked"}': 1,
        'grantex_events_committed_total{type="token.issued"}': 2,
        'grantex_events_committed_total{type="budget.threshold"}': 1,
        'grantex_events_committed_total{type="budget.exhausted"}': 0,
        "grantex_log_events": 6,
        "grantex_transactions_lost_total": 0,
        "grantex_transactions_repeated_total": 0,
        'grantex_jobs_waiting{lane="write"}': 0,
        'grantex_jobs_waiting{lane="read"}': 0,
        'grantex_jobs_waiting{lane="prepare"}': 0,
        'grantex_http_request_duration_seconds_count{method="DELETE",route="/v1/grants/:id",status_code="204"}': 1,
        'grantex_http_request_duration_seconds_count{method="POST",route="/v1/token",status_code="400"}': 1,
    }
    after = metrics.wait_for_all(server.anonymous(), expected)
    assert not [key for key in after if first.id in key or second.id in key]
    commits = after["grantex_commits_total"] - before["grantex_commits_total"]
    assert 1 <= commits <= 9 and after["grantex_jobs_per_commit_sum"] - before["grantex_jobs_per_commit_sum"] == 9
    assert after["grantex_commit_duration_seconds_count"] == after["grantex_commits_total"]


def test_streams_are_seen_while_they_are_open_with_what_they_were_sent(server, sandbox):
    life.new_grant(sandbox)
    with SseReader(sandbox, "?since=2000-01-01T00:00:00Z") as reader:
        reader.wait_events(2)
        life.new_grant(sandbox)
        reader.wait_events(4)
        samples = metrics.wait_for(server.anonymous(), "grantex_events_delivered_total", 4)
        assert samples[OPEN] == 1 and samples["grantex_catchup_pages_total"] >= 1
    metrics.wait_for(server.anonymous(), OPEN, 0)


def test_both_kinds_of_streams_are_told_apart_and_what_was_replayed_from_what_came_live(server, sandbox):
    life.new_grant(sandbox)
    with SseReader(sandbox, "?since=2000-01-01T00:00:00Z") as reader, WsClient(sandbox).opened() as client:
        reader.wait_events(2)
        life.new_grant(sandbox)
        reader.wait_events(4)
        client.read_events(2)
        samples = metrics.wait_for(server.anonymous(), "grantex_events_delivered_total", 6)
        assert samples[OPEN] == samples['grantex_streams_open{transport="websocket"}'] == 1
        assert samples["grantex_events_replayed_total"] >= 2 and samples["grantex_stream_catchups_total"] >= 1
        assert samples["grantex_stream_lag_seconds_count"] >= 1
        assert 0 < samples["grantex_stream_lag_seconds_sum"] < build.PATIENCE
    metrics.wait_for(server.anonymous(), 'grantex_streams_open{transport="websocket"}', 0)
    samples = metrics.wait_for(server.anonymous(), OPEN, 0)
    assert samples['grantex_streams_opened_total{transport="sse"}'] == samples['grantex_streams_opened_total{transport="websocket"}'] == 1


def test_the_process_is_described(server):
    samples = metrics.scrape(server.anonymous())
    assert 1e6 < samples["process_resident_memory_bytes"] < 1e10 and samples["process_open_fds"] > 3
    assert abs(samples["process_start_time_seconds"] - time.time()) < 600
    assert [key for key in samples if key.startswith('grantex_build_info{version="')]


def test_a_key_from_the_environment_closes_them(tmp_path):
    server = Server(tmp_path, environment={"GRANTEX_METRICS_KEY": "the-key-of-who-scrapes"}).start()
    assert server.api().get("/metrics").status == 401  # an API key is none
    assert server.anonymous().get("/metrics").status == 401
    assert metrics.scrape(server.api("the-key-of-who-scrapes"))
    assert "the-key-of-who-scrapes" not in server.stderr()
    server.finish()


def test_behind_a_proxy_they_are_closed_until_there_is_a_key(start):
    refused = start("--behind-proxy", command="serve").anonymous().get("/metrics")
    assert refused.status == 403 and "GRANTEX_METRICS_KEY" in refused.json["message"]
