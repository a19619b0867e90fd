"""The calculation of what many nodes need: it says what a pencil says, and the page shows what it says."""

import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "bench"))

import capacity  # noqa: E402  # pylint: disable=wrong-import-position

PAGE = ROOT / "docs" / "many-nodes-figures.md"


def needed(what, **changes):
    return {row[0]: row[1] for row in capacity.needs(**changes)}[what]


def test_the_page_shows_what_the_calculation_says():
    shown = PAGE.read_text().split("<!-- capacity -->\n")[1].split("<!-- /capacity -->")[0]
    assert shown == capacity.table()


@pytest.mark.parametrize(
    "what, changes, by_hand",
    [
        # 100,000 streams; and of the one developer who has them all, 1,000 events.
        ("a node: memory of its streams and of the newest events, bytes", {
            "nodes": 1, "subscribers": 100e3, "streams_of_a_developer": 100e3, "stream_user_bytes": 1000, "stream_kernel_bytes": 3000,
            "tail_frames": 1000, "tail_frame_bytes": 1000}, 401e6),
        ("a node: cores that hear the bus and deliver", {"delivery_cpu_us": 5, "heard_cpu_us": 20}, 0.25),  # 10,000 a second each
        ("a NATS server: messages/s out", {}, 330e3),  # 10,000 events for 99 others, by three
        ("PostgreSQL: synced commits/s", {"events_per_developer_per_second": 1}, 100e3),
        ("PostgreSQL: connections", {"nodes": 3}, 42),
        ("PostgreSQL: queries/s when a node's streams come back", {}, 160e3),  # 100,000 with 16 each in 10 s
        # One node, one thread, follows all 1,000: 63 queries for their logs, 63 for their keys, every 2 s.
        ("PostgreSQL: queries/s of polls", {"nodes": 1, "cores_of_a_node": 1, "subscribers": 100e3, "poll_s": 2}, 63),
    ],
)
def test_it_says_what_a_pencil_says(what, changes, by_hand):
    assert needed(what, **changes) == pytest.approx(by_hand)


def test_what_is_wanted_most_comes_first():
    used = [need / most for _, need, most in capacity.needs()]
    assert used == sorted(used, reverse=True)
    assert capacity.needs()[0][0] == "PostgreSQL: queries/s of polls" and "memory" in capacity.needs(poll_s=60)[0][0]
