"""Many who change one developer's grants at a time, and what the developer's log must look like to whoever follows it."""

import concurrent.futures

from . import life

WRITERS = 16


def write(apis, rounds):
    """Each writer in rounds of three events, through the APIs in turn. Returns how many events that makes."""
    agent_id = life.register(apis[0])

    def write_rounds(number):
        api = apis[number % len(apis)]
        for _ in range(rounds):
            life.revoke(api, life.new_grant(api, f"user_{number}", agent_id))

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write_rounds, range(WRITERS)))
    return 3 * WRITERS * rounds


def check_order(events, first=1):
    """No hole, nothing twice, nothing out of its turn."""
    assert [event["seq"] for event in events] == list(range(first, first + len(events)))
    for name in ("id", "timestamp"):
        assert [event[name] for event in events] == sorted(event[name] for event in events)
    assert len({event["id"] for event in events}) == len(events)
