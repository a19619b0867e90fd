"""A strict reader of Prometheus' text format 0.0.4: whatever the format does not allow fails the test."""

import operator
import re
import time

from . import build

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?|\+Inf)")
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")


def scrape(api):
    answer = api.get("/metrics")
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(answer.body.decode())


def wait_for(api, key, value):
    return wait_for_all(api, {key: value})


def wait_for_all(api, expected, holds=operator.eq):
    """What another thread counts may come a moment later than its answer."""
    deadline = time.monotonic() + build.PATIENCE
    while True:
        samples = scrape(api)
        wrong = {key: samples.get(key) for key, wanted in expected.items() if not holds(samples.get(key), wanted)}
        if not wrong:
            return samples
        assert time.monotonic() < deadline, f"{wrong}, not {expected}"


def read(text):
    """{'name{label="value"}': number}"""
    assert text.endswith("\n")
    samples, types, last = {}, {}, None
    for line in text.splitlines():
        if head := HEAD.fullmatch(line):
            kind, name, rest = head.groups()
            if kind == "HELP":
                assert name not in types, f"{name} stands twice"
                types[name] = last = None
            else:
                assert types[name] is None and rest in ("counter", "gauge", "histogram"), line
                types[name] = rest
            last = name
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, f"no line of the format: {line!r}"
        assert _belongs(sample[1], last, types), f"{line!r} is not below its own TYPE"
        assert line.rsplit(" ", 1)[0] not in samples, f"{line!r} stands twice"
        samples[line.rsplit(" ", 1)[0]] = float(sample[3])
    _check_histograms(samples, types)
    return samples


def _belongs(name, family, types):
    endings = ("_bucket", "_sum", "_count") if types[family] == "histogram" else ("",)
    return any(name == family + ending for ending in endings)


def _check_histograms(samples, types):
    for family in (name for name, kind in types.items() if kind == "histogram"):
        rows = {}
        for key, value in samples.items():
            if key.startswith(family + "_bucket{"):
                labels, bound = re.fullmatch(r'[^{]+\{(.*?),?le="([^"]+)"\}', key).groups()
                rows.setdefault(labels, []).append((float(bound.replace("+Inf", "inf")), value))
        for labels, buckets in rows.items():
            assert buckets == sorted(buckets) and buckets[-1][0] == float("inf")
            assert [count for _, count in buckets] == sorted(count for _, count in buckets)
            suffix = f"{{{labels}}}" if labels else ""
            assert samples[f"{family}_count{suffix}"] == buckets[-1][1] and f"{family}_sum{suffix}" in samples
