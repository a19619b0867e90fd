"""Each payload on the page: its keys and JSON types are what the server sends, and every value it names really comes."""

import pytest

import page
from support import life
from support.stream import wait_events


def session(api, principal_id):
    answer = api.post("/v1/principal-sessions", {"principalId": principal_id}).expect(201)
    return answer["sessionToken"]


@pytest.fixture(name="events")
def fixture_events(server, sandbox):
    """Everything that the page knows of has happened, in every way that it knows."""
    spent = life.new_grant(sandbox)
    life.allocate(sandbox, spent, 1000)
    for amount in (500, 300, 200):
        life.debit(sandbox, spent, amount)
    life.refresh(sandbox, spent)
    below = life.delegate(sandbox, spent)
    life.revoke(sandbox, spent)
    taken_back = life.new_grant(sandbox)
    life.revoke_as_principal(server.api(session(sandbox, taken_back.principal_id)), taken_back.id)
    events = wait_events(sandbox, ",".join(page.payloads()), 13)
    assert by_type(events, "grant.revoked") == [
        (spent.id, "developer"), (below.id, "system"), (taken_back.id, "principal")]
    return events


def by_type(events, name):
    return [(event["data"]["grantId"], event["data"].get("revokedBy")) for event in events if event["type"] == name]


def faults_of(example, value, where="event"):
    """Where a value is not of the example's JSON type; an object may have more keys. Ids begin as the example's do."""
    if isinstance(example, dict):
        if not isinstance(value, dict):
            return [f"{where} is no object: {value!r}"]
        missing = [f"{where}.{key} is missing" for key in example if key not in value]
        return missing + [fault for key in example if key in value for fault in faults_of(example[key], value[key], f"{where}.{key}")]
    if isinstance(example, list):
        if not isinstance(value, list) or not value:
            return [f"{where} is no array with something in it: {value!r}"]
        return [fault for item in value for fault in faults_of(example[0], item, f"{where}[]")]
    if isinstance(example, str):
        start = example.split("01HXYZ")[0] if "01HXYZ" in example else ""
        return [] if isinstance(value, str) and value.startswith(start) else [f"{where} is no text like {example!r}: {value!r}"]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return [] if number else [f"{where} is no number: {value!r}"]


@pytest.mark.parametrize("example, value, faults", [
    ({"a": 1}, {"a": 2, "b": 3}, 0), ({"a": 1}, {}, 1), ({"a": 1}, {"a": "1"}, 1), ({"a": 1}, {"a": True}, 1),
    (["x"], ["y", "z"], 0), (["x"], [], 1), (["x"], ["y", 1], 1), ({"a": 1}, [], 1), ("x", None, 1),
    ("ag_01HXYZ...", "ag_01J", 0), ("ag_01HXYZ...", "grnt_01J", 1),
])
def test_what_is_not_as_the_example_is_seen(example, value, faults):
    assert len(faults_of(example, value)) == faults


def test_every_event_has_the_keys_and_types_of_its_example(events):
    examples = page.payloads()
    assert {event["type"] for event in events} == set(examples)
    assert [fault for event in events for fault in faults_of(examples[event["type"]], event, event["type"])] == []


def test_every_event_has_the_fields_of_the_table(events):
    types = {"str": str, "dict": dict}
    for event in events:
        assert {field.name: type(event[field.name]) for field in page.event_fields()} == {
            field.name: types[field.type] for field in page.event_fields()}


@pytest.mark.parametrize("name, field", page.enums())
def test_each_value_that_the_page_names_comes_and_no_other(events, name, field):
    assert sorted({event["data"][field] for event in events if event["type"] == name}) == sorted(page.enums()[name, field])


def test_a_budget_says_where_it_stands_at_each_threshold(events):
    told = [event["data"] for event in events if event["type"] == "budget.threshold"]
    assert [data["percentage"] for data in told] == page.percentages()
    example = page.payloads()["budget.threshold"]["data"]
    assert {key: told[1][key] for key in ("percentage", "remaining", "initial")} == {
        key: example[key] for key in ("percentage", "remaining", "initial")}
    (exhausted,) = [event["data"] for event in events if event["type"] == "budget.exhausted"]
    assert exhausted["initial"] == page.payloads()["budget.exhausted"]["data"]["initial"]


def test_a_new_grant_tells_what_the_page_tells(events):
    example = page.payloads()["grant.created"]["data"]
    created = next(event["data"] for event in events if event["type"] == "grant.created")
    assert (created["principalId"], created["scopes"]) == (example["principalId"], example["scopes"])
