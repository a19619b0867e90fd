"""The tables of the page, against the package itself: parameters with their types and defaults, fields, what is returned."""

import collections.abc
import inspect
import threading
import typing

import pytest

import page
from support import build, life

METHODS = {"Stream": "stream", "Subscribe": "subscribe"}
ROWS = [(heading, row) for heading in METHODS for row in page.parameters(heading)]


@pytest.fixture(name="client")
def fixture_client(grantex, server):
    with grantex.Grantex(api_key=server.key, base_url=server.url) as client:
        yield client


@pytest.fixture(name="event")
def fixture_event(client, sandbox):
    life.new_grant(sandbox)
    with client.events.stream(since="2020-01-01T00:00:00Z") as stream:
        return next(iter(stream))


def method_of(client, heading):
    return getattr(client.events, METHODS[heading])


def type_of(annotation, grantex):
    """What an annotation, or the text in a cell of the page, means."""
    names = {**vars(typing), "GrantexEvent": grantex.GrantexEvent}
    return eval(annotation, names) if isinstance(annotation, str) else annotation


def members(of):
    """Of a union; of everything else itself."""
    is_union = typing.get_origin(of) is typing.Union or type(of).__name__ == "UnionType"
    return set(typing.get_args(of)) if is_union else {type(None) if of is None else of}


def takes(wide, narrow):
    """Whether whoever keeps to the type `narrow` also keeps to the type `wide`."""
    if typing.get_origin(narrow) is not collections.abc.Callable:
        return members(narrow) <= members(wide)
    (given, back), (wanted, allowed) = typing.get_args(narrow), typing.get_args(wide)
    return given == wanted and members(back) <= members(allowed)


@pytest.mark.parametrize("heading", METHODS)
def test_the_parameters_stand_first_in_this_order_and_all_others_are_named(client, heading):
    parameters = list(inspect.signature(method_of(client, heading)).parameters.values())
    names = [row.name for row in page.parameters(heading)]
    assert [parameter.name for parameter in parameters[:len(names)]] == names
    assert all(parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for parameter in parameters[:len(names)])
    more = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD)
    assert all(parameter.kind in more for parameter in parameters[len(names):])


@pytest.mark.parametrize("heading, row", ROWS, ids=[f"{METHODS[heading]}-{row.name}" for heading, row in ROWS])
def test_a_parameter_is_required_or_has_a_default_and_takes_the_type_of_the_table(grantex, client, heading, row):
    method = method_of(client, heading)
    default = inspect.signature(method).parameters[row.name].default
    assert default is (inspect.Parameter.empty if row.required == "Yes" else None)
    hints = typing.get_type_hints(method)
    assert takes(hints[row.name], type_of(row.type, grantex)), f"{hints[row.name]} does not take all of {row.type}"


@pytest.mark.parametrize("wide, narrow, well", [
    ("str | None", "str | None", True), ("str | int | None", "str | None", True), ("str", "str | None", False),
    ("list[str] | None", "str | None", False), ("Callable[[int], int | None]", "Callable[[int], None]", True),
    ("Callable[[str], None]", "Callable[[int], None]", False), ("Callable[[int], int]", "Callable[[int], None]", False),
])
def test_a_type_that_does_not_take_another_is_seen(grantex, wide, narrow, well):
    assert takes(type_of(wide, grantex), type_of(narrow, grantex)) is well


def test_an_event_has_the_fields_of_the_table_and_they_cannot_be_set(event):
    types = {"str": str, "dict": dict}
    for field in page.event_fields():
        assert type(getattr(event, field.name)) is types[field.type], field
        with pytest.raises(AttributeError):
            setattr(event, field.name, getattr(event, field.name))


def test_an_event_is_the_exported_class(grantex, event):
    assert type(event) is grantex.GrantexEvent


def test_a_stream_is_asynchronous_and_can_be_closed_like_a_generator(client):
    stream = client.events.stream()
    assert all(callable(getattr(stream, name)) for name in ("__aiter__", "__anext__", "aclose"))
    assert stream.__aiter__() is stream
    stream.close()


def test_a_type_that_is_filtered_out_does_not_come(client, sandbox):
    life.new_grant(sandbox)
    with client.events.stream(["token.issued"], "2020-01-01T00:00:00Z") as stream:
        assert next(iter(stream)).type == "token.issued"


def test_subscribe_returns_a_callable_that_closes_the_connection_and_stops_the_events(client, sandbox, wait_open):
    seen, first = [], threading.Event()

    def handle(event):
        seen.append(event.type)
        first.set()

    unsubscribe = client.events.subscribe(handle, ["grant.created"])
    assert callable(unsubscribe)
    wait_open(1)
    life.new_grant(sandbox)
    assert first.wait(build.PATIENCE)
    assert unsubscribe() is None
    wait_open(0)
    life.new_grant(sandbox)
    unsubscribe()
    assert seen == ["grant.created"]
