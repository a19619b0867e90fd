"""What is seen of the server from outside while it works: memory, files, threads, its metrics, and that it answers."""

import pathlib
import time

from support import metrics


def _fields(path, *names):
    """The numbers behind "Name:" in a file of /proc."""
    found = dict.fromkeys(names, 0)
    for line in path.read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0])
    return [found[name] for name in names]


def _switches(task):
    """How often that thread was given a core: what is stuck, or has nothing to do, is not."""
    return sum(_fields(task / "status", "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"))


class Watch:
    def __init__(self, server):
        self.server, self.proc = server, pathlib.Path(f"/proc/{server.process.pid}")
        self.api = server.anonymous()
        self.began = time.monotonic()

    def files(self):
        return len(list((self.proc / "fd").iterdir()))

    def sample(self):
        """An answer that does not come in time ends the soak."""
        for path in ("/livez", "/readyz"):
            self.api.get(path).expect(200)
        told = metrics.scrape(self.api)
        rss, pss = _fields(self.proc / "smaps_rollup", "Rss", "Pss")
        threads = {}
        for task in (self.proc / "task").iterdir():
            threads[f"{(task / 'comm').read_text().strip()} {task.name}"] = _switches(task)
        streams = sum(told[f'grantex_streams_open{{transport="{kind}"}}'] for kind in ("sse", "websocket"))
        return {
            "second": time.monotonic() - self.began, "rss_kb": rss, "pss_kb": pss, "files": self.files(), "streams": int(streams), "threads": threads,
            "store_bytes": sum(path.stat().st_size for path in self.server.data.iterdir()),
            "committed": sum(value for key, value in told.items() if key.startswith("grantex_events_committed_total")),
            "commits": told["grantex_commits_total"], "delivered": told["grantex_events_delivered_total"],
            "replayed": told["grantex_events_replayed_total"], "lost": told["grantex_transactions_lost_total"],
            "lag_buckets": {key.split('"')[1]: value for key, value in told.items() if key.startswith("grantex_stream_lag_seconds_bucket")},
        }
