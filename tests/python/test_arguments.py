"""Wrong arguments: TypeError or ValueError that names the argument, before anything is sent."""

import datetime
import decimal

import pytest

import grantex

NOW = datetime.datetime(2026, 3, 1, 12, 0)
SILENT = "http://127.0.0.1:9"


@pytest.fixture(name="nobody")
def fixture_nobody():
    """A client whose server does not exist: what is sent fails otherwise than what is refused here."""
    with grantex.Grantex("gx_test_key", base_url=SILENT, max_retries=0) as client:
        yield client


def at_the_edge(year, hours):
    """A time that is outside of the calendar once it is in UTC."""
    day = (1, 1, 0) if year == 1 else (12, 31, 23)
    return datetime.datetime(year, *day, tzinfo=datetime.timezone(datetime.timedelta(hours=hours)))


async def coroutine_function(error):
    pass


class CoroutineCallable:
    async def __call__(self, error):
        pass


class Named(float):
    """As numpy has them: a float that writes itself otherwise."""

    def __repr__(self):
        return f"Named({float(self)})"


TYPES = [
    ("event_types", lambda c: c.events.stream("grant.created")),
    ("event_types", lambda c: c.events.stream(5)),
    ("event_types", lambda c: c.events.stream(["grant.created", None])),
    ("event_types", lambda c: c.events.stream({"grant.created": 1})),
    ("since", lambda c: c.events.stream(since=5)),
    ("since", lambda c: c.events.stream(since=NOW.date())),
    ("cursor", lambda c: c.events.stream(cursor=5)),
    ("reconnect", lambda c: c.events.stream(reconnect=None)),
    ("on_notice", lambda c: c.events.stream(on_notice=5)),
    ("idle_timeout", lambda c: c.events.stream(idle_timeout="5")),
    ("max_attempts", lambda c: c.events.stream(max_attempts=True)),
    ("on_error", lambda c: c.events.subscribe(print, on_error=5)),
    ("on_error", lambda c: c.events.subscribe(print, on_error=coroutine_function)),
    ("on_error", lambda c: c.events.subscribe(print, on_error=CoroutineCallable())),
    ("grant_id", lambda c: c.grants.revoke(None)),
    ("grant_id", lambda c: c.grants.revoke(b"grnt_1")),
    ("status", lambda c: c.grants.list(status=5)),
    ("scopes", lambda c: c.authorize("ag_1", "anna", None)),
    ("scopes", lambda c: c.authorize("ag_1", "anna", "a:b")),
    ("amount", lambda c: c.budgets.debit("grnt_1", None)),
    ("amount", lambda c: c.budgets.debit("grnt_1", True)),
    ("metadata", lambda c: c.budgets.debit("grnt_1", 1, metadata=[])),
    ("metadata", lambda c: c.budgets.debit("grnt_1", 1, metadata={"a": object()})),
    ("scopes", lambda c: c.keys.create("robot", None)),
    ("scopes", lambda c: c.keys.create("robot", "admin")),
    ("overlap", lambda c: c.keys.rotate(overlap=5)),
    ("page", lambda c: c.webhooks.deliveries("wh_1", page="1")),
    ("body", lambda c: c.call("POST", "/v1/agents", [])),
    ("api_key", lambda c: grantex.Grantex(5)),
    ("base_url", lambda c: grantex.Grantex("k", base_url=5)),
    ("connect_timeout", lambda c: grantex.Grantex("k", connect_timeout="1")),
    ("max_retries", lambda c: grantex.Grantex("k", max_retries=1.5)),
]

VALUES = [
    ("event_types", lambda c: c.events.stream([])),
    ("event_types", lambda c: c.events.stream([""])),
    ("event_types", lambda c: c.events.stream(["a,b"])),
    ("event_types", lambda c: c.events.stream(["a\r\nb"])),
    ("since", lambda c: c.events.stream(since=NOW)),
    ("since", lambda c: c.events.stream(since="2026-03-01T12:00:00")),
    ("since", lambda c: c.events.stream(since="yesterday")),
    ("since", lambda c: c.events.stream(since="")),
    ("since", lambda c: c.events.stream(since="２０２６-03-01T12:00:00Z")),
    ("since", lambda c: c.events.stream(since=at_the_edge(1, 1))),
    ("since", lambda c: c.events.stream(since=at_the_edge(9999, -1))),
    ("event_types", lambda c: c.events.stream(["grant.\ud800"])),
    ("cursor", lambda c: c.events.stream(cursor="\udfff")),
    ("grant_id", lambda c: c.grants.revoke("grnt_\ud800")),
    ("name", lambda c: c.agents.register("\ud800")),
    ("scopes", lambda c: c.agents.register("a", ["\ud800"])),
    ("metadata", lambda c: c.budgets.debit("grnt_1", 1, metadata={"a": "\ud800"})),
    ("amount", lambda c: c.budgets.debit("grnt_1", "\ud800")),
    ("cursor", lambda c: c.events.stream(cursor="a\nb")),
    ("reconnect", lambda c: c.events.stream(reconnect="often")),
    ("on_gap", lambda c: c.events.stream(on_gap="hide")),
    ("idle_timeout", lambda c: c.events.stream(idle_timeout=0)),
    ("idle_timeout", lambda c: c.events.stream(idle_timeout=float("nan"))),
    ("max_attempts", lambda c: c.events.stream(max_attempts=-1)),
    ("grant_id", lambda c: c.grants.revoke("")),
    ("grant_id", lambda c: c.grants.revoke("a\0b")),
    ("initial", lambda c: c.budgets.allocate("grnt_1", 0)),
    ("amount", lambda c: c.budgets.debit("grnt_1", "0.00001")),
    ("amount", lambda c: c.budgets.debit("grnt_1", 0.1 + 0.2)),
    ("amount", lambda c: c.budgets.debit("grnt_1", float("nan"))),
    ("amount", lambda c: c.budgets.debit("grnt_1", 10**30)),
    ("amount", lambda c: c.budgets.debit("grnt_1", decimal.Decimal("1e999999999"))),
    ("amount", lambda c: c.budgets.debit("grnt_1", decimal.Decimal("1e-999999999"))),
    ("amount", lambda c: c.budgets.debit("grnt_1", -1)),
    ("metadata", lambda c: c.budgets.debit("grnt_1", 1, metadata={"a": float("nan")})),
    ("page_size", lambda c: c.webhooks.deliveries("wh_1", page_size=101)),
    ("path", lambda c: c.call("GET", "v1/me")),
    ("method", lambda c: c.call("BREW", "/v1/me")),
    ("api_key", lambda c: grantex.Grantex("with blanks")),
    ("base_url", lambda c: grantex.Grantex("k", base_url="ftp://x")),
    ("base_url", lambda c: grantex.Grantex("k", base_url="http://x:65536")),
    ("base_url", lambda c: grantex.Grantex("k", base_url="http://x:0/path")),
    ("base_url", lambda c: grantex.Grantex("k", base_url="http://[::1]:99999/")),
    ("base_url", lambda c: grantex.Grantex("k", base_url="http://x:80a")),
    ("api_key", lambda c: grantex.Grantex("\ud800")),
    ("ca_file", lambda c: grantex.Grantex("k", ca_file="\ud800")),
    ("connect_timeout", lambda c: grantex.Grantex("k", connect_timeout=-1)),
    ("max_retries", lambda c: grantex.Grantex("k", max_retries=-1)),
]


def by_name(cases):
    return pytest.mark.parametrize("name, call", cases, ids=[f"{name}-{i}" for i, (name, _) in enumerate(cases)])


@by_name(TYPES)
def test_a_wrong_type_names_the_argument(nobody, name, call):
    with pytest.raises(TypeError, match=rf"\b{name}\b"):
        call(nobody)


@by_name(VALUES)
def test_a_wrong_value_names_the_argument(nobody, name, call):
    with pytest.raises(ValueError, match=rf"\b{name}\b"):
        call(nobody)


def test_in_a_loop_a_wrong_argument_is_raised_by_the_call_and_not_by_the_await(run):
    async def main():
        async with grantex.Grantex("gx_test_key", base_url=SILENT) as client:
            with pytest.raises(TypeError, match="grant_id"):
                client.grants.revoke(None)

    run(main())


def test_without_a_key_nothing_is_sent(monkeypatch):
    for name in ("GRANTEX_API_KEY", "GRANTEX_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="api_key.*GRANTEX_API_KEY"):
        grantex.Grantex()


def test_key_and_address_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("GRANTEX_API_KEY", "gx_test_of-the-environment")
    monkeypatch.setenv("GRANTEX_BASE_URL", "http://127.0.0.1:9/here/")
    with grantex.Grantex() as client:
        assert client.base_url == "http://127.0.0.1:9/here"


@pytest.mark.parametrize("since", ["2026-03-01T12:00:00Z", "2026-03-01t12:00:00.123456789z", "2026-03-01T12:00:00-07:30"])
def test_what_the_server_takes_is_taken(nobody, since):
    nobody.events.stream(since=since).close()


def test_an_impossible_port_in_the_environment_is_named_as_well(monkeypatch):
    monkeypatch.setenv("GRANTEX_BASE_URL", "http://127.0.0.1:65536")
    with pytest.raises(ValueError, match="base_url"):
        grantex.Grantex("gx_test_key")


@pytest.mark.parametrize("url", ["http://x:65535", "https://[::1]:1/path:99999", "http://[2001:db8::9999]", "http://x:/", "http://x/a:b"])
def test_a_possible_address_is_taken(url):
    with grantex.Grantex("gx_test_key", base_url=url) as client:
        assert client.base_url == url.rstrip("/")


def test_the_last_second_of_the_calendar_is_taken(nobody):
    for year, hours in ((1, -1), (9999, 1)):
        nobody.events.stream(since=at_the_edge(year, hours)).close()


def test_an_amount_of_a_float_subclass_means_its_number(nobody):
    with pytest.raises(grantex.GrantexNetworkError):
        nobody.budgets.debit("grnt_1", Named(0.1))


@pytest.mark.parametrize("types", [("grant.created",), {"grant.*"}, iter(["budget.threshold"])])
def test_any_collection_of_types_is_taken(nobody, types):
    nobody.events.stream(types).close()
