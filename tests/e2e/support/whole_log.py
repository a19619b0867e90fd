"""What a developer's log was in all, also of what was trimmed from it; and whether somebody who followed it got all of that."""

import bisect
import collections
import datetime

from . import store

BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
Event = collections.namedtuple("Event", "seq id type ms")


def ms_of(event_id):
    """The time that is in a ULID."""
    ms = 0
    for letter in event_id.removeprefix("evt_")[:10]:
        ms = ms * 32 + BASE32.index(letter)
    return ms


def read(server, developer_id):
    """Every event that ever was, in order."""
    kept = store.rows(server.database, "SELECT id, type FROM events WHERE developer_id = ?", developer_id)
    trimmed = store.rows(server.database, "SELECT type, ids FROM trimmed_events WHERE developer_id = ?", developer_id)
    ids = {row["id"].removeprefix("evt_"): row["type"] for row in kept}
    for row in trimmed:
        for start in range(0, len(row["ids"]), 26):
            ids[row["ids"][start:start + 26]] = row["type"]
    return [Event(seq, f"evt_{ulid}", ids[ulid], ms_of(ulid)) for seq, ulid in enumerate(sorted(ids), 1)]


def shown(types, type_name):
    """Whether that filter shows it."""
    return not types or any(
        type_name.startswith(one.removesuffix("*")) if one.endswith("*") else type_name == one for one in types.split(","))


class Follower:
    """Walks through what a subscriber was told, beside the log, and complains at the first word that is not true."""

    def __init__(self, who, log):
        self.who, self.log = who, log
        self.by_id = {event.id: event for event in log}
        self.wanted = [event.seq for event in log if shown(who.types, event.type)]
        self.accounted = set()  # seqs of `wanted` that came, or that a gap told of
        self.came = collections.Counter()
        self.at = 0  # this connection has told of everything up to here
        self.known = 0  # the highest seq that the client knows of
        self.repeats_to = 0  # of what it knew when it connected, what lies behind its starting point comes again

    def walk(self):
        for kind, what in self.who.told:
            getattr(self, f"_{kind}")(what)
        return self

    def missing(self):
        return [seq for seq in self.wanted if seq not in self.accounted]

    def _check(self, right, what):
        assert right, f"{self.who}: {what}, after {self.at}, in {self.who.told[-5:]}"

    def _between(self, first, last):
        return self.wanted[bisect.bisect_left(self.wanted, first):bisect.bisect_right(self.wanted, last)]

    def _connect(self, query):
        fields = dict(part.split("=", 1) for part in query.split("&"))
        self.repeats_to = self.known
        if "last_event_id" in fields:
            self.at = self.by_id[fields["last_event_id"]].seq
            # A gap that lies behind the cursor is told once more.
            self.accounted -= {seq for seq in self.accounted if seq > self.at and self.came[seq] == 0}
            return
        since = datetime.datetime.fromisoformat(fields["since"].replace("Z", "+00:00"))
        since_ms = round(since.timestamp() * 1000)
        self.at = next((event.seq for event in self.log if event.ms >= since_ms), len(self.log) + 1) - 1

    def _event(self, envelope):
        event = self.by_id.get(envelope["id"])
        self._check(event is not None and (event.seq, event.type) == (envelope["seq"], envelope["type"]), f"{envelope} is not in the log")
        self._check(self._between(self.at + 1, event.seq) == [event.seq], f"{event.seq} came out of its turn, or something before it is missing")
        self._check(event.seq <= self.repeats_to or self.came[event.seq] == 0, f"{event.seq} came twice")
        self._move(event.seq)
        self.came[event.seq] += 1
        self.accounted.add(event.seq)

    def _cursor(self, event_id):
        event = self.by_id.get(event_id)
        self._check(event is not None and event.seq >= self.at, f"the cursor {event_id} goes back, or nowhere")
        self._check(self._between(self.at + 1, event.seq) == [], f"the cursor {event.seq} passes over something")
        self._move(event.seq)

    def _gap(self, gap):
        missed = collections.Counter(self.log[seq - 1].type for seq in self._between(gap["from"], gap["to"]))
        self._check(gap["from"] == self.at + 1 <= gap["to"] <= len(self.log), f"{gap} begins elsewhere")
        self._check(gap["missed"] == {"total": missed.total(), **missed}, f"{gap} should have counted {missed}")
        self.accounted.update(self._between(gap["from"], gap["to"]))
        self._move(gap["to"])

    def _move(self, seq):
        self.at = seq
        self.known = max(self.known, seq)
