"""Events to many subscribers over TLS, against a bare loop that gives the same bytes to OpenSSL for as many sockets. As in fanout.py, whoever
sends is on core 0 and whoever reads on core 1. The reader decrypts, and has more to do than the sender: deliveries a second are mostly
its own, so that what is compared is what a delivery costs the sender."""

import statistics
import subprocess
import tempfile
from pathlib import Path

import fanout
import figures


def certificate(folder):
    """[certificate, key] of somebody whom nobody asks who he is: P-256, as most servers have."""
    made = [str(Path(folder) / name) for name in ("tls.crt", "tls.key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj", "/CN=localhost",
         "-out", made[0], "-keyout", made[1]], check=True, capture_output=True)
    return made


def one_round(build, certificate):
    pairs = {side: fanout.Pair(build, side, fanout.STREAMS, certificate) for side in fanout.SIDES}
    try:
        return {load: {side: pairs[side].run(*order) for side in fanout.SIDES} for load, (_, *order) in fanout.LOADS.items()}
    finally:
        for pair in pairs.values():
            pair.close()


def run(build):
    with tempfile.TemporaryDirectory(prefix="grantex-bench-") as folder:
        made = certificate(folder)
        rounds = [one_round(build, made) for _ in range(fanout.ROUNDS)]
    for one in rounds:
        for load in one.values():
            for side in load.values():
                side["per_cpu_second"] = 1e6 / side["cpu_per_million"]
    rows = [("", "median", "spread", "wanted")]
    for load, (title, *_) in fanout.LOADS.items():
        rows += fanout.comparison(rounds, f"{title}, deliveries per CPU second of the sender", load, "per_cpu_second", "{:,.0f}", "at least 0.80")
        rows += fanout.comparison(rounds, f"{title}, deliveries/s", load, "per_second", "{:,.0f}", "at least 0.80")
    medians = {load: statistics.median(fanout.ratios(rounds, load, "per_cpu_second")) for load in fanout.LOADS}
    title = f"fan-out over TLS 1.3 to {fanout.STREAMS:,} streams ({fanout.ROUNDS} rounds; sender on core 0, readers on core 1; events from memory)"
    return {"title": title, "rows": rows, "result": {"rounds": rounds, "ratio_to_floor": medians}}
