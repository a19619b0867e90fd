"""The course of a soak: a server, developers, writers and subscribers; samples while they are at work, and what is there when they have gone."""

import json
import pathlib
import select
import subprocess
import sys
import time

import watch
from support import build, life, load
from support.server import Server

HERE = pathlib.Path(__file__).parent
MOST_OF_A_PROCESS = 1000
STAY, AWAY = 20, 3  # seconds, on average
PATIENCE = 10 * build.PATIENCE


class Helper:
    """subscribers.py, which is told words and answers with a line of JSON."""

    def __init__(self, program, *start):
        self.process = subprocess.Popen([sys.executable, HERE / program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.order(json.dumps(start))

    def order(self, word):
        print(word, file=self.process.stdin, flush=True)

    def ask(self, word):
        self.order(word)
        return self.read()

    def read(self):
        there, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert there, "a helper of the soak is silent"
        line = self.process.stdout.readline()
        assert line, "a helper of the soak has died (see above)"
        return json.loads(line)

    def end(self):
        """Its last word, if it has one."""
        self.process.stdin.close()
        last = self.process.stdout.read()
        assert self.process.wait(PATIENCE) == 0, "a helper of the soak has died (see above)"
        return json.loads(last) if last else None

    def kill(self):
        self.process.kill()
        self.process.wait()


def wait_for(predicate):
    """At most so long; what has not come then is told in the verdict."""
    deadline = time.monotonic() + PATIENCE
    while not predicate() and time.monotonic() < deadline:
        time.sleep(0.1)


class Course:
    def __init__(self, folder, minutes, events, subscribers, developers, say=print):
        self.seconds, self.events, self.count, self.size, self.say = minutes * 60, events, subscribers, developers, say
        self.retain_seconds = 20 if minutes < 10 else 60
        self.pause = max(1, self.seconds / 720)  # between samples
        self.helpers = []
        self.server = Server(folder, "--open-signup", "--rate-limits", "off", "--public-url", "https://grantex.example.com", "--heartbeat", 1000,
                             "--retain-age", f"{self.retain_seconds}s", "--retain-every", 500, "--log-level", "warn", command="serve")

    def run(self):
        self.server.start()
        try:
            return self._run()
        finally:
            for helper in self.helpers:
                helper.kill()
            self.server.finish()

    def _run(self):
        self._sign_up()
        self.watch = watch.Watch(self.server)
        self.watch.sample()
        files_before = self.watch.files()
        writers = load.Writers([("127.0.0.1", self.server.port)], self.keys, self.agents, self.events / self.seconds, patient=False)
        self.helpers.append(writers)
        crowds = self._gather()
        samples = self._observe(crowds, writers)
        acknowledged = writers.finish()["acknowledged"]
        heads = self._heads()
        said = self._settle(crowds, heads)
        for crowd in crowds:
            crowd.end()
        wait_for(lambda: self.watch.files() <= files_before)
        return {
            "minutes": samples[-1]["second"] / 60, "developers": len(self.keys), "subscribers": self.count, "samples": samples,
            "acknowledged": acknowledged, "heads": {name: seq for name, seq in heads.items() if seq}, "faults": sum((one["faults"] for one in said), []),
            "missing": [name for one in said for name, seq in one["seqs"].items() if seq < heads[name]],
            "counts": {what: sum(one["counts"].get(what, 0) for one in said) for what in sorted(set().union(*(one["counts"] for one in said)))},
            "checked": sum(one["events"] for one in said), "streams_at_most": max(one["streams"] for one in samples),
            "files_before": files_before, "files_after": self.watch.files(),
        }

    def _start(self, program, *start):
        self.helpers.append(Helper(program, *start))
        return self.helpers[-1]

    def _sign_up(self):
        self.keys, self.agents = {}, {}
        for number in range(self.size):
            api = self.server.sign_up(f"developer {number}", mode="sandbox")
            name = f"developer {number}"
            self.keys[name], self.agents[name] = api.key, life.register(api, scopes=load.SCOPES)

    def _gather(self):
        developers = list(self.keys.items())
        people = [developers[number % len(developers)] for number in range(self.count)]
        parts = [people[at:at + MOST_OF_A_PROCESS] for at in range(0, len(people), MOST_OF_A_PROCESS)]
        return [self._start("subscribers.py", self.server.port, part, self.retain_seconds, STAY, AWAY, number) for number, part in enumerate(parts)]

    # --- while they are at work ---

    def _observe(self, crowds, writers):
        samples = []
        while not samples or samples[-1]["second"] < self.seconds:
            time.sleep(self.pause)
            lags = {}
            for crowd in crowds:
                said = crowd.ask("state")
                assert not said["faults"], said["faults"][:5]
                for value, count in said["lags"].items():
                    lags[value] = lags.get(value, 0) + count
            samples.append({**self.watch.sample(), "lags": lags, "acknowledged": writers.so_far()})
            if len(samples) % 60 == 0:
                self._say_where(samples[-1])
        return samples

    def _say_where(self, now):
        self.say(f"{now['second'] / 60:6.1f} min  {now['acknowledged']:>10,} events  {now['delivered']:>12,.0f} deliveries  {now['streams']:>5} streams  "
                 f"{now['rss_kb'] / 1024:6.1f} MiB  {now['files'] - now['streams']:>4} other files")

    # --- at the end ---

    def _heads(self):
        """{developer: the newest sequence number}"""
        heads = {}
        for name, key in self.keys.items():
            heads[name] = (self.server.api(key).get("/v1/events/range").expect(200)["head"] or {"seq": 0})["seq"]
        return heads

    def _settle(self, crowds, heads):
        """Who is there is told the rest, whoever is away comes back for it."""
        for crowd in crowds:
            crowd.ask("settle")

        def everybody_is_there():
            self.said = [crowd.ask("state") for crowd in crowds]
            return all(seq >= heads[name] for one in self.said for name, seq in one["seqs"].items())

        wait_for(everybody_is_there)
        return self.said
