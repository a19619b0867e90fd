"""The soak in its short form: the whole course and the same verdict as `./x soak`, in two minutes and with a tenth of the subscribers."""

import pytest

import soak

# Twenty developers' latest events, which the server keeps in memory, are as many as they will ever be before the first third is over.
MINUTES, EVENTS, SUBSCRIBERS, DEVELOPERS = 2, 72_000, 200, 20


@pytest.fixture(name="complaints", scope="module")
def fixture_complaints():
    return soak.soak(MINUTES, EVENTS, SUBSCRIBERS, DEVELOPERS)


def test_everybody_who_comes_and_goes_is_told_everything_once(complaints):
    assert complaints["sequences"] == []


def test_memory_is_flat(complaints):
    assert complaints["memory"] == []


def test_file_descriptors_are_flat_and_all_given_back(complaints):
    assert complaints["files"] == []


def test_no_thread_is_stuck(complaints):
    assert complaints["threads"] == []


def test_the_lag_is_steady(complaints):
    assert complaints["lag"] == []
