"""A subscriber that resumes after its last id wherever it is cut, and that must have been told everything once."""

import time

from . import build
from .stream import SseReader

MOST_CUTS = 1000


class Follower:
    def __init__(self, api, query="?since=2020-01-01T00:00:00Z"):
        self.api = api
        self.query = query
        self.seqs = []
        self.cuts = 0
        self.reader = None
        self._read = 0  # frames of this reader

    def connect(self):
        """Also where the server ends the connection as soon as it is there."""
        self.reader = None
        while self.reader is None:
            try:
                self.reader, self._read = SseReader(self.api, self.query), 0
            except OSError:
                self.cuts += 1
                assert self.cuts < MOST_CUTS
        return self

    def __enter__(self):
        return self.connect()

    def __exit__(self, *_):
        self.reader.close()

    def _take(self):
        for frame in self.reader.frames[self._read:]:
            self._read += 1
            if frame.is_event:
                self.seqs.append(frame.json["seq"])
            if frame.id:
                self.query = f"?last_event_id={frame.id}"

    def follow_to(self, seq):
        """Until this event has come; then all before it must have, too, each once and in its turn."""
        deadline = time.monotonic() + build.PATIENCE
        while not self.seqs or self.seqs[-1] < seq:
            self.reader.wait_for(lambda reader: reader.end or len(reader.frames) > self._read)
            ended = self.reader.end
            self._take()
            if ended and (not self.seqs or self.seqs[-1] < seq):
                assert self.reader.status in (None, 200, 503) and time.monotonic() < deadline, (self.reader.status, self.reader.body)
                self.cuts += 1
                self.reader.close()
                self.connect()
        assert self.seqs == list(range(self.seqs[0], seq + 1)), f"a hole, or a repetition: {self.seqs[-20:]}"
