"""`grantex conform`: grantexd keeps every promise of the events page; a server that behaves as the hosted one does not, and is told why; what
is no such server at all is told from both."""

import http.server
import json
import socket
import subprocess
import threading

import pytest

from support import build, life
from support.hosted import Hosted

KEY = "gx_test_the-developer-of-the-hosted-one"


def conform(home, url, *options, key=KEY):
    said = subprocess.run(
        [build.GRANTEX, "conform", "--target", url, *map(str, options)], env=build.environment(home, GRANTEX_API_KEY=key),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=build.PATIENCE + 60, check=False)
    assert not build.SANITIZER_REPORT.search(said.stderr), said.stderr
    return said


def verdicts(said):
    return {one["promise"]: (one["result"], one.get("reason", "")) for one in json.loads(said.stdout)["promises"]}


def test_grantexd_keeps_every_promise_and_is_left_tidy(server, sandbox):
    said = conform(server.folder, server.url, key=server.key)
    lines = said.stdout.splitlines()
    assert said.returncode == 0 and said.stderr == "", said
    assert len(lines) == 19 and all(line.startswith("✓ kept ") for line in lines[:-1]) and lines[-1] == "18 of 18 promises kept"
    assert sandbox.get("/v1/agents").json["agents"] == []
    assert [grant["status"] for grant in sandbox.get("/v1/grants").json["grants"] if grant["status"] == "active"] == []


def test_a_live_developer_is_tried_by_the_consent_of_his_principal(server, api):
    said = conform(server.folder, server.url, "--json", key=api.key)
    assert said.returncode == 0 and json.loads(said.stdout)["kept"] == 18, said
    assert api.get("/v1/agents").json["agents"] == []


def test_it_says_so_too_while_others_are_at_work(server, sandbox):
    grant = life.new_grant(sandbox)
    stop = threading.Event()

    def work():
        while not stop.is_set():
            life.refresh(sandbox, grant)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert conform(server.folder, server.url, key=server.key).returncode == 0
    finally:
        stop.set()
        worker.join()


@pytest.fixture(name="hosted")
def fixture_hosted():
    hosted = Hosted(KEY)
    yield hosted
    hosted.stop()


def test_what_the_hosted_server_does_not_keep_is_said_with_the_reason(hosted, tmp_path):
    said = conform(tmp_path, hosted.url, "--json", "--patience", 4)
    assert said.returncode == 8, said
    found = verdicts(said)
    kept = {promise for promise, (result, _) in found.items() if result == "kept"}
    assert kept == {
        "a stream opens", "it stays open", "ids are unique", "a filter lets through what it names",
        "grant.created: grantId, agentId, principalId, scopes",
    }
    reasons = {promise: reason for promise, (result, reason) in found.items() if result == "not kept"}
    assert reasons == {
        "it opens at once": "neither head nor bytes in 3 s, before anything happens",
        "an event has id, type, timestamp, data": "timestamp is missing (there is only createdAt)",
        "since replays": "no answer",
        "a stream resumes by Last-Event-ID": "frames have no id line: there is nothing to resume by",
        "token.issued: grantId, tokenId, method exchange": "method is missing",
        "token.issued: method refresh": "method is missing",
        "grant.created comes before its token.issued": "token.issued came first",
        "budget.threshold: percentage, remaining, initial": "percentage (number) is missing",
        "each threshold is told when it is crossed, once": "500, 100, 250, 50 and 100 of 1000 gave [50 50 80 80], not [50 80]",
        "budget.exhausted: grantId, initial": "initial (number) is missing",
        "grant.revoked: revokedBy developer": "revokedBy is missing",
        "grant.revoked: revokedBy principal": "revokedBy is missing",
        "grant.revoked of each grant below: revokedBy system": "no grant.revoked came",
    }
    assert hosted.agents == set(), "the agent is deleted again"


def test_a_wrong_key_is_status_3_and_is_not_printed(hosted, tmp_path):
    said = conform(tmp_path, hosted.url, key="gx_test_somebody-elses")
    assert said.returncode == 3 and said.stdout == "" and "somebody" not in said.stderr


def test_nobody_there_is_status_4(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        said = conform(tmp_path, f"http://127.0.0.1:{held.getsockname()[1]}")
    assert said.returncode == 4 and said.stdout == "" and said.stderr


def test_a_web_server_that_is_not_grantex_is_told_as_such(tmp_path):
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>hello</h1>")

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))  # unread, it would make of the end a reset
            self.do_GET()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        said = conform(tmp_path, f"http://127.0.0.1:{page.server_port}")
        page.shutdown()
    assert said.returncode == 5 and said.stdout == "" and said.stderr, said


@pytest.mark.parametrize("arguments, elsewhere", [
    (["{url}"], {"GRANTEX_BASE_URL": "http://127.0.0.1:1"}), (["--base-url", "{url}"], {"GRANTEX_BASE_URL": "http://127.0.0.1:1"}),
    ([], {"GRANTEX_BASE_URL": "{url}", "GRANTEX_URL": "http://127.0.0.1:1"}), ([], {"GRANTEX_URL": "{url}/"}),
], ids=["word", "base-url", "environment", "other name"])
def test_the_server_is_the_one_that_every_command_would_ask(server, arguments, elsewhere):
    """Which refuses the key; at the other address nobody answers, which is status 4."""
    named = {name: value.format(url=server.url) for name, value in elsewhere.items()}
    said = subprocess.run(
        [build.GRANTEX, "conform", *(word.format(url=server.url) for word in arguments)],
        env=build.environment(server.folder, GRANTEX_API_KEY=KEY, **named), capture_output=True, text=True, timeout=build.PATIENCE, check=False)
    assert said.returncode == 3, said


@pytest.mark.parametrize("arguments", [[], ["http://x", "--target", "http://x"], ["http://x", "y"], ["--target", "here"], ["--target", "http://x", "--patience", "0"], ["--target", "http://x", "y"]], ids=" ".join)
def test_wrong_usage_is_told_with_status_2(tmp_path, arguments):
    said = subprocess.run(
        [build.GRANTEX, "conform", *arguments], env=build.environment(tmp_path, GRANTEX_API_KEY=KEY), capture_output=True, text=True,
        timeout=build.PATIENCE, check=False)
    assert said.returncode == 2 and said.stderr and not said.stdout
