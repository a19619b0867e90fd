"""How fast it is here: `./x bench [NAME…]`, or `./x bench fanout --against nchan|nats`. Each bench is a module with run(context) → {"title", "rows", "result"}; figures are ratios
to a floor that the same run measures, because machines differ and one machine differs from hour to hour."""

import json
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import against  # noqa: E402
import beside  # noqa: E402
import cancel  # noqa: E402
import debits  # noqa: E402
import debits_postgres  # noqa: E402
import fanout  # noqa: E402
import handler  # noqa: E402
import lag  # noqa: E402
import monitor  # noqa: E402
import nodes  # noqa: E402
import parse  # noqa: E402
import python  # noqa: E402
import replay  # noqa: E402
import start  # noqa: E402
import tls  # noqa: E402
import tokens  # noqa: E402

BENCHES = {
    "beside": beside.run,
    "cancel": cancel.run,
    "debits": debits.run,
    "debits-postgres": debits_postgres.run,
    "fanout": fanout.run,
    "handler": handler.run,
    "lag": lag.run,
    "monitor": monitor.run,
    "nodes": nodes.run,
    "parse": parse.run,
    "python": python.run,
    "replay": replay.run,
    "tokens": tokens.run,
    "start": start.run,
    "tls": tls.run,
}


def print_table(title, rows):
    print(f"\n{title}")
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def take_rival(names):
    """`fanout --against NAME` is a bench of its own."""
    if "--against" not in names:
        return names
    at = names.index("--against")
    if names[:at] != ["fanout"] or len(names) != at + 2:
        sys.exit(f"bench: fanout --against {'|'.join(against.RIVALS)}, and nothing else beside it")
    name = f"fanout against {names[-1]}"
    BENCHES[name] = lambda build: against.run(build, names[-1])
    return [name]


def main(names):
    names = take_rival(names)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.exit(f"bench: no such bench: {', '.join(unknown)}; there are: {', '.join(BENCHES)}")
    build = Path(os.environ.get("GRANTEX_BUILD_DIR", "build"))
    results = {"machine": {"cores": os.cpu_count(), "kernel": platform.release(), "cpu": platform.machine()}}
    for name in names or BENCHES:
        measured = BENCHES[name](build)
        print_table(measured["title"], measured["rows"])
        results[name] = measured["result"]
    target = build / "bench" / "results.json"
    target.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\n{json.dumps(results)}")


if __name__ == "__main__":
    main(sys.argv[1:])
