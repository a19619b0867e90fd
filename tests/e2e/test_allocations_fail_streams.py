"""An allocation of the server fails while it starts, while somebody subscribes, while events go out, over TLS, and while it ends:
it starts or says why not, a subscriber that resumes misses nothing, and it ends well."""

import json
import re
import signal

import pytest

from support import build, life, tls
from support.follower import Follower
from support.memory import ALL, ServerShortOfMemory
from support.receiver import Receiver
from support.shortage import CUT, House
from support.websocket import TEXT, WsClient

pytestmark = pytest.mark.sqlite
BEGINNING = "?since=2020-01-01T00:00:00Z"
SAYS_WHY = re.compile(r"^grantexd: .{8,}|level=error message=.{8,}", re.MULTILINE)
OPTIONS = ("--heartbeat", 100, "--webhook-retry", "20,20,20,20")


@pytest.fixture(name="house")
def fixture_house(tmp_path):
    house = House(tmp_path, *OPTIONS)
    yield house
    house.finish()


def event(house, api):
    """One more event in the log of that developer; its seq."""
    life.refresh(api, house.lasting[api.key])
    return house.head(api)


@pytest.fixture(name="log")
def fixture_log(house):
    """A developer whose log has a few events, and will have more."""
    house.lasting = {house.sandbox.key: life.new_grant(house.sandbox, agent_id=house.agent)}
    for _ in range(8):
        event(house, house.sandbox)
    return house.sandbox


def every(house, step, libraries=ALL):
    """step() with each allocation failing in turn; how many did."""
    rounds = 0
    for rounds, failing in enumerate(house.memory.every(libraries), 1):
        try:
            step(failing)
            assert house.server.running()
        except (AssertionError, *CUT) as fault:
            raise AssertionError(f"allocation {rounds}: {fault!r}\n{house.server.stderr_tail()}") from fault
    return rounds - 1


def test_who_subscribes_and_replays_misses_nothing(house, log):
    head = house.head(log)

    def step(failing):
        with failing:
            follower = Follower(log, BEGINNING)
            with follower:
                follower.follow_to(head)
        assert follower.seqs == list(range(1, head + 1))

    assert every(house, step) > 10


def test_who_is_subscribed_misses_no_event_of_those_that_come(house, log):
    with Follower(log, BEGINNING) as follower:
        follower.follow_to(house.head(log))

        def step(failing):
            with failing:
                try:
                    life.refresh(log, house.lasting[log.key])
                except (AssertionError, *CUT):
                    house.lasting[log.key] = None
            house.lasting[log.key] = house.lasting[log.key] or life.new_grant(log, agent_id=house.agent)
            follower.follow_to(event(house, log))

        assert every(house, step) > 20
        house.state_and_log_agree()


def test_a_websocket_is_opened_or_refused_and_tells_of_everything(house, log):
    head = house.head(log)

    def read_all():
        with WsClient(log, BEGINNING) as client:
            client.opened()
            client.say({"types": ["token.issued", "grant.created"]})
            return [client.read_events(1)[0]["seq"] for _ in range(head)]

    def step(failing):
        seqs = None
        with failing:
            try:
                seqs = read_all()
            except (AssertionError, *CUT):
                pass
        assert (seqs or read_all()) == list(range(1, head + 1))

    assert every(house, step) > 10


def test_a_webhook_gets_every_event_in_order(house, log):
    receiver = Receiver()
    try:
        log.post("/v1/webhooks", {"url": receiver.url(), "events": ["token.issued"]}).expect(201)
        first = event(house, log)

        def came():
            return {sent["seq"] for sent in receiver.events()}

        def step(failing):
            with failing:
                seq = None
                try:
                    life.refresh(log, house.lasting[log.key])
                    seq = house.head(log)
                    receiver.wait(lambda: seq in {json.loads(body)["seq"] for _, _, body in receiver.posts}, f"{seq} is missing")
                except CUT:
                    pass
                except AssertionError:
                    if seq is not None:
                        raise
            house.lasting[log.key] = life.new_grant(log, agent_id=house.agent)
            last = house.head(log)
            receiver.wait(lambda: last in {json.loads(body)["seq"] for _, _, body in receiver.posts}, f"{last} is missing")

        assert every(house, step, libraries=0) > 20  # after some the hooks wait a second for the store
        wanted = {told["seq"] for told in house.new_events(log) if told["type"] == "token.issued" and told["seq"] >= first}
        assert wanted <= came()
    finally:
        receiver.close()


def test_over_tls_a_request_and_a_stream_fail_and_come_again(tmp_path):
    house = House(tmp_path, *OPTIONS, *([] if tls.EVERYWHERE else tls.common().options))
    try:
        def ask(failing):
            with failing:
                try:
                    house.reader.get("/v1/agents")
                except CUT:
                    pass
            house.asked_for = getattr(house, "asked_for", 0) + 1
            if house.asked_for % 16 == 0:  # a handshake takes long, and the next step is one, too
                house.reader.get("/v1/agents").expect(200)

        assert every(house, ask) > 10
        house.lasting = {house.sandbox.key: life.new_grant(house.sandbox, agent_id=house.agent)}
        head = event(house, house.sandbox)

        def step(failing):
            with failing:
                follower = Follower(house.sandbox, BEGINNING)
                with follower:
                    follower.follow_to(head)

        assert every(house, step, libraries=0) > 20  # OpenSSL's were those of the request
    finally:
        house.finish()


def test_it_ends_well_whichever_allocation_fails_while_it_drains(tmp_path):
    server = ServerShortOfMemory(tmp_path, "--drain", 200).start()
    server.finish()
    for failing in server.memory.every(ALL):
        server.start()
        with Follower(server.api(), "") as follower:
            follower.reader.wait_open()
            with failing:
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(build.PATIENCE)
        server.process.stdout.close()
        assert server.process.returncode == 0, server.stderr_tail()


def test_it_starts_or_says_why_not(tmp_path):
    server = ServerShortOfMemory(tmp_path)
    server.start().finish()
    starts = 0
    for failing in server.memory.every():
        with failing:
            try:
                server.start()
            except AssertionError:
                pass
        if server.process.stdout.closed:
            assert server.process.returncode == 1, f"{server.process.returncode}\n{server.stderr_tail()}"
            assert SAYS_WHY.search(server.stderr()), server.stderr_tail()
            server.errors.write_text("")
        else:
            starts += 1
            server.finish()
    assert starts > 0
