"""`grantex doctor` before real proxies: right ones, of which nothing bad is said, and wrong ones, whose fault is found and cured by the very
lines that it prints."""

import json
import re
import socket
import subprocess
import threading

import pytest

from support import build
from support.proxy import Caddy, Haproxy, Nginx

PROXIES = {"nginx": Nginx, "haproxy": Haproxy, "caddy": Caddy}
# Silence must last 2.5 heartbeats, 2.5 s here.
HEARTBEAT_MS, IDLE_S = 1000, 4


def doctor(server, url, *options, key=None):
    return subprocess.run(
        [build.GRANTEX, "doctor", url, "--idle", str(IDLE_S), *map(str, options)],
        env=build.environment(server.folder, GRANTEX_API_KEY=key or server.key), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=build.PATIENCE + IDLE_S + 20, check=False,
    )


def examined(server, url, *options):
    """By check: its result, what is said, and the fixes."""
    said = doctor(server, url, "--json", *options)
    assert not build.SANITIZER_REPORT.search(said.stderr), said.stderr
    report = json.loads(said.stdout)
    assert said.returncode == (0 if report["good"] else 8), said
    return {one["check"]: one for one in report["checks"]}


def results(checks):
    return {name: one["result"] for name, one in checks.items() if one["result"] != "good"}


@pytest.fixture(name="before")
def fixture_before(start, tmp_path):
    """before("nginx"): a proxy, not started yet, before a server of its own."""
    made = []

    def before(name, *options):
        if PROXIES[name].missing():
            pytest.skip(f"there is no {name} here")
        server = start("--heartbeat", HEARTBEAT_MS, *options)
        folder = tmp_path / name
        folder.mkdir()
        made.append(PROXIES[name](folder, server))
        return server, made[-1]

    yield before
    for proxy in made:
        proxy.stop()


# --- all is well ---


def test_of_a_server_without_a_proxy_nothing_bad_is_said(start):
    server = start("--heartbeat", HEARTBEAT_MS)
    said = doctor(server, server.url)
    assert said.returncode == 0 and said.stderr == "", said
    lines = said.stdout.splitlines()
    assert len(lines) == 17 and all(line.startswith("✓ ") for line in lines[:-1]), said.stdout
    assert lines[-1] == "16 good, 0 bad, 0 could be better, 0 not measured"


@pytest.mark.parametrize("name", PROXIES)
def test_of_a_proxy_that_is_set_up_well_nothing_bad_is_said(before, name):
    server, proxy = before(name)
    proxy.start(proxy.config(proxy.RIGHT))
    assert results(examined(server, proxy.url)) == {}


def test_a_url_may_have_a_path_before_the_api(before):
    server, proxy = before("nginx")
    config = proxy.config(proxy.RIGHT).replace("location / {", "location /grants/ {").replace(proxy.upstream, f"{proxy.upstream}/")
    proxy.start(config)
    assert results(examined(server, f"{proxy.url}/grants/")) == {}


# --- a fault is found, and its lines cure it ---

# What nginx does by default, with a server whose X-Accel-Buffering it is told to ignore. (By HTTP/1.1 it passes on chunk by chunk.)
BUFFERS = ["proxy_buffering on;", "proxy_ignore_headers X-Accel-Buffering;", "proxy_http_version 1.0;", 'proxy_set_header Connection "close";']

WRONG = [
    # which proxy, what is wrong (instead of the right line that says the same), what of nginx's http, which check, how bad
    ("nginx", [*BUFFERS], "", "buffering", "bad"),
    ("nginx", ["proxy_read_timeout 2s;"], "", "idle", "bad"),
    ("nginx", ["gzip on;", "gzip_types text/event-stream;", "gzip_min_length 0;", "gzip_proxied any;"], "", "compression", "bad"),
    ("nginx", ["proxy_http_version 1.0;", 'proxy_set_header Connection "close";'], "", "upstream", "bad"),
    ("nginx", ['proxy_set_header Connection "close";'], "", "upstream", "advice"),
    ("nginx", ['proxy_set_header Last-Event-ID "";'], "", "resume", "bad"),
    ("nginx", ['proxy_set_header Authorization "";'], "", "key", "bad"),
    ("nginx", ["proxy_hide_header Cache-Control;", "expires 1h;"], "", "no-transform", "bad"),
    ("nginx", ["keepalive_timeout 0;"], "", "keep-alive", "advice"),
    ("nginx", ["limit_conn per_address 5;"], "limit_conn_zone $binary_remote_addr zone=per_address:1m;", "streams", "bad"),
    ("nginx", ['proxy_set_header Upgrade "";'], "", "websocket", "advice"),
    ("haproxy", ["timeout server 2s"], "", "idle", "bad"),
    ("haproxy", ["timeout client 2s", "timeout server 2s", "timeout tunnel 2s"], "", "idle", "bad"),
    ("haproxy", ["http-response del-header Cache-Control"], "", "no-transform", "bad"),
    ("haproxy", ["http-request del-header Last-Event-ID"], "", "resume", "bad"),
    ("haproxy", ["http-request del-header Authorization"], "", "key", "bad"),
    ("haproxy", ["option httpclose"], "", "keep-alive", "advice"),
    ("haproxy", ["maxconn 5"], "", "streams", "bad"),
    ("caddy", ["header_up -Last-Event-ID"], "", "resume", "bad"),
    ("caddy", ["header_up -Authorization"], "", "key", "bad"),
    ("caddy", ["header_down -Cache-Control"], "", "no-transform", "bad"),
    ("caddy", ["header_down -Cache-Control", "encode {\n gzip\n minimum_length 1\n }"], "", "compression", "bad"),
    ("caddy", ["read_timeout 2s"], "", "idle", "bad"),
]


@pytest.mark.parametrize("name, wrong, http, check, result", WRONG, ids=[f"{row[0]}-{row[3]}-{row[1][0]}" for row in WRONG])
def test_a_fault_is_found_and_the_printed_lines_cure_it(before, name, wrong, http, check, result):
    server, proxy = before(name)
    more = {"http": [http]} if http else {}
    lines = proxy.mended(proxy.RIGHT, wrong)
    proxy.start(proxy.config(lines, **more))
    found = examined(server, proxy.url, "--proxy", name)
    assert found[check]["result"] == result, found[check]
    fixes = [line for one in found.values() for line in one.get("fixes", {}).get(name, [])]
    assert fixes, found
    proxy.start(proxy.config(proxy.mended(lines, fixes), **more))
    cured = examined(server, proxy.url, "--proxy", name)
    assert results(cured) == {}, proxy.mended(lines, fixes)


def test_what_nginx_does_by_itself_is_found_and_cured(before):
    """The configuration of nobody who has thought of streams."""
    server, proxy = before("nginx")
    proxy.start(proxy.config([]))
    said = doctor(server, proxy.url)
    assert said.returncode == 8 and "✗ upstream" in said.stdout
    fixes = re.findall(r"^    nginx: (.*)$", said.stdout, re.MULTILINE)
    assert "haproxy:" not in said.stdout, "nginx says who it is: only its lines are printed"
    proxy.start(proxy.config(proxy.mended([], fixes)))
    assert doctor(server, proxy.url).returncode == 0


def test_a_compressor_that_no_longer_sees_no_transform_is_found_and_cured(before, tmp_path):
    """HAProxy honours it; not where another one has taken it off before."""
    server, inner = before("haproxy")
    inner.start(inner.config([*inner.RIGHT, "http-response del-header Cache-Control"]))
    (tmp_path / "outer").mkdir()
    outer = Haproxy(tmp_path / "outer", inner)
    try:
        lines = [*outer.RIGHT, "compression algo gzip", "compression type text/event-stream"]
        outer.start(outer.config(lines))
        found = examined(server, outer.url, "--proxy", "haproxy")
        assert found["compression"]["result"] == found["no-transform"]["result"] == "bad", found
        inner.start(inner.config(inner.mended(inner.RIGHT, found["no-transform"]["fixes"]["haproxy"])))
        assert results(examined(server, outer.url)) == {}, "no-transform is honoured"
        inner.start(inner.config([*inner.RIGHT, "http-response del-header Cache-Control"]))
        outer.start(outer.config(outer.mended(lines, found["compression"]["fixes"]["haproxy"])))
        assert set(results(examined(server, outer.url))) == {"no-transform"}
    finally:
        outer.stop()


def test_an_option_that_does_no_harm_is_not_blamed(before):
    server, proxy = before("haproxy")
    proxy.start(proxy.config([*proxy.RIGHT, "option http-buffer-request", "option forwardfor", "option http-server-close"]))
    found = examined(server, proxy.url)
    assert "bad" not in results(found).values(), found


def test_a_proxy_that_cuts_later_than_the_heartbeats_come_is_only_advice(before):
    server, proxy = before("nginx")
    proxy.start(proxy.config(proxy.mended(proxy.RIGHT, ["proxy_read_timeout 3s;"])))
    found = examined(server, proxy.url)
    assert results(found) == {"idle": "advice"} and "keep it open" in found["idle"]["detail"]


# --- no stream at all ---


def test_a_redirect_is_said_with_where_it_leads(before):
    server, proxy = before("nginx")
    proxy.start(proxy.config(['return 301 https://elsewhere.example$request_uri;']))
    said = doctor(server, proxy.url)
    assert said.returncode == 8 and "https://elsewhere.example/v1/me" in said.stdout


def test_a_proxy_whose_server_is_gone_is_told_from_a_server_that_is_gone(before):
    server, proxy = before("nginx")
    proxy.start(proxy.config(proxy.RIGHT))
    server.terminate()
    said = doctor(server, proxy.url)
    assert said.returncode == 8 and "502: the proxy does not reach its server" in said.stdout
    proxy.stop()
    said = doctor(server, proxy.url)
    assert said.returncode == 4 and "✗ answer" in said.stdout


def test_a_wrong_key_is_told_from_one_that_was_lost_on_the_way_and_is_never_printed(server):
    said = doctor(server, server.url, key="gx_test_somebody-elses-key-of-old")
    assert said.returncode == 3 and "does not take this key" in said.stdout and "somebody" not in said.stdout + said.stderr
    assert "GRANTEX_API_KEY" in said.stdout and "nginx:" not in said.stdout and "caddy:" not in said.stdout


def test_a_web_server_that_is_not_grantex_is_told_as_such(before):
    server, proxy = before("nginx")
    proxy.start(proxy.config(['return 200 "hello";']))
    assert examined(server, proxy.url)["stream"]["result"] == "bad"
    proxy.start(proxy.config(["return 404;"]))
    said = doctor(server, proxy.url)
    assert said.returncode == 8 and "404 in a form that is not Grantex's" in said.stdout


def test_the_limit_of_the_server_is_told_from_one_of_the_proxy(start):
    server = start("--heartbeat", HEARTBEAT_MS, "--max-streams", 5)
    found = examined(server, server.url)
    assert results(found) == {"streams": "advice"} and "--max-streams" in found["streams"]["detail"]


def test_a_server_that_never_answers_is_no_answer(server):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        held = []
        threading.Thread(target=lambda: held.append(listener.accept()), daemon=True).start()
        said = doctor(server, f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert said.returncode == 4 and "no whole answer" in said.stdout


@pytest.mark.parametrize(
    "arguments",
    [["localhost:1"], ["ftp://localhost"], ["http://user@localhost"], ["http://localhost/?a=b"], ["http://localhost", "--idle", "soon"],
     ["http://localhost", "--idle", "3601"], ["http://localhost", "--streams", "0"], ["http://localhost", "--proxy", "squid"], []],
    ids=" ".join,
)
def test_wrong_usage_is_told_with_status_2(server, arguments):
    said = subprocess.run(
        [build.GRANTEX, "doctor", *arguments], env=build.environment(server.folder, GRANTEX_API_KEY=server.key), capture_output=True, text=True,
        timeout=build.PATIENCE, check=False)
    assert said.returncode == 2 and said.stderr and not said.stdout


def test_without_a_key_it_says_where_one_may_come_from(server):
    said = subprocess.run(
        [build.GRANTEX, "doctor", server.url], env=build.environment(server.folder), capture_output=True, text=True, timeout=build.PATIENCE,
        check=False)
    assert said.returncode == 3 and "GRANTEX_API_KEY" in said.stderr
