"""What the soak's rules call a fault: each course here is well but for one thing."""

import pytest

import verdict

SECONDS = 90


def sample(second):
    return {
        "second": second, "rss_kb": 50000, "pss_kb": 40000, "files": 130, "streams": 100, "store_bytes": 1, "lost": 0,
        "commits": 10 * second, "committed": 30 * second, "delivered": 90 * second, "lags": {"2": 99, "20": 1},
        "threads": {"grantexd 1": 5 * second, "gx-write 2": second, "gx-hooks 3": 7},
    }


def course(change=lambda one: None, **more):
    samples = [sample(second) for second in range(1, SECONDS + 1)]
    for one in samples:
        change(one)
    return {"samples": samples, "faults": [], "missing": [], "heads": {"a": 3}, "acknowledged": {"a": 3}, "subscribers": 100, "streams_at_most": 100,
            "files_before": 30, "files_after": 30, **more}


def late(**values):
    """These values in the last third."""
    return lambda one: one.update(values) if one["second"] > SECONDS * 2 / 3 else None


def test_a_course_that_is_well_is_not_complained_of():
    assert not any(verdict.complaints(course()).values())


def leaks(one):
    one["rss_kb"] += 500 * one["second"]


def one_more_file_a_second(one):
    one["files"] += one["second"]


def lane_that_stops(one):
    one["threads"]["gx-write 2"] = min(one["second"], 60)


def nothing_is_delivered_any_more(one):
    one["delivered"] = min(one["delivered"], 90 * 60)


@pytest.mark.parametrize(("about", "fault"), [
    ("memory", course(leaks)),
    ("memory", course(late(pss_kb=50000))),
    ("files", course(one_more_file_a_second)),
    ("files", course(files_after=31)),
    ("threads", course(lane_that_stops)),
    ("threads", course(nothing_is_delivered_any_more)),
    ("threads", course(late(threads={"grantexd 1": 1}))),
    ("threads", course(late(lost=1))),
    ("lag", course(late(lags={"2": 90, "1500": 10}))),
    ("sequences", course(faults=["after 3 came 5"])),
    ("sequences", course(missing=["a"])),
    ("sequences", course(heads={"a": 4})),
    ("sequences", course(streams_at_most=10)),
])
def test_what_does_not_hold_is_told_and_nothing_else(about, fault):
    assert [name for name, what in verdict.complaints(fault).items() if what] == [about]


def test_what_warms_up_in_the_first_third_is_no_leak():
    def grows_at_first(one):
        one["rss_kb"] += 2000 * min(one["second"], SECONDS / 3)
    assert not any(verdict.complaints(course(grows_at_first)).values())
