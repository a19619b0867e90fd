"""`grantex doctor` before no proxy, before right ones, of which nothing bad is said, and where there is no stream at all. What each proxy
does wrong stands in test_doctor_nginx.py, test_doctor_haproxy.py and test_doctor_caddy.py."""

import socket
import subprocess
import threading

import pytest

from support import build
from support.doctor import HEARTBEAT_MS, doctor, examined, results
from support.proxy import PROXIES


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
