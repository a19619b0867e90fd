"""Three nodes, three NATS servers in one cluster, PostgreSQL with a replica that confirms each commit, subscribers spread over the nodes and
writers at all of them. The last node reaches PostgreSQL and NATS, and is reached by subscribers and writers, over a wire that can be cut."""

import collections
import contextlib
import json
import time

from . import build, crowd, life, load, nats, whole_log
from .ports import free_port
from .postgres import Database, Postgres
from .server import Server
from .wire import Wire

DEVELOPERS = 100
NODES = 3
DRAIN_MS = 3000
POLL_MS = 500


def wait_for(predicate, what, patience=4 * build.PATIENCE):
    """What it says as soon as that is true. What hangs, not what is slow, is found by this deadline."""
    deadline = time.monotonic() + patience
    while not (said := predicate()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.05)
    return said


class Town:
    def __init__(self):
        self.ends = contextlib.ExitStack()
        self.failed_over = False

    def build(self, folder):
        """What of it stands is gone after close(), also when this fails."""
        self.primary = Postgres(free_port())
        self.ends.callback(self._remove_primary)
        self.primary.start()
        self.replica = self.primary.replica(free_port())
        self.ends.callback(self.replica.remove)
        wait_for(self.primary.in_step, "the replica confirms commits")
        self.database = self.primary.new_database()
        self.line = nats.cluster(folder)
        for one in self.line:
            one.start()
            self.ends.callback(one.kill)
        inner = Wire(self.primary.port, self.replica.port, *(one.port for one in self.line))
        self.ends.callback(inner.close)
        beside = [[self.primary.port, self.replica.port, *(one.port for one in self.line)]] * (NODES - 1)
        self.nodes = [self._start(folder / f"server-{number + 1}", ports) for number, ports in enumerate([*beside, inner.ports])]
        outer = Wire(self.nodes[-1].port)
        self.ends.callback(outer.close)
        self.wires = [inner, outer]
        self.addresses = [("127.0.0.1", port) for port in [*(node.port for node in self.nodes[:-1]), *outer.ports]]
        self._sign_up()

    def _start(self, folder, ports):
        folder.mkdir()
        bus = ",".join(f"nats://127.0.0.1:{port}" for port in ports[2:])
        store = f"postgres://grantex@127.0.0.1:{ports[1]},127.0.0.1:{ports[0]}/{self.database.name}"  # the replica first
        options = ["--bus", bus, "--poll", POLL_MS, "--heartbeat", 1000, "--open-signup", "--rate-limits", "off",
                   "--public-url", "https://grantex.example.com", "--max-streams", 5000, "--drain", DRAIN_MS]
        server = Server(folder, *options, command="serve", store=store)
        self.ends.callback(server.finish)
        return server.start()

    def _sign_up(self):
        self.keys, self.agents, self.expected = {}, {}, collections.Counter()
        for number in range(DEVELOPERS):
            api = self.nodes[0].sign_up(f"developer {number}", mode="sandbox")
            developer = api.get("/v1/me").expect(200)["developerId"]
            self.keys[developer], self.agents[developer] = api.key, life.register(api, scopes=load.SCOPES)

    def gather(self, subscribers):
        """The subscribers come, and stay to the end."""
        self.crowd = self.ends.enter_context(crowd.Crowd(self.addresses, self.keys, subscribers))
        wait_for(lambda: all(one["open"] for one in self.crowd.state()), "every subscriber is connected")

    # --- what a fault happens in ---

    @contextlib.contextmanager
    def at_work(self, rate):
        """Meanwhile the writers offer so many events a second. Afterwards all that they were promised is in the logs, and every subscriber's
        sequence equals its developer's log."""
        writers = load.Writers(self.addresses, self.keys, self.agents, rate)
        try:
            self.writers = writers
            self.await_acknowledged(200)
            yield writers
            self.await_acknowledged(200)
            said = writers.finish()
        except BaseException:
            writers.kill()
            raise
        self.expected.update(said["acknowledged"])
        events = sum(said["acknowledged"].values())
        print(f"{events} events acknowledged, {events / said['seconds']:.0f}/s; {said['repeated']} calls made again")
        self.check()

    def await_acknowledged(self, more):
        """Until so many more events have been acknowledged."""
        goal = self.writers.so_far() + more
        wait_for(lambda: self.writers.so_far() >= goal, f"{more} more events are acknowledged")

    def cut(self):
        """The last node is alone: from here on it hears nobody, and nobody hears it."""
        for wire in self.wires:
            wire.cut()

    def mend(self):
        for wire in self.wires:
            wire.mend()

    def fail_over(self):
        """PostgreSQL's machine stands still, and the replica is promoted."""
        self.failed_over = True
        self.primary.hang()
        self.replica.promote()
        self.database = Database(self.replica, self.database.name)

    def _remove_primary(self):
        if self.failed_over:
            self.primary.kill()
        self.primary.remove()

    # --- what must hold ---

    def logs(self):
        """{developer: (the newest sequence number, the digest of all ids)}"""
        heads = {}
        for developer in self.keys:
            log = whole_log.read(self, developer)
            ids = crowd.digest()
            ids.update("".join(event.id for event in log).encode())
            heads[developer] = (len(log), ids.hexdigest())
        return heads

    def check(self):
        logs = self.logs()
        assert collections.Counter({developer: head for developer, (head, _) in logs.items()}) == self.expected, "the logs have what was acknowledged, once"

        def everybody_is_there():
            state = self.crowd.state()
            assert [one for one in state if one["fault"]] == []
            return all(one["seq"] >= logs[one["developer"]][0] for one in state) and state

        state = wait_for(everybody_is_there, "every subscriber has the newest event")
        assert [one for one in state if (one["seq"], one["ids"]) != logs[one["developer"]]] == []

    def close(self):
        self.ends.close()
