"""GET /v1/events/range: from where to where the log goes, and how far a start lies behind its end."""

from support import life


def test_an_empty_log_has_neither_end(api):
    answer = api.get("/v1/events/range").expect(200)
    assert (answer["oldest"], answer["head"], answer["startSeq"], answer["behind"]) == (None, None, 0, 0)


def test_a_start_by_time_or_by_event_is_counted_from_the_end(sandbox):
    life.new_grant(sandbox)
    life.new_grant(sandbox)
    events = sandbox.get("/v1/events").expect(200)["events"]

    def at(query=""):
        answer = sandbox.get(f"/v1/events/range{query}").expect(200)
        for end, event in (("oldest", events[0]), ("head", events[3])):
            assert answer[end] == {name: event[name] for name in ("id", "seq", "timestamp")}
        return answer["startSeq"], answer["behind"]

    assert at() == (4, 0)
    assert at("?since=2020-01-01T00:00:00Z") == (0, 4)
    assert at(f"?after={events[1]['id']}") == (2, 2)
    assert at("?since=2100-01-01T00:00:00Z") == (4, 0)


def test_a_start_that_is_not_in_the_log_is_refused(sandbox):
    assert sandbox.get("/v1/events/range?after=evt_01ARZ3NDEKTSV4RRFFQ69G5FAV").expect(400)["code"] == "INVALID_CURSOR"
