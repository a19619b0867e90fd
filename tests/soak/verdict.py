"""What must hold of a soak: rules over its samples. The first third warms up; the last is held against the middle one, or the first."""

import statistics

MEMORY_PART, MEMORY_KB = 0.05, 6144  # more in the last third than in the middle one
FILES_APART = 16  # beside the streams: calls that are under way
LAG_TIMES, LAG_MS = 5, 1000  # p99 of the last third: so many times the first's, or below that
CPU_COUNTERS = ("commits", "committed", "delivered")


def thirds(samples):
    size = len(samples) // 3
    assert size >= 3, f"{len(samples)} samples are too few"
    return samples[:size], samples[size:2 * size], samples[2 * size:]


def percentile(counts, part):
    """Of {milliseconds: how often}."""
    left = part * sum(counts.values())
    for value in sorted(counts, key=int):
        left -= counts[value]
        if left <= 0:
            return int(value)
    return 0


def slope(samples, name):
    """By least squares, in units an hour."""
    seconds, values = [one["second"] for one in samples], [one[name] for one in samples]
    return statistics.linear_regression(seconds, values).slope * 3600


def of_lags(samples):
    whole = {}
    for one in samples:
        for value, count in one["lags"].items():
            whole[value] = whole.get(value, 0) + count
    return percentile(whole, 0.5), percentile(whole, 0.99)


def memory(samples, name):
    """(how much more, how much may be) in kB, by the medians of the thirds."""
    _, middle, last = thirds(samples)
    before, after = (statistics.median(one[name] for one in part) for part in (middle, last))
    return after - before, before * MEMORY_PART + MEMORY_KB


def files_beside_streams(samples):
    _, middle, last = thirds(samples)
    return [statistics.median(one["files"] - one["streams"] for one in part) for part in (middle, last)]


def stuck_threads(samples):
    """Threads that have gone or come, and those that were at work in the first third and did nothing in the last."""
    first, _, last = thirds(samples)
    names = set(first[0]["threads"]) ^ set(last[-1]["threads"])
    for name in set(first[0]["threads"]) & set(last[-1]["threads"]):
        if first[-1]["threads"][name] > first[0]["threads"][name] and last[-1]["threads"][name] == last[0]["threads"][name]:
            names.add(name)
    return sorted(names)


def standing_still(samples):
    """Counters that every third must move."""
    return [name for name in CPU_COUNTERS if any(part[-1][name] <= part[0][name] for part in thirds(samples))]


def complaints(course):
    """Of a course (course.py), by what they are about; all empty when it held."""
    samples = course["samples"]
    found = {"sequences": list(course["faults"][:5]), "memory": [], "files": [], "threads": [], "lag": []}
    if course["streams_at_most"] < course["subscribers"] / 2:
        found["sequences"].append(f"only {course['streams_at_most']} streams were ever open at a time")
    if course["missing"]:
        found["sequences"].append(f"at the end these were not told everything: {course['missing'][:5]}")
    if course["heads"] != course["acknowledged"]:
        found["sequences"].append("the logs are not what was acknowledged")
    for name in ("rss_kb", "pss_kb"):
        more, most = memory(samples, name)
        if more > most:
            found["memory"].append(f"{name}: {more:.0f} more in the last third than in the middle one, {most:.0f} at most")
    middle, last = files_beside_streams(samples)
    if abs(last - middle) > FILES_APART:
        found["files"].append(f"beside the streams {middle:.0f} files were open, then {last:.0f}")
    if course["files_after"] > course["files_before"]:
        found["files"].append(f"{course['files_before']} files were open before anybody came, {course['files_after']} when all had gone")
    if stuck := stuck_threads(samples):
        found["threads"].append(f"stuck, gone or new: {stuck}")
    if still := standing_still(samples):
        found["threads"].append(f"standing still: {still}")
    if samples[-1]["lost"]:
        found["threads"].append(f"{samples[-1]['lost']:.0f} transactions were lost")
    first, _, last = thirds(samples)
    (_, before), (_, after) = of_lags(first), of_lags(last)
    if after > max(before * LAG_TIMES, LAG_MS):
        found["lag"].append(f"p99 was {before} ms in the first third, {after} ms in the last")
    return found
