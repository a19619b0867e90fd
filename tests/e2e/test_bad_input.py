"""Whatever is sent: a clear 4xx in the envelope, never a 5xx, and nothing has changed in the store."""

import json
import re
import urllib.parse

import pytest

from support import build, jwt, life, routes, store
from support.raw import talk_to
from support.refusal import check_refusal

MISSING = object()


# --- what can be wrong with a field: JSON texts, so that also what is no JSON can be sent ---

DEEP = b'{"a":' * 10000 + b"1" + b"}" * 10000
DEEP_LIST = b"[" * 10000 + b"]" * 10000

# These break the document, or the number range of any JSON reader, whatever field they stand in: the message speaks of the body.
NO_JSON = [
    b'"\xff\xfe"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\\ud800"', b'"a\\u0000b"', b"NaN", b"Infinity", b"-", b"01", b"1e", b"'a'", b"",
    b'"\x01"', b'"unterminated', DEEP, DEEP_LIST, b"1e999", b"99999999999999999999",
]
NO_TEXT = [b"7", b"-1", b"0.5", b"true", b"[]", b"{}", b'["a"]']
NOTHING = [MISSING, b"null"]


def quote(text):
    return json.dumps(text).encode()


def text(most, empty_is_bad=True):
    return NOTHING + NO_TEXT + [quote("x" * (most + 1)), quote("é" * 100000)] + ([b'""'] if empty_is_bad else [])


def optional(values):
    """Without those that mean: not given."""
    return [value for value in values if value is not MISSING and value != b"null"]


def words(*values):
    return optional(NO_TEXT) + [quote(value) for value in values]


BLANK = [b'"   "', b'"\\t\\n"']
AMOUNTS = NOTHING + [
    b"0", b"-1", b"0.00001", b"1.23456", b"-0.5", b"1e30", b"922337203685477.5808", b"true", b"[]", b"{}", b'""', b'"abc"',
    b'"NaN"', b'"Infinity"', b'"0"', b'"-1"', b'"1.23456"', b'"1e3"', b'"0x10"', b'" 5"', b'"5 "', b'"1,5"', b'"."', b'"5."',
    b'"99999999999999999999"', quote("1" * 5000), quote("0." + "0" * 5000 + "1"),
]
DURATIONS = words("", "24", "h", "-1h", "0h", "1w", "1.5h", "NaN", "1 h", "24H", "11y", "9999999999999999999999h", "99999999d", "1" * 5000 + "s")
SCOPES = [b"null", b'"calendar:read"', b"7", b"true", b"{}", b"[7]", b"[null]", b'[["a"]]', b'[""]', b'["  "]', b'["a",""]'] + [
    quote(["x" * 257]), quote(["s"] * 101),
]
CHALLENGES = words("", "x" * 42, "x" * 44, "=" * 43, "é" * 43, " " * 43)
URLS = words(
    "", "example.com", "/back", "ftp://example.com/", "javascript:alert(1)", "http://", "https:///x", "http://u:p@example.com/",
    "https://exa mple.com/", "https://example.com/" + "x" * 2048,
)

# How to add an endpoint that takes a body: a row here, or test_every_endpoint_with_a_body_has_a_row fails. The key is the path of a POST;
# another method stands before it ("PATCH /v1/me"), and names from the server may stand in it ("/v1/agents/$agent").
# endpoint: (a good body's fields, {field: what is bad for it}). "$agent" and the like are filled in from the server.
FIELDS = {
    "/v1/signup": (
        {"name": "Acme", "mode": "live"},
        {
            "name": text(200) + BLANK,
            "email": words("x", "x@", "@y.z", "x@y", "x y@example.com", "x@@example.com", "x" * 250 + "@example.com", "x@example.com\u0007"),
            "mode": words("", "LIVE", "test", "sandbox "),
        },
    ),
    "/v1/keys": (
        {"name": "monitor", "scopes": ["events:read"]},
        {"name": text(100) + BLANK, "scopes": [MISSING, b"[]", quote(["root"]), quote(["Admin"])] + SCOPES, "expiresIn": DURATIONS},
    ),
    "/v1/keys/rotate": ({"overlap": "1h"}, {"overlap": DURATIONS + [quote("8d")]}),
    "/v1/agents": (
        {"name": "invoicer", "scopes": ["a:b"]},
        {"name": text(200) + BLANK, "description": optional(text(100000, empty_is_bad=False)), "scopes": optional(SCOPES)},
    ),
    "/v1/authorize": (
        {"agentId": "$agent", "principalId": "user_1", "scopes": ["a:b"]},
        {
            "agentId": text(256),
            "principalId": text(256),
            "scopes": [MISSING, b"[]"] + SCOPES,
            "redirectUri": URLS,
            "state": optional(text(1024, empty_is_bad=False)),
            "audience": optional(text(1024)),
            "expiresIn": DURATIONS,
            "codeChallenge": CHALLENGES + [quote("x" * 43)],  # the last one lacks its method
            "codeChallengeMethod": words("", "plain", "s256", "S256"),  # the last one lacks its challenge
        },
    ),
    "/v1/token": (
        {"code": "$code", "agentId": "$agent", "codeVerifier": "$verifier"},
        {
            "code": text(512),
            "agentId": text(256),
            "codeVerifier": text(128) + [quote(value) for value in ("x" * 42, "x" * 43, "é" * 43, " " * 43)],
            "credentialFormat": words("", "JWT", "xml"),
        },
    ),
    "/v1/token/refresh": (
        {"refreshToken": "$refresh", "agentId": "$granted_agent"},
        {"refreshToken": text(512), "agentId": text(256)},
    ),
    "/v1/grants/verify": (
        {"token": "$token"},
        {"token": text(512 * 1024)},
    ),
    "/v1/grants/delegate": (
        {"parentGrantToken": "$token", "subAgentId": "$agent", "scopes": life.SCOPES},
        {
            "parentGrantToken": text(512 * 1024) + [quote("x"), quote("a.b.c")],
            "subAgentId": text(256),
            "scopes": [MISSING, b"[]", quote(["not:granted"])] + SCOPES,
            "expiresIn": DURATIONS,
            "credentialFormat": words("", "JWT", "vc-jwt", "both"),
        },
    ),
    "/v1/principal-sessions": (
        {"principalId": "user_abc123"},
        {"principalId": text(256), "expiresIn": DURATIONS},
    ),
    "/v1/budget/allocate": (
        {"grantId": "$unfunded", "initialBudget": 100},
        {"grantId": text(256), "initialBudget": AMOUNTS, "currency": optional(text(1000)) + BLANK},
    ),
    "/v1/budget/debit": (
        {"grantId": "$funded", "amount": 1},
        {
            "grantId": text(256),
            "amount": AMOUNTS,
            "description": optional(text(100000, empty_is_bad=False)),
            "metadata": [b"7", b'"x"', b"true", b"[]", quote({"a": "x" * 20000})],
        },
    ),
    "/v1/webhooks": (
        {"url": "https://hooks.example/grantex", "events": ["grant.created"]},
        {
            "url": NOTHING + NO_TEXT + URLS + [quote("https://hooks.example/#x")],
            "events": [MISSING, b"[]"] + SCOPES + [quote(value) for value in (["grant.updated"], ["grant.created", "grant.created"], ["a" * 256])],
        },
    ),
    "/v1/audit/log": (
        {"agentId": "ag_1", "agentDid": "did:grantex:ag_1", "grantId": "grnt_1", "principalId": "user_1", "action": "read"},
        {
            **{field: text(256) for field in ("agentId", "grantId", "principalId", "action")},
            "agentDid": text(512),
            "metadata": [b"7", b'"x"', b"true", b"[]", quote({"a": "x" * 20000}), quote({"a": [2**53 + 1]})],
            "status": words("", "ok", "SUCCESS"),
        },
    ),
    "PATCH /v1/me": (
        {"fidoRpName": "Acme"},
        {"fidoRpName": optional(text(100)), "fidoRequired": [b"7", b"0", b"[]", b"{}", b'"false"', b'""', b"true"]},
    ),
    "/v1/tokens/verify": ({"token": "$token"}, {"token": NOTHING + NO_TEXT + [b'""', quote("x" * (512 * 1024 + 1))]}),
    "/v1/tokens/revoke": ({"jti": "$jti"}, {"jti": text(512)}),
    **{
        f"{method}/v1/agents/$agent": (
            {"name": "payer"},
            {
                "name": optional(text(200)) + BLANK,
                "description": optional(text(100000, empty_is_bad=False)),
                "scopes": optional(SCOPES),
                "status": words("", "ACTIVE", "deleted"),
            },
        )
        for method in ("PATCH ", "")
    },
}
PATHS = list(FIELDS)


@pytest.fixture(name="house")
def fixture_house(server, api):
    """A server with something in every table, and what the good bodies name."""
    verifier, challenge = life.pkce()
    funded = life.new_grant(api)
    life.allocate(api, funded, 1000)
    life.debit(api, funded, 600)
    agent = life.register(api)
    asked = life.authorize(api, agent, codeChallenge=challenge, codeChallengeMethod="S256")
    names = {
        "$agent": agent, "$verifier": verifier, "$code": life.approve(api, asked["authRequestId"]), "$refresh": funded.refresh_token,
        "$token": funded.token, "$jti": json.loads(jwt.decode(funded.token.split(".")[1]))["jti"],
        "$granted_agent": funded.agent_id, "$funded": funded.id, "$unfunded": life.new_grant(api).id,
    }
    return server, api, names


def good_body(path, names):
    return {
        field: names.get(value, value) if isinstance(value, str) else value for field, value in FIELDS[path][0].items()
    }


def parts_of(key):
    """Method and path of a row's key, as it stands there."""
    method, blank, path = key.rpartition(" ")
    return (method if blank else "POST"), path


def send(api, key, names, body=None, **options):
    method, path = parts_of(key)
    for name, value in names.items():
        if path.endswith(name):
            path = path.replace(name, value)
    return api.request(method, path, body, **options)


def test_every_field_of_every_body_has_a_row():
    rows = {f"{method} " + re.sub(r"/\$\w+", "/:id", path): set(FIELDS[key][1]) for key in PATHS for method, path in [parts_of(key)]}
    for endpoint in routes.endpoints():
        if endpoint.takes_body:
            assert endpoint.key in rows, "its fields have no row"
            assert endpoint.names("body") - rows[endpoint.key] == set(), endpoint.key


def spoil(body, field, value):
    """The body's bytes with one field replaced by a JSON text, or left out."""
    rest = {name: given for name, given in body.items() if name != field}
    members = [quote(name) + b":" + quote(given) for name, given in rest.items()]
    if value is not MISSING:
        members.append(quote(field) + b":" + value)
    return b"{" + b",".join(members) + b"}"


def shown(value):
    return "missing" if value is MISSING else value[:60] + b"..." if len(value) > 60 else value


def fields_of_all_kinds(path):
    """(field, value, is it JSON)."""
    _, fields = FIELDS[path]
    for field, values in fields.items():
        for value in values:
            yield field, value, True
        for value in NO_JSON:
            yield field, value, False


@pytest.mark.parametrize("path", PATHS)
def test_a_bad_field_is_refused_by_name_and_nothing_changes(house, path):
    server, api, names = house
    body = good_body(path, names)
    before = store.dump(server.database)
    wrong = []
    for field, value, is_json in fields_of_all_kinds(path):
        answer = send(api, path, names, raw=spoil(body, field, value))
        fault = check_refusal(answer)
        if not fault and is_json and field not in answer.json["message"] and field not in ("codeChallenge", "codeChallengeMethod"):
            fault = f"the message does not name the field: {answer.json['message']}"
        if fault:
            wrong.append((field, shown(value), fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []
    assert send(api, path, names, body).status in (200, 201, 204), "the unspoilt body must be good, or nothing was tested"


@pytest.mark.parametrize("path", PATHS)
def test_a_bad_body_is_refused_and_nothing_changes(house, path):
    server, api, names = house
    good = json.dumps(good_body(path, names)).encode()
    before = store.dump(server.database)
    json_type = {"Content-Type": "application/json"}
    bodies = [
        (b"", json_type, {400}),
        (b"[]", json_type, {400}),
        (b"null", json_type, {400}),
        (b"7", json_type, {400}),
        (b'"x"', json_type, {400}),
        (good[:-1], json_type, {400}),
        (good + b"x", json_type, {400}),
        (good + good, json_type, {400}),
        (b"\xef\xbb\xbf" + good, json_type, {400}),
        (good.decode().encode("utf-16"), json_type, {400}),
        (good[:1] + b'"\xff":1,' + good[1:], json_type, {400}),
        (good, {"Content-Type": "text/plain"}, {415}),
        (good, {"Content-Type": "application/x-www-form-urlencoded"}, {415}),
        (good, {"Content-Type": ""}, {415}),
        (b"{" + b" " * (1 << 20) + good[1:], json_type, {413}),
    ]
    if path == "/v1/keys/rotate":  # where all is as usual, there is nothing to say
        del bodies[0]
    wrong = []
    for raw, headers, statuses in bodies:
        fault = check_refusal(send(api, path, names, raw=raw, headers=headers), statuses)
        if fault:
            wrong.append((shown(raw), headers["Content-Type"], fault))
    assert wrong == []
    assert store.difference(before, store.dump(server.database)) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_field_that_stands_there_twice_is_refused_by_name(house, path):
    """Which of the two counts would depend on who reads it: a proxy, a log, this server."""
    server, api, names = house
    body = good_body(path, names)
    before = store.dump(server.database)
    for field in [*body, "neverHeardOf"]:
        member = quote(field) + b":" + quote(body.get(field))
        twice = b"{" + b",".join([member] + [quote(name) + b":" + quote(value) for name, value in body.items() if name != field] + [member]) + b"}"
        answer = send(api, path, names, raw=twice)
        assert check_refusal(answer, {400}) == "" and answer.json["message"].startswith(f"{field}: "), (field, answer)
    assert store.difference(before, store.dump(server.database)) == []


# --- below HTTP's good manners ---


def talk(server, data, half_close=True):
    """Sends bytes, says that no more will come, and returns all that comes back."""
    parts = urllib.parse.urlsplit(server.url)
    return talk_to(parts.hostname, parts.port, data, half_close)


def test_a_body_that_breaks_off_has_no_effect(house):
    server, api, names = house
    before = store.dump(server.database)
    body = json.dumps({"grantId": names["$funded"], "amount": 1}).encode()
    head = f"POST /v1/budget/debit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.key}\r\nContent-Type: application/json\r\n"
    for length in range(0, len(body), 5):
        answer = talk(server, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:length])
        assert b" 40" in answer.split(b"\r\n")[0]
    chunk = f"{len(body):x}\r\n".encode() + body + b"\r\n"  # whole, but without the last chunk
    answer = talk(server, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk)
    assert b" 40" in answer.split(b"\r\n")[0]
    assert store.difference(before, store.dump(server.database)) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/agents HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n",
        b"GET /v1/agents HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"POST /v1/agents HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/agents HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/agents HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 100000 + b"\r\n\r\n",
        b"GET /v1/agents HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(1000)) + b"\r\n",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_bytes_that_are_no_request_are_refused_and_others_are_served(server, data):
    answer = talk(server, data, half_close=False)
    # Also for a method or a version of no HTTP known: the fault is not the server's.
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert set(json.loads(body)) == {"message", "code", "requestId"} and b"onnection: close" in head
    assert server.anonymous().get("/health").status == 200


# --- where it is sent, and by whom ---


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v2/agents", "/v1/agents/", "/v1/agents/a/b", "/v1//agents", "/V1/agents", "/v1/agents%2f", "/v1/tokens", "/%00", "/%ff", "/../etc"],
)
def test_an_unknown_path_is_404_for_every_method(server, sandbox, path):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert check_refusal(sandbox.request(method, path), {404}) == "", method


@pytest.mark.parametrize(
    "method, path, allowed",
    [
        ("PUT", "/v1/agents", {"GET", "HEAD", "POST"}),
        ("GET", "/v1/authorize", {"POST"}),
        ("GET", "/v1/token", {"POST"}),
        ("GET", "/v1/principal-sessions", {"POST"}),
        ("POST", "/v1/principal/audit", {"GET"}),
        ("POST", "/v1/principal/grants", {"GET"}),
        ("GET", "/v1/principal/grants/grnt_x", {"DELETE"}),
        ("DELETE", "/v1/token/refresh", {"POST"}),
        ("PUT", "/v1/grants/grnt_x", {"GET", "DELETE"}),
        ("POST", "/v1/grants", {"GET"}),
        ("GET", "/v1/budget/debit", {"POST"}),
        ("POST", "/v1/budget/balance/grnt_x", {"GET"}),
        ("POST", "/v1/events/stream", {"GET"}),
        ("POST", "/v1/events/ws", {"GET"}),
        ("PUT", "/v1/webhooks", {"GET", "POST"}),
        ("POST", "/v1/webhooks/wh_x", {"GET", "DELETE"}),
        ("GET", "/v1/webhooks/deliveries/whd_x/redeliver", {"POST"}),
        ("POST", "/.well-known/jwks.json", {"GET"}),
        ("POST", "/metrics", {"GET"}),
    ],
)
def test_a_known_path_with_another_method_is_405_and_says_which(sandbox, method, path, allowed):
    answer = sandbox.request(method, path)
    assert check_refusal(answer, {405}) == ""
    assert allowed <= {name.strip() for name in answer.headers["allow"].split(",")}


@pytest.mark.parametrize(
    "value",
    [None, "", "Bearer", "Bearer ", "Basic {key}", "{key}", "Bearer {key} x", "Bearer x", "Bearer " + "x" * 513, "Bearer gx_test_nobodys-key-at-all", "Bearer {key}x"],
)
def test_without_the_right_key_everything_is_401(server, sandbox, value):
    headers = {} if value is None else {"Authorization": value.format(key=sandbox.key)}
    before = store.dump(server.database)
    calls = [("GET", "/v1/agents"), ("GET", "/v1/grants/x"), ("DELETE", "/v1/grants/x"), ("GET", "/v1/events/stream")]
    calls += [("GET", "/v1/principal/audit"), ("GET", "/v1/principal/grants"), ("DELETE", "/v1/principal/grants/x")]
    calls += [parts_of(path) for path in PATHS if path != "/v1/signup"]
    for method, path in calls:
        raw = b'{"name":"x"}' if method in ("POST", "PATCH") else None
        answer = server.anonymous().request(method, path, raw=raw, headers=headers)
        # What a body lacks may be said first to somebody whose key looks like one; nothing is done either way.
        expected = {401} if value is None or path == "/v1/agents" or raw is None else {401, 400}
        assert check_refusal(answer, expected) == "", (method, path)
    assert store.difference(before, store.dump(server.database)) == []


def test_the_key_may_be_written_in_other_ways(server, sandbox):
    for value in (f"bearer {sandbox.key}", f"BEARER   {sandbox.key}", f"Bearer\t{sandbox.key}"):
        assert server.anonymous().get("/v1/agents", headers={"Authorization": value}).status == 200


@pytest.mark.parametrize("query", ["x=%zz", "x=%", "x=%4", "%zz", "x=1&y=%g0", "x=%ff%f"])
def test_a_broken_escape_in_a_query_is_refused_also_where_nobody_reads_it(sandbox, query):
    for path in ("/v1/agents", "/v1/agents/ag_x", "/v1/me", "/v1/events/stream", "/.well-known/jwks.json", "/health"):
        assert check_refusal(sandbox.get(f"{path}?{query}"), {400}) == "", path
    assert check_refusal(sandbox.post(f"/v1/agents?{query}", {"name": "x"}), {400}) == ""
    assert sandbox.get("/v1/agents?x=%C3%A4%20+").expect(200)["total"] == 0


def test_a_live_developers_key_approves_and_denies_nothing(server, api):
    agent = life.register(api)
    asked = life.authorize(api, agent)
    before = store.dump(server.database)
    for verb in ("approve", "deny"):
        answer = api.post(f"/v1/authorize/{asked['authRequestId']}/{verb}", {})
        assert (answer.status, answer.json["code"]) == (403, "CONSENT_REQUIRED")
    assert store.difference(before, store.dump(server.database)) == []


@pytest.mark.parametrize(
    "raw, rule",
    [
        (b'{"name":"a","name":"b"}', "twice"),
        (b'{"name":"a","metadata":{"deep":1,"deep":2}}', "deep: "),
        (b'{"a\\"b":1,"a\\"b":2}', "twice"),
        (b'{"' + b"x" * 65 + b'":1,"' + b"x" * 65 + b'":2}', "The body has a key twice"),
        (b'{"name":1e400}', "range"),
        (DEEP, "nested"),
        (b'{"name":"a\\u0000"}', "U+0000"),
        (b'{"na\\u0000me":"a"}', "U+0000"),
        (b'{"name":123456789012345678901234567890}', "range"),
        (b"null", "object"),
        (b'"a"', "object"),
        (b"[]", "object"),
    ],
)
def test_a_refused_body_is_told_which_rule_it_broke(sandbox, raw, rule):
    answer = sandbox.post("/v1/agents", raw=raw)
    assert check_refusal(answer, {400}) == "" and rule in answer.json["message"]


def test_a_coded_body_is_refused(sandbox):
    answer = sandbox.post("/v1/agents", {"name": "a"}, headers={"Content-Encoding": "gzip"})
    assert check_refusal(answer, {415}) == ""


def test_of_two_keys_none_counts(server):
    line = f"Authorization: Bearer {server.key}\r\n"
    one = f"GET /v1/agents HTTP/1.1\r\nHost: x\r\n{line}\r\n"
    two = f"GET /v1/agents HTTP/1.1\r\nHost: x\r\n{line}{line}\r\n"
    assert talk(server, one.encode()).startswith(b"HTTP/1.1 200 ")
    assert talk(server, two.encode()).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("cut", [10, 40, 150, 180])
def test_a_request_that_breaks_off_is_told_so(server, cut):
    body = json.dumps({"name": "a" * 100}).encode()
    head = f"POST /v1/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = talk(server, (head.encode() + body)[:cut])
    assert answer.startswith(b"HTTP/1.1 400 ") and b"whole" in answer
