"""What many nodes with many subscribers need, by calculation: `python3 bench/capacity.py` prints the table of docs/many-nodes-figures.md, which
tests/tools/test_capacity.py holds against it. What is MEASURED comes from docs/performance.md and docs/many-nodes-figures.md, what is ASSUMED is
yours to change; nothing of it was run at this size."""

import math

MEASURED = {
    "stream_user_bytes": 901,  # ./x bench fanout, an idle stream
    "stream_kernel_bytes": 2368 + 832 + 192 + 192 + 128,  # slabs of Linux 6.18: TCP, its inode, file, name, epoll item
    "tail_frames": 1024,  # src/feed/feed.c: of each developer that is followed the newest events stay in memory, however old
    "tail_frame_bytes": 900,  # ./x soak: 384 MiB for 400 developers
    "delivery_cpu_us": 5.8,  # ./x bench fanout, 100,000 deliveries/s one at a time
    "heard_cpu_us": 26.7,  # an event that comes over the bus, whoever follows it
    "event_bytes": 356,  # ./x bench nodes: a threshold's frame
    "poll_logs_per_query": 16,  # src/store/log_reach.c; two queries each
    "connections_beside_cores": 6,  # docs/many-nodes.md: of a node to PostgreSQL
    "queries_per_change": 12,  # statements that PostgreSQL logs of a debit that crosses a threshold, BEGIN and COMMIT too
    "queries_per_resume": 16,  # the same of a stream that comes back by an id, and of the looks at its log that follow
}

ASSUMED = {
    "nodes": 100,
    "cores_of_a_node": 8,
    "subscribers": 10_000_000,
    "streams_of_a_developer": 100,
    "events_per_developer_per_second": 0.1,
    "poll_s": 1.0,
    "back_within_s": 10.0,  # those of a node that died: clients' back-off spreads them
    # What one machine of today does. The first two are what their makers publish for small messages and simple statements, halved.
    "nats_messages_per_second": 2_000_000,  # out of one nats-server
    "postgres_queries_per_second": 200_000,  # simple ones, by key, 32 cores
    "postgres_commits_per_second": 20_000,  # synced, shared by those who commit together
    "postgres_connections": 2_000,
    "nats_servers": 3,
    "network_bytes_per_second": 1.25e9,  # 10 Gbit/s
    "memory_bytes": 32e9,
    "core_share": 0.6,  # above that, delays grow
}


def followed_by_one_of(places, case):
    """Developers who have at least one stream there, when each stream goes anywhere with the same chance."""
    developers = case["subscribers"] / case["streams_of_a_developer"]
    if case.get("together"):
        return developers / case["nodes"]
    return developers * (1 - (1 - 1 / places) ** case["streams_of_a_developer"])


def memory_of_a_node(case):
    streams = case["subscribers"] / case["nodes"] * (case["stream_user_bytes"] + case["stream_kernel_bytes"])
    return streams + followed_by_one_of(case["nodes"], case) * case["tail_frames"] * case["tail_frame_bytes"]


def polls_per_second(case):
    threads = case["nodes"] * case["cores_of_a_node"]
    queries = 2 * math.ceil(followed_by_one_of(threads, case) / case["poll_logs_per_query"])
    return threads * queries / case["poll_s"]


def needs(**changes):
    """[(what, needed, there is)] of one machine of each kind, most wanted first."""
    case = {**MEASURED, **ASSUMED, **changes}
    streams = case["subscribers"] / case["nodes"]
    events = case["subscribers"] / case["streams_of_a_developer"] * case["events_per_developer_per_second"]
    deliveries = events * case["streams_of_a_developer"] / case["nodes"]
    copies = events * (case["nodes"] - 1) / case["nats_servers"]
    rows = [
        ("a node: memory of its streams and of the newest events, bytes", memory_of_a_node(case), case["memory_bytes"]),
        ("a node: cores that hear the bus and deliver", (deliveries * case["delivery_cpu_us"] + events * case["heard_cpu_us"]) / 1e6,
         case["cores_of_a_node"] * case["core_share"]),
        ("a node: bytes/s to its subscribers", deliveries * case["event_bytes"], case["network_bytes_per_second"]),
        ("a NATS server: messages/s out", copies, case["nats_messages_per_second"]),
        ("a NATS server: bytes/s out", copies * case["event_bytes"], case["network_bytes_per_second"]),
        ("PostgreSQL: synced commits/s", events, case["postgres_commits_per_second"]),
        ("PostgreSQL: queries/s of changes", events * case["queries_per_change"], case["postgres_queries_per_second"]),
        ("PostgreSQL: queries/s of polls", polls_per_second(case), case["postgres_queries_per_second"]),
        ("PostgreSQL: queries/s when a node's streams come back", streams * case["queries_per_resume"] / case["back_within_s"],
         case["postgres_queries_per_second"]),
        ("PostgreSQL: connections", case["nodes"] * (case["connections_beside_cores"] + case["cores_of_a_node"]), case["postgres_connections"]),
    ]
    return sorted(rows, key=lambda row: row[1] / row[2], reverse=True)


def short(number):
    for unit, name in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= unit:
            return f"{number / unit:.3g}{name}"
    return f"{number:.3g}"


CASES = (
    ("the bus, and a poll each second as by default", {}),
    ("the bus, and `--poll 60000`", {"poll_s": 60.0}),
    ("the bus, `--poll 60000`, and a developer's streams kept together at one node", {"poll_s": 60.0, "together": True}),
    ("the same, and ten times the events", {"poll_s": 60.0, "together": True, "events_per_developer_per_second": 1.0}),
)


def table():
    lines = []
    for title, changes in CASES:
        lines += [f"**{title[0].upper()}{title[1:]}**", "", "| | needed | there is | used |", "|---|---|---|---|"]
        lines += [f"| {what} | {short(needed)} | {short(most)} | {needed / most:.0%} |" for what, needed, most in needs(**changes)]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    print(table(), end="")
