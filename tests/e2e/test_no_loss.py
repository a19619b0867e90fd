"""Hundreds of subscribers who stall, break off and come back, while others write and the log is trimmed: each of them has got, in order and
once, all that his filter shows, or was told exactly what of it he missed. A failure names its seed: GRANTEX_SEED=… runs that plan again
(who subscribes to what, when he sleeps and leaves; what happens between threads is the machine's)."""

import concurrent.futures
import os
import random
import select
import time

import pytest

from support import build, life, whole_log
from support.wanderer import Gone, Sse, Wanderer, WebSocket

SUBSCRIBERS = 200
EVENTS = 4000 * int(os.environ.get("GRANTEX_ROUNDS", "1"))
KILLS = 5 * int(os.environ.get("GRANTEX_ROUNDS", "1"))
FILTERS = [
    "", "", "grant.*", "budget.*", "token.issued", "grant.revoked", "budget.exhausted,grant.created", "budget.threshold,token.*",
]


@pytest.fixture(name="seed")
def fixture_seed(record_property):
    seed = int(os.environ.get("GRANTEX_SEED", random.SystemRandom().randrange(1 << 32)))
    record_property("seed", seed)
    print(f"GRANTEX_SEED={seed}")
    return seed


class Writers:
    """Four who do whatever makes events, until there are enough. A server that goes away in between is asked again."""

    def __init__(self, apis, seed):
        self.apis = apis
        self.done = 0
        self.stopped = False
        self.pool = concurrent.futures.ThreadPoolExecutor(4)
        self.runs = [self.pool.submit(self._write, random.Random(seed + number)) for number in range(4)]

    def _write(self, plan):
        while self.done < EVENTS and not self.stopped:
            try:
                self._one_life(plan, plan.choice(self.apis))
            except (OSError, AssertionError):  # of a server that was killed; what it has kept is what counts
                time.sleep(0.01)

    def _one_life(self, plan, api):
        grant = life.new_grant(api)
        life.allocate(api, grant, 10)
        for _ in range(plan.randrange(4)):
            life.debit(api, grant, plan.choice([2, 3]))
        life.refresh(api, grant)
        if plan.random() < 0.5:
            life.revoke(api, grant)
        self.done += 5

    def running(self):
        return not all(run.done() for run in self.runs)

    def finish(self):
        self.stopped = True
        for run in self.runs:
            run.result()


def subscribers(apis, seed):
    plan = random.Random(seed)
    return [
        Wanderer(number, plan.choice(apis), plan.choice([Sse, Sse, WebSocket]), plan.choice(FILTERS), random.Random(plan.random()))
        for number in range(SUBSCRIBERS)
    ]


def turn(wanderers, restless):
    """Everybody once: comes back, reads a little or much, falls asleep, or goes away."""
    for one in wanderers:
        if one.socket is None and one.plan.random() < (one.eagerness if restless else 1):
            try:
                one.connect()
            except Gone:
                pass
    awake = [one for one in wanderers if one.socket is not None and one.turns_asleep == 0]
    readable, _, _ = select.select(awake, [], [], 0.01)
    for one in wanderers:
        one.turns_asleep = max(0, one.turns_asleep - 1)
    for one in readable:
        try:
            one.read(one.plan.choice([1, 100, 1000, 65536]) if restless else 65536)
        except Gone:
            one.leave()
            continue
        if restless and one.plan.random() < 0.02:
            one.turns_asleep = one.plan.choice([5, 20, 100])
        elif restless and one.plan.random() < 0.02:
            one.leave()


def developer_of(api):
    return api.get("/v1/me").expect(200)["developerId"]


def read_to_the_end(server, wanderers):
    """Until each is accounted for all that he wants, by the whole log as the store has it."""
    logs = {api: whole_log.read(server, developer_of(api)) for api in {one.api for one in wanderers}}
    deadline = time.monotonic() + 3 * build.PATIENCE
    waiting = wanderers
    while waiting:
        assert time.monotonic() < deadline, f"{len(waiting)} never got all, {waiting[0]} not {missing(waiting[0], logs)[:10]}"
        for _ in range(20):
            turn(waiting, False)
        waiting = [one for one in waiting if missing(one, logs)]
    return logs


def missing(one, logs):
    return whole_log.Follower(one, logs[one.api]).walk().missing()


def assert_the_proof_had_something_to_prove(wanderers, logs):
    told = [kind for one in wanderers for kind, _ in one.told]
    assert told.count("connect") > 2 * SUBSCRIBERS and told.count("cursor") > 0
    assert told.count("event") > SUBSCRIBERS * 20
    assert all(len(log) >= 50 for log in logs.values())
    return told


@pytest.mark.plain
def test_whoever_stalls_or_breaks_off_while_the_log_is_trimmed_has_all_or_knows_exactly_what_not(start, seed):
    server = start("--retain-events", 20, "--retain-every", 50, "--heartbeat", 500)
    busy, quiet = server.api(), server.sign_up("B", "sandbox")
    apis = [busy] * 9 + [quiet]  # what is in memory still is not missed, so one of them must leave that behind
    wanderers = subscribers(apis, seed)
    writers = Writers(apis, seed)
    while writers.running():
        turn(wanderers, True)
    writers.finish()
    logs = read_to_the_end(server, wanderers)
    told = assert_the_proof_had_something_to_prove(wanderers, logs)
    assert told.count("gap") > 10
    for one in wanderers:
        one.leave()


@pytest.mark.plain
def test_through_kill_9_at_any_moment_nobody_misses_an_event_or_gets_one_twice(start, seed):
    server = start("--heartbeat", 500)
    apis = [server.api(), server.sign_up("B", "sandbox"), server.sign_up("C", "sandbox")]
    wanderers = subscribers(apis, seed)
    plan = random.Random(seed)
    kills = sorted(plan.randrange(EVENTS) for _ in range(KILLS))
    writers = Writers(apis, seed)
    while writers.running():
        turn(wanderers, True)
        if kills and writers.done >= kills[0]:
            kills.pop(0)
            server.restart()
    writers.finish()
    logs = read_to_the_end(server, wanderers)
    told = assert_the_proof_had_something_to_prove(wanderers, logs)
    assert told.count("gap") == 0 and not kills
    for one in wanderers:
        one.leave()
