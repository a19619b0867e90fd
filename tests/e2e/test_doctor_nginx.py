"""`grantex doctor` before an nginx that is wrongly set up: the fault is found, and cured by the very lines that are printed."""

import re

import pytest

from support.doctor import doctor, examined, found_and_cured, results

# What nginx does by default, with a server whose X-Accel-Buffering it is told to ignore. (By HTTP/1.1 it passes on chunk by chunk.)
BUFFERS = ["proxy_buffering on;", "proxy_ignore_headers X-Accel-Buffering;", "proxy_http_version 1.0;", 'proxy_set_header Connection "close";']

WRONG = [
    # what is wrong (instead of the right line that says the same), what of nginx's http, which check, how bad
    ([*BUFFERS], "", "buffering", "bad"),
    (["proxy_read_timeout 2s;"], "", "idle", "bad"),
    (["gzip on;", "gzip_types text/event-stream;", "gzip_min_length 0;", "gzip_proxied any;"], "", "compression", "bad"),
    (["proxy_http_version 1.0;", 'proxy_set_header Connection "close";'], "", "upstream", "bad"),
    (['proxy_set_header Connection "close";'], "", "upstream", "advice"),
    (['proxy_set_header Last-Event-ID "";'], "", "resume", "bad"),
    (['proxy_set_header Authorization "";'], "", "key", "bad"),
    (["proxy_hide_header Cache-Control;", "expires 1h;"], "", "no-transform", "bad"),
    (["keepalive_timeout 0;"], "", "keep-alive", "advice"),
    (["limit_conn per_address 5;"], "limit_conn_zone $binary_remote_addr zone=per_address:1m;", "streams", "bad"),
    (['proxy_set_header Upgrade "";'], "", "websocket", "advice"),
]


@pytest.mark.parametrize("wrong, http, check, result", WRONG, ids=[f"{row[2]}-{row[0][0]}" for row in WRONG])
def test_a_fault_is_found_and_the_printed_lines_cure_it(before, wrong, http, check, result):
    found_and_cured(*before("nginx"), wrong, check, result, **({"http": [http]} if http else {}))


def test_what_nginx_does_by_itself_is_found_and_cured(before):
    """The configuration of nobody who has thought of streams."""
    server, proxy = before("nginx")
    proxy.start(proxy.config([]))
    said = doctor(server, proxy.url)
    assert said.returncode == 8 and "✗ upstream" in said.stdout
    fixes = re.findall(r"^    nginx: (.*)$", said.stdout, re.MULTILINE)
    assert "haproxy:" not in said.stdout, "nginx says who it is: only its lines are printed"
    proxy.start(proxy.config(proxy.mended([], fixes)))
    assert doctor(server, proxy.url).returncode == 0


def test_a_url_may_have_a_path_before_the_api(before):
    server, proxy = before("nginx")
    config = proxy.config(proxy.RIGHT).replace("location / {", "location /grants/ {").replace(proxy.upstream, f"{proxy.upstream}/")
    proxy.start(config)
    assert results(examined(server, f"{proxy.url}/grants/")) == {}


def test_a_proxy_that_cuts_later_than_the_heartbeats_come_is_only_advice(before):
    server, proxy = before("nginx")
    proxy.start(proxy.config(proxy.mended(proxy.RIGHT, ["proxy_read_timeout 3s;"])))
    found = examined(server, proxy.url)
    assert results(found) == {"idle": "advice"} and "keep it open" in found["idle"]["detail"]
