"""A program that does one thing again and again, and each time another allocation of the interpreter's fails: the first, the second, … What it
ends with is told: one line, {"raised": …, "done": …}. A wrong answer, or an error that no memory explains, ends it with an assertion.

    short_of_memory.py URL KEY DEED
"""

import gc
import itertools
import json
import sys

import _testcapi

import grantex

PAST = "2020-01-01T00:00:00Z"
ENOUGH = 400  # allocations in a row that were not asked for any more


def read_a_stream(client):
    with client.events.stream(since=PAST) as stream:
        return [(event.id, event.type, event.seq, event.timestamp, event.data, repr(event), hash(event)) for event in itertools.islice(stream, 4)]


def make_calls(client):
    budgets = client.budgets.list()
    grant = client.grants.get(budgets[0].grant_id)
    return repr(grant), repr(budgets), repr(client.agents.list()), client.call("GET", "/v1/me")


def be_refused(client):
    try:
        client.grants.get("grnt_unknown")
    except grantex.GrantexApiError as error:
        return error.status_code, error.code, str(error).split("request")[0]
    raise AssertionError("it was not refused")


def make_a_client(client):
    with grantex.Grantex(sys.argv[2], base_url=client.base_url, request_timeout=5) as other:
        return other.base_url


def make_an_event(_client):
    event = grantex.GrantexEvent(id="evt_1", type="grant.created", timestamp="2026-03-01T12:00:00.000Z", data={"grantId": "grnt_1"})
    return repr(event), hash(event), event == grantex.GrantexEvent("evt_1", "grant.created", "2026-03-01T12:00:00.000Z", {}, 0)


DEEDS = {deed.__name__: deed for deed in (read_a_stream, make_calls, be_refused, make_a_client, make_an_event)}


# What CPython says itself of a lock, and of a frame, for which it had no memory. A function of ours that failed without a word would be named:
# "… returned NULL without setting an exception".
OF_THE_INTERPRETER = ("can't allocate lock", "error return without exception set")


def explained(error):
    """Python, or the library, says that there was no memory, at the beginning of the chain at least."""
    while error is not None:
        if isinstance(error, MemoryError) or "memory" in str(error) or str(error) in OF_THE_INTERPRETER:
            return True
        error = error.__cause__ or error.__context__
    return False


def without(n, deed, client):
    """What the deed returns while the n-th allocation fails, or None where it raises."""
    _testcapi.set_nomemory(n, n + 1)
    try:
        return deed(client)
    except Exception as error:  # pylint: disable=broad-exception-caught
        _testcapi.remove_mem_hooks()
        if not explained(error):
            raise
        return None
    finally:
        _testcapi.remove_mem_hooks()


def main():
    url, key, name = sys.argv[1:]
    deed, client = DEEDS[name], grantex.Grantex(key, base_url=url)
    gc.disable()
    wanted = [deed(client) for _ in range(20)][-1]  # caches are full
    raised = done = since = 0
    for n in itertools.count():
        said = without(n, deed, client)
        assert said is None or said == wanted, f"without allocation {n}: {said}"
        raised, done, since = (raised + 1, done, 0) if said is None else (raised, done + 1, since + 1)
        if since > ENOUGH:
            break
    assert deed(client) == wanted
    client.close()
    print(json.dumps({"raised": raised, "done": done}))


main()
