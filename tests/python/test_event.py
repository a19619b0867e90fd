"""GrantexEvent: frozen, and made by hand for tests of handlers."""

import copy
import gc
import json
import pickle
import typing
import weakref

import pytest

import grantex
from support import life

FIELDS = {"id": "evt_1", "type": "grant.created", "timestamp": "2026-03-01T12:00:00.000Z", "data": {"grantId": "grnt_1"}}


@pytest.fixture(name="event")
def fixture_event(client, api):
    life.new_grant(api)
    with client.events.stream(since="2020-01-01T00:00:00Z") as stream:
        return next(stream)


def test_it_cannot_be_changed(event):
    for name in ("id", "type", "timestamp", "data", "seq", "other"):
        with pytest.raises(AttributeError):
            setattr(event, name, "x")
        with pytest.raises(AttributeError):
            delattr(event, name)


def test_its_data_is_decoded_once(event):
    assert event.data is event.data and event.data["scopes"] == life.SCOPES and event.id is event.id


def test_it_is_shown_compared_hashed_copied_and_pickled(event):
    assert repr(event).startswith(f"GrantexEvent(id='{event.id}', type='grant.created', timestamp='20")
    for other in (copy.copy(event), copy.deepcopy(event), pickle.loads(pickle.dumps(event))):
        assert other == event and hash(other) == hash(event) and other.seq == event.seq == 1
    assert event != grantex.GrantexEvent(**FIELDS) and event != event.id


def test_it_is_made_by_hand():
    event = grantex.GrantexEvent(**FIELDS)
    assert {name: getattr(event, name) for name in FIELDS} == FIELDS and event.seq == 0
    match event:
        case grantex.GrantexEvent(id, "grant.created", timestamp, {"grantId": grant}, seq):
            assert (id, timestamp, grant, seq) == ("evt_1", FIELDS["timestamp"], "grnt_1", 0)
    for wrong in ({**FIELDS, "id": 5}, {**FIELDS, "data": "x"}, {**FIELDS, "seq": "x"}, {"id": "evt_1"}):
        with pytest.raises(TypeError):
            grantex.GrantexEvent(**wrong)


def test_its_types_can_be_asked_for():
    hints = typing.get_type_hints(grantex.GrantexEvent)
    assert hints == {"id": str, "type": str, "timestamp": str, "data": dict, "seq": int}


def test_a_ring_through_its_data_is_collected():
    class Marker:
        pass

    marker = Marker()
    event = grantex.GrantexEvent(**{**FIELDS, "data": {"marker": marker}})
    event.data["self"] = event
    gone = weakref.ref(marker)
    del event, marker
    gc.collect()
    assert gone() is None


def test_it_is_seen_by_the_collector_as_soon_as_it_can_be_in_a_ring(event):
    assert not gc.is_tracked(event)
    event.data
    assert gc.is_tracked(event)
    event.data["self"] = event
    del event
    gc.collect()
