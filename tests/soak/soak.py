"""The server at work for an hour: ten million events, 2,000 subscribers who come and go. `./x soak`.
Memory and files must stay flat, no thread be stuck, the lag steady, and every subscriber be told everything once. Samples go to BUILD/soak/."""

import argparse
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import verdict  # noqa: E402
from course import Course  # noqa: E402
from support import build  # noqa: E402


def table(course):
    """Thirds beside each other."""
    yield "", "first third", "middle", "last"
    parts = verdict.thirds(course["samples"])

    def row(name, value):
        return name, *(value(part) for part in parts)

    yield row("events/s committed", lambda part: f"{rate(part, 'committed'):,.0f}")
    yield row("deliveries/s", lambda part: f"{rate(part, 'delivered'):,.0f}")
    yield row("streams open, median", lambda part: middle(part, "streams"))
    yield row("RSS in MiB, median (most)", lambda part: mib(part, "rss_kb"))
    yield row("PSS in MiB, median (most)", lambda part: mib(part, "pss_kb"))
    yield row("files beside the streams", lambda part: f"{sorted(one['files'] - one['streams'] for one in part)[len(part) // 2]:,}")
    yield row("threads", lambda part: len(part[-1]["threads"]))
    yield row("commit to reader in ms, p50 / p99", lambda part: "{} / {}".format(*verdict.of_lags(part)))
    yield row("store in MiB, at its end", lambda part: f"{part[-1]['store_bytes'] / 1048576:,.0f}")


def rate(part, name):
    return (part[-1][name] - part[0][name]) / (part[-1]["second"] - part[0]["second"])


def middle(part, name):
    return f"{sorted(one[name] for one in part)[len(part) // 2]:,}"


def mib(part, name):
    values = sorted(one[name] / 1024 for one in part)
    return f"{values[len(values) // 2]:.1f} ({values[-1]:.1f})"


def show(course):
    events = sum(course["acknowledged"].values())
    print(f"\n{events:,} events of {course['developers']:,} developers in {course['minutes']:.1f} minutes; {course['subscribers']:,} subscribers "
          f"in {course['counts']['sse'] + course['counts'].get('websocket', 0):,} connections checked {course['checked']:,} of them")
    print("  " + ", ".join(f"{what}: {count:,}" for what, count in course["counts"].items()))
    for name, *cells in table(course):
        print(f"  {name:36}" + "".join(f"{cell:>18}" for cell in cells))
    later = [one for part in verdict.thirds(course["samples"])[1:] for one in part]
    print(f"  RSS after the first third, least squares: {verdict.slope(later, 'rss_kb') / 1024:+.2f} MiB an hour")


def keep(course, found):
    folder = build.FOLDER / "soak"
    folder.mkdir(exist_ok=True)
    (folder / "soak.json").write_text(json.dumps({**course, "complaints": found}) + "\n")


def soak(minutes, events, subscribers, developers):
    """The course, and what is to be complained of."""
    with tempfile.TemporaryDirectory(prefix="grantex-soak-") as folder:
        course = Course(pathlib.Path(folder), minutes, events, subscribers, developers, lambda line: print(line, flush=True)).run()
    found = verdict.complaints(course)
    keep(course, found)
    show(course)
    return found


def main():
    parser = argparse.ArgumentParser(prog="./x soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--subscribers", type=int, default=2000)
    parser.add_argument("--developers", type=int, default=400, help="among whom events and subscribers are shared")
    found = soak(**vars(parser.parse_args()))
    for about, what in found.items():
        print(f"{about:10} {'held' if not what else 'NOT HELD: ' + '; '.join(what)}")
    sys.exit(1 if any(found.values()) else 0)


if __name__ == "__main__":
    main()
