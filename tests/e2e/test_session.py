"""Signing in at the monitor: an API key is exchanged for a cookie, and the cookie does no more than it should."""

import contextlib
import http.cookies
import json
import time

import pytest

from support import life, store
from support.stream import SseReader

OWN = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """What a browser sends by itself, and what the page of ours adds."""

    def __init__(self, server, answer):
        self.server = server
        self.cookie = http.cookies.SimpleCookie(answer.headers["set-cookie"])
        ((self.name, morsel),) = self.cookie.items()
        self.morsel = morsel
        self.csrf = answer.json["csrfToken"]

    def cookies(self):
        return {"Cookie": f"{self.name}={self.morsel.value}", **OWN}

    def request(self, method, path, csrf=True, site="same-origin", **headers):
        sent = {"Cookie": f"a=b; {self.name}={self.morsel.value}; c=d", **headers}
        sent |= {"Sec-Fetch-Site": site} if site else {}
        sent |= {"X-CSRF-Token": self.csrf} if csrf is True else {"X-CSRF-Token": csrf} if csrf else {}
        return self.server.anonymous().request(method, path, headers=sent)


@pytest.fixture(name="signed_in")
def fixture_signed_in(server, sandbox):
    return Browser(server, sign_in(sandbox))


def sign_in(api):
    answer = api.post("/v1/session")
    assert answer.status == 201, answer
    return answer


def test_a_key_is_exchanged_for_a_cookie_that_no_script_reads_and_no_other_site_sends(server, sandbox):
    answer = sign_in(sandbox)
    morsel = Browser(server, answer).morsel
    assert morsel.key == "grantex_session" and morsel["httponly"] is True and morsel["samesite"] == "Strict"
    assert morsel["path"] == "/v1" and int(morsel["max-age"]) == 12 * 3600 and not morsel["secure"] and not morsel["domain"]
    assert sandbox.key not in answer.headers["set-cookie"] and morsel.value not in answer.body.decode()
    assert answer.json.keys() == {"developerId", "name", "mode", "canWrite", "csrfToken", "expiresAt"}
    assert answer.headers["cache-control"] == "no-store"


def test_where_the_public_url_is_https_the_cookie_is_secure_and_keeps_to_its_path(start):
    server = start("--open-signup", "--public-url", "https://events.example/grantex", command="serve")
    answer = sign_in(server.sign_up())
    browser = Browser(server, answer)
    assert browser.name == "__Secure-grantex_session" and browser.morsel["secure"] and browser.morsel["path"] == "/grantex/v1"
    assert browser.request("GET", "/v1/session").status == 200
    by_origin = browser.request("GET", "/v1/session", site=None, Origin="https://events.example")
    assert by_origin.status == 200 and browser.request("GET", "/v1/session", site=None, Origin="https://evil.example").status == 403


def test_the_store_has_only_hashes_of_it(server, sandbox, signed_in):
    (row,) = store.rows(server.database, "SELECT * FROM browser_sessions")
    assert signed_in.morsel.value not in json.dumps(row) and sandbox.key not in json.dumps(row)


def test_the_session_reads_and_says_whose_it_is(server, sandbox, signed_in):
    me = sandbox.get("/v1/me").expect(200)
    session = signed_in.request("GET", "/v1/session").expect(200)
    assert session["developerId"] == me["developerId"] and session["csrfToken"] == signed_in.csrf and session["canWrite"] is True
    grant = life.new_grant(sandbox)
    assert signed_in.request("GET", "/v1/grants").expect(200)["grants"][0]["grantId"] == grant.id


def test_the_session_opens_the_stream(server, sandbox, signed_in):
    with SseReader(server.anonymous(), headers=signed_in.cookies()).wait_open() as stream:
        assert stream.status == 200
        life.new_grant(sandbox)
        assert [event["type"] for event in stream.wait_events(2)] == ["grant.created", "token.issued"]


def test_a_stream_ends_with_the_session_that_opened_it_and_others_go_on(server, sandbox, signed_in):
    store.change(server.database, "UPDATE browser_sessions SET expires_at = ?", time.time_ns() // 1_000_000 + 5000)
    later = Browser(server, sign_in(sandbox))
    with contextlib.ExitStack() as stack:
        ending, *lasting = (stack.enter_context(SseReader(api, headers=headers)).wait_open() for api, headers in (
            (server.anonymous(), signed_in.cookies()), (server.anonymous(), later.cookies()), (sandbox, {})))
        ending.wait_end()
        assert ending.frames[-1].event == "stream.closing" and ending.frames[-1].json["reason"] == "session_expired"
        life.new_grant(sandbox)
        assert [len(stream.wait_events(2)) for stream in lasting] == [2, 2] and ending.events == []
    assert server.anonymous().get("/v1/events/stream", headers=signed_in.cookies()).status == 401


def test_a_session_survives_a_restart(server, signed_in):
    server.restart()
    assert signed_in.request("GET", "/v1/session").status == 200


def test_a_grant_is_taken_back_by_a_page_of_ours(server, sandbox, signed_in):
    grant = life.new_grant(sandbox)
    assert signed_in.request("DELETE", f"/v1/grants/{grant.id}").status == 204
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["revokedBy"] == "developer"


@pytest.mark.parametrize(
    "how",
    [
        {"csrf": False},
        {"csrf": "0" * 64},
        {"csrf": ""},
        {"site": "cross-site"},
        {"site": "same-site"},
        {"site": "none"},
        {"site": None, "Origin": "https://evil.example"},
        {"site": None, "Origin": "null"},
        {"site": None, "csrf": False},
    ],
    ids=str,
)
def test_what_a_page_of_another_site_could_send_changes_nothing(sandbox, signed_in, how):
    grant = life.new_grant(sandbox)
    answer = signed_in.request("DELETE", f"/v1/grants/{grant.id}", **how)
    assert (answer.status, answer.json["code"]) == (403, "CSRF_REFUSED")
    assert signed_in.csrf not in answer.body.decode()
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"


@pytest.mark.parametrize("how", [{"site": "cross-site"}, {"site": None, "Origin": "https://evil.example"}], ids=str)
def test_what_a_page_of_another_site_asks_for_is_not_told(signed_in, how):
    for path in ("/v1/session", "/v1/grants", "/v1/events/stream"):
        assert signed_in.request("GET", path, **how).status == 403


def test_the_token_of_one_session_is_none_of_another(server, sandbox, signed_in):
    grant = life.new_grant(sandbox)
    other = Browser(server, sign_in(sandbox))
    assert signed_in.request("DELETE", f"/v1/grants/{grant.id}", csrf=other.csrf).status == 403


def test_a_session_does_not_do_what_only_a_key_may(sandbox, signed_in):
    me = sandbox.get("/v1/me").expect(200)
    for method, path in [
        ("POST", "/v1/keys/rotate"), ("DELETE", f"/v1/me?confirm={me['developerId']}"), ("POST", "/v1/events/tickets"),
        ("POST", "/v1/session"), ("POST", "/v1/agents"),
    ]:
        assert signed_in.request(method, path).status == 401, path


def test_a_key_in_the_header_counts_alone(server, sandbox, signed_in):
    cookie = {"Cookie": f"{signed_in.name}={signed_in.morsel.value}"}
    assert server.api("gx_test_nobodys_key_at_all").get("/v1/grants", headers=cookie).status == 401
    assert sandbox.get("/v1/session", headers=cookie).status == 401  # by a key there is no session
    grant = life.new_grant(sandbox)
    assert sandbox.delete(f"/v1/grants/{grant.id}", headers={"Sec-Fetch-Site": "cross-site", **cookie}).status == 204


def test_signing_out_ends_the_session_and_takes_the_cookie_away(server, signed_in):
    answer = signed_in.request("DELETE", "/v1/session")
    assert answer.status == 204 and answer.body == b"" and "content-type" not in answer.headers
    assert "grantex_session=;" in answer.headers["set-cookie"] and "Max-Age=0" in answer.headers["set-cookie"]
    assert signed_in.request("GET", "/v1/session").status == 401
    assert store.rows(server.database, "SELECT * FROM browser_sessions") == []


def test_the_session_ends_with_its_key(server, api):
    browser = Browser(server, sign_in(api))
    api.post("/v1/keys/rotate").expect(200)
    answer = browser.request("GET", "/v1/session")
    assert (answer.status, answer.json["message"]) == (401, "This session is over; sign in again")


def test_the_session_ends_with_its_developer(server, api):
    browser = Browser(server, sign_in(api))
    assert api.delete(f"/v1/me?confirm={api.get('/v1/me').expect(200)['developerId']}").status == 204
    assert browser.request("GET", "/v1/session").status == 401


@pytest.fixture(name="key_for")
def fixture_key_for(server, sandbox):
    def key_for(*scopes, **more):
        made = sandbox.post("/v1/keys", {"name": "watcher", "scopes": list(scopes), **more}).expect(201)
        return made, server.api(made["apiKey"])

    return key_for


def test_a_session_may_no_more_than_its_key(server, sandbox, key_for):
    grant = life.new_grant(sandbox)
    _, reader = key_for("events:read")
    browser = Browser(server, sign_in(reader))
    assert browser.request("GET", "/v1/session").expect(200)["canWrite"] is False
    for path in ("/v1/grants", "/v1/agents", "/v1/budget/burn", "/v1/events", "/v1/events/streams", "/v1/events/rates", f"/v1/grants/{grant.id}"):
        browser.request("GET", path).expect(200)
    assert browser.request("DELETE", f"/v1/grants/{grant.id}").status == 403
    assert sandbox.get(f"/v1/grants/{grant.id}").expect(200)["status"] == "active"
    _, writer = key_for("events:read", "grants:write")
    browser = Browser(server, sign_in(writer))
    assert browser.request("GET", "/v1/session").expect(200)["canWrite"] is True
    assert browser.request("DELETE", f"/v1/grants/{grant.id}").status == 204
    assert browser.request("DELETE", "/v1/session").status == 204


def test_who_may_not_read_events_does_not_sign_in(key_for):
    _, writer = key_for("grants:write")
    answer = writer.post("/v1/session")
    assert answer.status == 403 and "events:read" in answer.json["message"] and "set-cookie" not in answer.headers


def test_the_session_ends_when_its_key_is_revoked(server, sandbox, key_for):
    made, reader = key_for("events:read")
    browser = Browser(server, sign_in(reader))
    assert sandbox.delete(f"/v1/keys/{made['id']}").status == 204
    assert browser.request("GET", "/v1/session").status == 401


def test_the_session_ends_by_itself_and_is_cleared_away(server, sandbox, signed_in):
    store.change(server.database, "UPDATE browser_sessions SET expires_at = ?", 1)
    assert signed_in.request("GET", "/v1/session").status == 401
    sign_in(sandbox)
    assert store.rows(server.database, "SELECT count(*) AS n FROM browser_sessions")[0]["n"] == 1


@pytest.mark.parametrize("value", ["", "x", "ses_" + "A" * 43, "é", "a" * 4000])
def test_a_cookie_that_is_none_opens_nothing(server, value):
    answer = server.anonymous().get("/v1/grants", headers={"Cookie": f"grantex_session={value}".encode(), **OWN})
    assert answer.status == 401


def test_failed_sign_ins_are_limited_and_the_key_is_told_nobody(start):
    server = start("--open-signup", command="serve")
    key = "gx_live_somebody_guesses_this"
    answers = [server.api(key).post("/v1/session") for _ in range(31)]
    assert [answer.status for answer in answers] == [401] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert not any(key in answer.body.decode() for answer in answers) and key not in server.stderr()
