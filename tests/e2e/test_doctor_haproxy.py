"""`grantex doctor` before an HAProxy that is wrongly set up: the fault is found, and cured by the very lines that are printed."""

import pytest

from support.doctor import examined, found_and_cured, results
from support.proxy import Haproxy

WRONG = [
    # what is wrong (instead of the right line that says the same), which check, how bad
    (["timeout server 2s"], "idle", "bad"),
    (["timeout client 2s", "timeout server 2s", "timeout tunnel 2s"], "idle", "bad"),
    (["http-response del-header Cache-Control"], "no-transform", "bad"),
    (["http-request del-header Last-Event-ID"], "resume", "bad"),
    (["http-request del-header Authorization"], "key", "bad"),
    (["option httpclose"], "keep-alive", "advice"),
    (["maxconn 5"], "streams", "bad"),
]


@pytest.mark.parametrize("wrong, check, result", WRONG, ids=[f"{row[1]}-{row[0][0]}" for row in WRONG])
def test_a_fault_is_found_and_the_printed_lines_cure_it(before, wrong, check, result):
    found_and_cured(*before("haproxy"), wrong, check, result)


def test_a_compressor_that_no_longer_sees_no_transform_is_found_and_cured(before, tmp_path):
    """HAProxy honours it; not where another one has taken it off before."""
    server, inner = before("haproxy")
    inner.start(inner.config([*inner.RIGHT, "http-response del-header Cache-Control"]))
    (tmp_path / "outer").mkdir()
    outer = Haproxy(tmp_path / "outer", inner)
    try:
        lines = [*outer.RIGHT, "compression algo gzip", "compression type text/event-stream"]
        outer.start(outer.config(lines))
        found = examined(server, outer.url, "--proxy", "haproxy")
        assert found["compression"]["result"] == found["no-transform"]["result"] == "bad", found
        inner.start(inner.config(inner.mended(inner.RIGHT, found["no-transform"]["fixes"]["haproxy"])))
        assert results(examined(server, outer.url)) == {}, "no-transform is honoured"
        inner.start(inner.config([*inner.RIGHT, "http-response del-header Cache-Control"]))
        outer.start(outer.config(outer.mended(lines, found["compression"]["fixes"]["haproxy"])))
        assert set(results(examined(server, outer.url))) == {"no-transform"}
    finally:
        outer.stop()


def test_an_option_that_does_no_harm_is_not_blamed(before):
    server, proxy = before("haproxy")
    proxy.start(proxy.config([*proxy.RIGHT, "option http-buffer-request", "option forwardfor", "option http-server-close"]))
    found = examined(server, proxy.url)
    assert "bad" not in results(found).values(), found
