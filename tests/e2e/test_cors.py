"""Pages of other origins: what browsers are told, for whom, and what a real one makes of it."""

import http.server
import threading

import pytest
from selenium.webdriver.support.ui import WebDriverWait

from support import browser, build, life
from support.stream import SseReader
from support.websocket import WsClient
from test_serve import grantexd

ALLOWED, FOREIGN = "https://app.example", "https://evil.example"
ALLOW = "access-control-allow-origin"


@pytest.fixture(name="open_server")
def fixture_open_server(start):
    return start("--cors-origin", ALLOWED, "--cors-origin", "http://localhost:3000")


def asked(api, origin, path="/v1/me", **headers):
    return api.get(path, headers={"Origin": origin, **headers})


@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:3000"])
def test_a_page_of_an_allowed_origin_may_read_every_answer_good_or_bad(open_server, origin):
    api = open_server.api()
    for answer in (asked(api, origin), asked(open_server.anonymous(), origin), asked(api, origin, "/v1/nothing"), asked(api, origin, "/v1/events?limit=x")):
        assert answer.headers[ALLOW] == origin
        assert answer.headers["vary"] == "Origin"
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers  # a key is sent by the page itself, never by the browser


@pytest.mark.parametrize("origin", [FOREIGN, "null", ALLOWED + ".evil.example", ALLOWED + ":443", ALLOWED + "/", "http://app.example", "", "*"])
def test_another_origin_is_told_nothing(open_server, origin):
    answer = asked(open_server.api(), origin)
    assert answer.status == 200 and ALLOW not in answer.headers
    assert answer.headers["vary"] == "Origin"


def test_without_the_option_nobody_is(server, sandbox):
    answer = asked(sandbox, ALLOWED)
    assert ALLOW not in answer.headers and "vary" not in answer.headers
    assert preflight(server, ALLOWED).status == 405


def preflight(server, origin, path="/v1/events/tickets", method="POST"):
    return server.anonymous().request("OPTIONS", path, headers={"Origin": origin, "Access-Control-Request-Method": method})


def test_a_preflight_says_what_may_be_sent(open_server):
    answer = preflight(open_server, ALLOWED)
    assert answer.status == 204 and answer.body == b""
    assert answer.headers[ALLOW] == ALLOWED
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "last-event-id"} <= allowed
    assert preflight(open_server, FOREIGN).status == 405 and ALLOW not in preflight(open_server, FOREIGN).headers
    assert preflight(open_server, ALLOWED, "/v1/nothing").status == 404


def test_the_stream_says_it_too(open_server):
    for origin, told in ((ALLOWED, ALLOWED), (FOREIGN, None)):
        with SseReader(open_server.api(), headers={"Origin": origin}).wait_open() as stream:
            assert stream.headers.get(ALLOW) == told and stream.headers["vary"] == "Origin"


def test_a_page_of_a_foreign_origin_opens_no_websocket(open_server):
    own = open_server.api().url
    for origin, status in ((ALLOWED, 101), (own, 101), (None, 101), (FOREIGN, 403), ("null", 403)):
        with WsClient(open_server.api(), headers={"Origin": origin}) as client:
            assert client.read_head().status == status, origin


@pytest.mark.parametrize("value", ["*", "app.example", "https://app.example/", "https://App.example", "https://", "https://app.example:443",
                                   "https://a b", "ftp://app.example", "https://app.example:0", "https://app.example:99999", ""])
def test_what_is_no_origin_is_refused_at_the_start(tmp_path, value):
    ended = grantexd(tmp_path, "dev", "--cors-origin", value)
    assert ended.returncode == 2 and "--cors-origin" in ended.stderr and "must be an origin" in ended.stderr


# --- in a real browser ---

PAGE = b"""<!doctype html><title>page</title><script>
function follow(url) {
  window.got = []; window.failed = 0;
  const source = new EventSource(url);
  source.onmessage = event => window.got.push(JSON.parse(event.data).type);
  source.onerror = () => { window.failed++; source.close(); };
}
function socket(url) {
  window.got = []; window.failed = 0;
  const socket = new WebSocket(url);
  socket.onmessage = event => window.got.push(JSON.parse(event.data).type);
  socket.onerror = () => window.failed++;
}
function call(url, key) {
  window.answer = null; window.failed = 0;
  fetch(url, {method: "POST", headers: {Authorization: "Bearer " + key}}).then(a => a.json()).then(a => window.answer = a).catch(() => window.failed++);
}
</script>"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 (its name)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture(name="origin")
def fixture_origin():
    """A site of its own on another port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()


@pytest.fixture(name="tab")
def fixture_tab(tmp_path, origin):
    with browser.running(tmp_path / "browser") as driver:
        driver.get(origin)
        yield driver


def until(tab, what):
    return WebDriverWait(tab, build.PATIENCE).until(lambda _: tab.execute_script(f"return {what}"))


def test_a_page_of_an_allowed_origin_gets_a_ticket_and_follows_with_it(start, origin, tab):
    server = start("--cors-origin", origin)
    api = server.api()
    for how, scheme in (("follow", "http"), ("socket", "ws")):
        path = "stream" if how == "follow" else "ws"
        tab.execute_script("call(...arguments)", f"{api.url}/v1/events/tickets", api.key)
        ticket = until(tab, "window.answer")["ticket"]
        tab.execute_script(f"{how}(arguments[0])", f"{scheme}{api.url[4:]}/v1/events/{path}?ticket={ticket}&since=2020-01-01T00:00:00Z")
        life.new_grant(api)
        assert until(tab, "window.got.length >= 2 && window.got")[:2] == ["grant.created", "token.issued"]


def test_a_page_of_another_origin_reads_nothing(start, tab):
    server = start("--cors-origin", ALLOWED)
    api = server.api()
    tab.execute_script("call(...arguments)", f"{api.url}/v1/events/tickets", api.key)
    until(tab, "window.failed")
    for how, scheme, path in (("follow", "http", "stream"), ("socket", "ws", "ws")):
        ticket = api.post("/v1/events/tickets").expect(201)["ticket"]
        tab.execute_script(f"{how}(arguments[0])", f"{scheme}{api.url[4:]}/v1/events/{path}?ticket={ticket}&since=2020-01-01T00:00:00Z")
        life.new_grant(api)
        until(tab, "window.failed")
        assert tab.execute_script("return window.got") == []
