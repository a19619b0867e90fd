"""Existing clients find what they read: every answer, error, token and header of the reference, as reference/ has them in tables."""

import functools
import json
import re
import time

import pytest

from reference import endpoints, headers, tokens
from support import build, jwt, life, routes, shapes, store

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
ERROR = {"message", "code", "requestId"}


# --- the things that the tables name ---


def claims_of(token):
    return json.loads(jwt.decode(token.split(".")[1]))


def open_session(api):
    return api.post("/v1/principal-sessions", {"principalId": "user_abc123"}).expect(201)["sessionToken"]


class House:
    """Makes what a table's "$name" stands for when it is first asked for, and remembers it."""

    def __init__(self, server, sandbox, live):
        self.server, self.sandbox, self.live = server, sandbox, live
        self.database = server.database

    def caller(self, by):
        if by == "session":
            self.grant  # who has no grant has no session
            return self.server.api(self.session_token)
        return {"sandbox": self.sandbox, "live": self.live, "nobody": self.server.anonymous()}[by]

    def fill(self, value):
        if isinstance(value, dict):
            return {key: self.fill(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.fill(inner) for inner in value]
        if isinstance(value, str):
            return re.sub(r"\$([a-z_]+)", lambda name: str(self.named(name[1])), value)
        return value

    def named(self, name):
        thing = getattr(self, name)
        return thing.id if isinstance(thing, life.Grant) else thing

    def expire(self, table, where, value):
        store.change(self.database, f"UPDATE {table} SET expires_at = 1 WHERE {where} = ?", value)

    agent = functools.cached_property(lambda self: life.register(self.sandbox))
    other_agent = functools.cached_property(lambda self: life.register(self.sandbox))
    live_agent = functools.cached_property(lambda self: life.register(self.live))
    grant = functools.cached_property(lambda self: life.new_grant(self.sandbox))
    child = functools.cached_property(lambda self: life.delegate(self.sandbox, self.grant))
    anothers_grant = functools.cached_property(lambda self: life.new_grant(self.sandbox, "user_other"))
    token = property(lambda self: self.grant.token)
    jti = property(lambda self: claims_of(self.token)["jti"])
    granted_agent = property(lambda self: self.grant.agent_id)
    refresh_token = property(lambda self: self.grant.refresh_token)
    unused_refresh_token = property(lambda self: self.anothers_grant.refresh_token)
    revoked_token = property(lambda self: self.revoked_grant.token)
    revoked_agent = property(lambda self: self.revoked_grant.agent_id)
    revoked_refresh_token = property(lambda self: self.revoked_grant.refresh_token)
    expired_agent = property(lambda self: self.expired_grant.agent_id)
    key = functools.cached_property(lambda self: self.sandbox.post("/v1/keys", {"name": "x", "scopes": ["admin"]}).expect(201)["id"])
    session_token = functools.cached_property(lambda self: open_session(self.sandbox))

    @functools.cached_property
    def suspended(self):
        agent = life.register(self.sandbox)
        self.sandbox.patch(f"/v1/agents/{agent}", {"status": "suspended"}).expect(200)
        return agent

    @functools.cached_property
    def revoked_grant(self):
        grant = life.new_grant(self.sandbox)
        life.revoke(self.sandbox, grant)
        return grant

    @functools.cached_property
    def expired_grant(self):
        grant = life.new_grant(self.sandbox)
        self.expire("grants", "id", grant.id)
        return grant

    @functools.cached_property
    def expired_refresh_token(self):
        self.expire("refresh_tokens", "grant_id", self.expired_grant.id)
        return self.expired_grant.refresh_token

    @functools.cached_property
    def expired_token(self):
        """By its own claim, not only by the store's."""
        token = life.new_grant(self.sandbox, expiresIn="1s").token
        deadline = time.monotonic() + build.PATIENCE
        while self.sandbox.post("/v1/tokens/verify", {"token": token}).expect(200)["valid"] or time.time() < claims_of(token)["exp"]:
            assert time.monotonic() < deadline
        return token

    @functools.cached_property
    def taken_back_token(self):
        grant = life.new_grant(self.sandbox)
        assert self.sandbox.post("/v1/tokens/revoke", {"jti": claims_of(grant.token)["jti"]}).status == 204
        return grant.token

    @functools.cached_property
    def forgotten_token(self):
        grant = life.new_grant(self.sandbox)
        store.change(self.database, "DELETE FROM tokens WHERE grant_id = ?", grant.id)
        return grant.token

    @functools.cached_property
    def deepest_token(self):
        grant = self.grant
        for _ in range(3):
            grant = life.delegate(self.sandbox, grant)
        return grant.token

    @functools.cached_property
    def code(self):
        return life.authorize(self.sandbox, self.agent)["code"]

    @functools.cached_property
    def pkce_code(self):
        _, challenge = life.pkce()
        return life.authorize(self.sandbox, self.agent, codeChallenge=challenge, codeChallengeMethod="S256")["code"]

    def _ask(self, **more):
        return life.authorize(self.live, self.live_agent, **more)["authRequestId"]

    request = functools.cached_property(lambda self: self._ask())
    request_with_redirect = functools.cached_property(lambda self: self._ask(redirectUri="https://app.example/back", state="s 1"))

    @functools.cached_property
    def decided_request(self):
        asked = self._ask()
        life.approve(self.live, asked)
        return asked

    @functools.cached_property
    def expired_request(self):
        asked = self._ask()
        self.expire("auth_requests", "id", asked)
        return asked

    @functools.cached_property
    def sandbox_request(self):
        """A sandbox developer's requests are approved as they are made, so one is put back."""
        asked = life.authorize(self.sandbox, self.agent)["authRequestId"]
        store.change(self.database, "UPDATE auth_requests SET status = 'pending', code_hash = NULL WHERE id = ?", asked)
        return asked

    @functools.cached_property
    def funded(self):
        grant = life.new_grant(self.sandbox)
        life.allocate(self.sandbox, grant, 1000)
        return grant

    @functools.cached_property
    def debited(self):
        life.debit(self.sandbox, self.funded, 1)
        life.debit(self.sandbox, self.funded, 1, description="tea", metadata={"a": 1})
        return self.funded

    @functools.cached_property
    def entry(self):
        return self.sandbox.post("/v1/audit/log", self.fill(endpoints.LOGGED)).expect(201)["entryId"]

    @functools.cached_property
    def webhook(self):
        body = {"url": "https://hooks.example/grantex", "events": ["grant.*"]}
        return self.sandbox.post("/v1/webhooks", body).expect(201)["id"]

    @functools.cached_property
    def delivery(self):
        self.grant
        event = store.rows(self.database, "SELECT id, type FROM events WHERE seq = 1")[0]
        row = (self.webhook, 1, f"whd_{endpoints.NO_ID}", event["id"], event["type"], "failed", 5, 1 << 50, "HTTP 500", 1700000000000, None)
        store.change(self.database, f"INSERT INTO webhook_deliveries VALUES ({','.join('?' * len(row))})", *row)
        return row[2]


@pytest.fixture(name="house")
def fixture_house(server, sandbox, api):
    return House(server, sandbox, api)


def send(house, key, row, changes):
    """The row's call, with the changes of one line in it."""
    method, path = key.split(" ")
    call = {"by": "sandbox", "id": "", "query": "", **row, **changes}
    path = path.replace(":id", house.fill(call["id"])) + ("?" + call["query"] if call["query"] else "")
    body = house.fill(call["body"]) if "body" in call else None
    return house.caller(call["by"]).request(method, path, body)


# --- the tables cover what there is, and say why where they differ ---


def test_every_endpoint_has_a_row():
    routed = {endpoint.key for endpoint in routes.endpoints()}
    in_tables = [*endpoints.ENDPOINTS, *endpoints.OTHER_KINDS, *endpoints.OURS]
    assert routed - set(in_tables) == set(), "say in reference/endpoints.py what clients were told of it, or that it is ours"
    assert len(in_tables) == len(set(in_tables))


def test_every_endpoint_of_the_reference_is_there():
    routed = {endpoint.key for endpoint in routes.endpoints()}
    assert {*endpoints.ENDPOINTS, *endpoints.OTHER_KINDS} - routed == set()


def test_what_differs_from_the_reference_says_why():
    for key, row in endpoints.ENDPOINTS.items():
        answers = [row.get("answer")] + [answer for _, _, answer in row.get("also", [])]
        assert row.get("why") or not any(shapes.marks_in(answer) for answer in answers), key


# --- every call of the tables ---


@pytest.mark.parametrize("key", sorted(set(endpoints.ENDPOINTS) & {endpoint.key for endpoint in routes.endpoints()}))
def test_an_endpoint_answers_as_the_reference_says(house, key):
    row = endpoints.ENDPOINTS[key]
    house.fill(row.get("needs", []))
    faults = []
    for changes, status, shape in [({}, row["status"], row.get("answer")), *row.get("also", [])]:
        answer = send(house, key, row, changes)
        assert answer.status == status, (changes, answer)
        if shape is None:
            assert answer.body == b""
            continue
        assert answer.headers["content-type"] == "application/json"
        faults += [(changes, fault) for fault in shapes.faults_of(answer.json, shape)]
    assert faults == []
    for changes, status, code, message in row.get("errors", []):
        answer = send(house, key, row, changes)
        assert (answer.status, set(answer.json), answer.json["code"]) == (status, ERROR, code), (changes, answer)
        assert message in (None, answer.json["message"]), (changes, answer)
        assert re.fullmatch(UUID, answer.json["requestId"]) and answer.headers["x-request-id"] == answer.json["requestId"]


@pytest.mark.parametrize(
    "authorization, message",
    [
        (None, "Missing or invalid Authorization header"),
        ("Basic {key}", "Missing or invalid Authorization header"),
        ("{key}", "Missing or invalid Authorization header"),
        ("Bearer {key} more", "Missing or invalid Authorization header"),
        ("Bearer " + "x" * 15, "Invalid API key"),
        ("Bearer " + "x" * 16, "Invalid API key"),
        ("Bearer " + "x" * 512, "Invalid API key"),
        ("Bearer " + "x" * 513, "Invalid API key"),
    ],
)
def test_who_has_no_key_is_told_in_the_words_of_the_reference(server, sandbox, authorization, message):
    given = {} if authorization is None else {"Authorization": authorization.format(key=sandbox.key)}
    answer = server.anonymous().get("/v1/me", headers=given)
    assert (answer.status, answer.json["code"], answer.json["message"]) == (401, "UNAUTHORIZED", message)


def test_the_counters_that_scrapers_know_are_there(server):
    text = server.anonymous().get("/metrics").body.decode()
    assert [name for name in endpoints.METRICS if f"# TYPE {name} " not in text] == []


# --- section 6: tokens ---


def faults_of_token(house, token, claims):
    verified = jwt.verify(token, house.server.anonymous().get("/.well-known/jwks.json").expect(200))
    header = json.loads(jwt.decode(token.split(".")[0]))
    return shapes.faults_of(header, tokens.HEADER, "header") + shapes.faults_of(verified, claims, "claims")


def test_a_token_claims_what_the_reference_says(house):
    sandbox, grant, funded, child = house.sandbox, house.grant, house.funded, house.child
    with_audience = life.new_grant(sandbox, audience="https://api.example")
    made = {
        "exchange": grant.token,
        "exchange, audience asked for": with_audience.token,
        "exchange, funded": funded.token,
        "refresh": life.refresh(sandbox, grant)["grantToken"],
        "refresh, funded": life.refresh(sandbox, funded)["grantToken"],
        "delegation": child.token,
        "delegation, refreshed": life.refresh(sandbox, child)["grantToken"],
    }
    assert set(made) == set(tokens.GRANT_TOKENS)
    faults = {how: faults_of_token(house, token, tokens.GRANT_TOKENS[how]) for how, token in made.items()}
    assert {how: found for how, found in faults.items() if found} == {}
    claims = claims_of(made["refresh, funded"])
    assert (claims["bdg"], claims["grnt"], claims["sub"]) == (1000, funded.id, "user_abc123")
    expiry = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(claims["exp"]))
    assert expiry == funded.answer["expiresAt"][:19]  # floored to seconds, and unchanged by the refresh


def test_a_session_claims_what_the_reference_says(house):
    house.grant
    assert faults_of_token(house, house.session_token, tokens.SESSION) == []


def test_the_claims_of_a_verified_grant_are_those_of_its_token(house):
    answer = house.sandbox.post("/v1/grants/verify", {"token": house.token}).expect(200)
    assert shapes.faults_of(answer["claims"], tokens.CLAIMS) == [] and answer["claims"] == claims_of(house.token)


# --- sections 1.3 and 1.4: headers ---


def test_the_limits_are_told_in_the_headers_of_the_reference(start):
    server = start("--rate-limits", "reference", "--plan", "free")
    for key, limit in headers.FIRST_LIMITS.items():
        method, path = key.split(" ")
        answer = server.api().request(method, path.replace(":id", "x"), {} if method == "POST" else None)
        told = {name: value for name, value in answer.headers.items() if name.startswith("x-ratelimit-")}
        if limit is None:
            assert told == {}, key
            continue
        assert set(told) == {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}, (key, answer)
        assert int(told["x-ratelimit-limit"]) == limit, (key, told)
        assert 0 <= int(told["x-ratelimit-remaining"]) < limit and 0 <= int(told["x-ratelimit-reset"]) <= 60, (key, told)


def test_every_answer_has_the_headers_that_guard_a_browser(house):
    calls = [("GET", "/v1/me"), ("GET", "/nowhere"), ("PUT", "/v1/me"), ("GET", "/.well-known/jwks.json"), ("GET", "/.well-known/did.json")]
    calls += [("GET", "/consent"), ("GET", "/permissions"), ("POST", "/v1/agents"), ("DELETE", f"/v1/grants/{house.grant.id}")]
    for method, path in calls:
        answer = house.sandbox.request(method, path)
        for name, value in headers.ALWAYS.items():
            if name != "cache-control" or f"{method} {path}" not in headers.CACHED:
                assert answer.headers.get(name) == value, (method, path, name)
        assert [name for name in headers.PRESENT if not answer.headers.get(name)] == [], (method, path)


def test_every_endpoint_is_in_the_manual():
    manual = (build.ROOT / "docs/http-api.md").read_text()
    assets = {endpoint.key for endpoint in routes.endpoints() if endpoint.key.endswith((".js", ".css", ".svg"))}
    assert [endpoint.key for endpoint in routes.endpoints() if f"`{endpoint.key}`" not in manual and endpoint.key not in assets] == []
