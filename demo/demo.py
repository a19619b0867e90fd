#!/usr/bin/env python3
"""The main job, for the eye: an agent's grant lives its life over the public HTTP API while `grantex events stream` follows,
and in the middle the server is killed. Nothing here is canned: ./x demo runs the programs that ./x build left.

    demo.py [--keep]

Ends with status 0 when the subscriber printed exactly the server's log: no gap, no repeat, nothing out of order.
"""

import argparse
import collections
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid

sys.dont_write_bytecode = True
# The demo speaks to the server through the same thin client as the end-to-end tests.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "e2e"))

from support import build, jwt, life  # noqa: E402
from support.server import Server  # noqa: E402
from support.stream import SseReader  # noqa: E402

BUDGET, DEBITS, AMOUNT = 1000, 40, 25
KILL_AFTER = 17  # debits: the 50 % come while the server is down or just back
PATIENCE = 20  # seconds for any single thing
PACE = 0.03  # seconds between debits, so that an eye can follow
BEGINNING = "2026-01-01T00:00:00Z"  # before anything that this demo does


class Narrator:
    """One line for each thing that happens, when it happens: what we do, and (arrow) what the subscriber prints."""

    def __init__(self):
        self._begin = time.monotonic()
        self._lock = threading.Lock()
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def elapsed(self):
        return time.monotonic() - self._begin

    def paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self._colour else text

    def say(self, who, what, code="0"):
        with self._lock:
            print(f"{self.paint('2', f'{self.elapsed():6.2f} s')}  {self.paint(code, f'{who:<11}')} {what}", flush=True)

    def event(self, event):
        self.say("→ event", f"{event['seq']:>2}  {event['type']:<17} {describe(event)}", "36")


def describe(event):
    """What is worth showing of a payload, in one line."""
    data = event["data"]
    parts = {
        "grant.created": lambda: f"{data['principalId']}  {' '.join(data['scopes'])}",
        "grant.revoked": lambda: f"by {data['revokedBy']}",
        "token.issued": lambda: f"by {data['method']}",
        "budget.threshold": lambda: f"{data['percentage']} %  {data['remaining']} of {data['initial']} left",
        "budget.exhausted": lambda: f"nothing of {data['initial']} left",
    }
    return f"{short(data['grantId'])}  {parts[event['type']]()}"


def short(identifier):
    """grnt_…8K2Q: enough to tell them apart."""
    prefix, _, rest = identifier.rpartition("_")
    return f"{prefix}_…{rest[-4:]}"


class Subscriber:
    """`grantex events stream --json` as a process of its own, its lines read as they come."""

    def __init__(self, server, key, narrator, folder):
        self._narrator = narrator
        self.events = []
        self._changed = threading.Condition()
        self.process = subprocess.Popen(
            # `since`, because something may happen before it is connected.
            [build.GRANTEX, "events", "stream", "--json", "--since", BEGINNING],
            env=build.environment(folder, GRANTEX_BASE_URL=server.url, GRANTEX_API_KEY=key),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        self._threads = [threading.Thread(target=target, daemon=True) for target in (self._read, self._read_notices)]
        for thread in self._threads:
            thread.start()

    def _read_notices(self):
        """What it says about its connection."""
        for line in self.process.stderr:
            if line.startswith(b"! "):
                self._narrator.say("subscriber", line.decode().strip("! \n"), "33")

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            self._narrator.event(event)
            with self._changed:
                self.events.append(event)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, type_name):
        """The first event of that type."""
        until = time.monotonic() + PATIENCE
        with self._changed:
            while not (found := [event for event in self.events if event["type"] == type_name]):
                left = until - time.monotonic()
                if left <= 0 or self.process.poll() is not None or not self._changed.wait(left):
                    raise AssertionError(f"the subscriber never printed {type_name}")
            return found[0]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return self.events


class Spender:
    """The agent at work: one debit after the other, with a token refresh now and then. Like the SDKs it repeats a request
    whose answer was lost, under the same Idempotency-Key, so that it is booked once."""

    def __init__(self, server, api, grant):
        self.server, self.api, self.grant = server, api, grant
        self.done = self.repeats = 0
        self.fault = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._spend, daemon=True)
        self._thread.start()

    def wait_done(self, count):
        until = time.monotonic() + PATIENCE
        with self._changed:
            while self.done < count:
                left = until - time.monotonic()
                if self.fault or left <= 0 or not self._changed.wait(left):
                    raise AssertionError(f"only {self.done} debits were answered: {self.fault}")

    def _spend(self):
        try:
            for number in range(1, DEBITS + 1):
                self._post("/v1/budget/debit", {"grantId": self.grant.id, "amount": AMOUNT}, 200)
                if number % 10 == 0:
                    body = {"refreshToken": self.grant.refresh_token, "agentId": self.grant.agent_id}
                    self.grant.refresh_token = self._post("/v1/token/refresh", body, 201)["refreshToken"]
                with self._changed:
                    self.done = number
                    self._changed.notify_all()
                time.sleep(PACE)
        except Exception as fault:  # pylint: disable=broad-except # told by wait_done
            with self._changed:
                self.fault = fault
                self._changed.notify_all()

    def _post(self, path, body, status):
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.api.post(path, body, headers=headers).expect(status)
            except (OSError, http.client.HTTPException):
                if time.monotonic() > until:
                    raise
            self.repeats += 1
            time.sleep(PACE)


def obtain_grant(server, api, narrator):
    """Register, authorize with PKCE, consent as the principal does, exchange; the token is verified like any client would."""
    agent = life.register(api, "invoicer")
    narrator.say("agent", f"invoicer is registered: {short(agent)}")
    verifier, challenge = life.pkce()
    asked = life.authorize(api, agent, codeChallenge=challenge, codeChallengeMethod="S256")
    shown = server.anonymous().get(f"/v1/consent/{asked['authRequestId']}").expect(200)
    narrator.say("consent", f"{shown['agentName']} asks user_abc123: {'; '.join(shown['scopeDescriptions'])}")
    code = life.approve(server.anonymous(), asked["authRequestId"])
    narrator.say("consent", "user_abc123 approves")
    issued = life.exchange(api, code, agent, codeVerifier=verifier)
    claims = jwt.verify(issued["grantToken"], server.anonymous().get("/.well-known/jwks.json").expect(200))
    narrator.say("token", f"code and PKCE verifier exchanged; the JWT verifies against the JWKS ({short(claims['jti'])})")
    return life.Grant(issued["grantId"], agent, "user_abc123", issued["grantToken"], issued["refreshToken"], issued)


def read_log(api, last_id):
    """The server's own log up to that event, by a fresh replay."""
    with SseReader(api, f"?since={BEGINNING}") as reader:
        reader.wait_for(lambda r: any(frame.id == last_id for frame in r.frames))
        return reader.events


def judge(printed, log, api, grant):
    """Holds what the subscriber printed against what the server has. (summary, is all well)"""
    times_seen = collections.Counter(event["id"] for event in printed)
    duplicates = sum(count - 1 for count in times_seen.values())
    gaps = sum(event["id"] not in times_seen for event in log)
    seqs = [event["seq"] for event in log]
    ledger = api.get(f"/v1/budget/transactions/{grant.id}?pageSize=200").expect(200)
    balance = api.get(f"/v1/budget/balance/{grant.id}").expect(200)["remainingBudget"]
    well = (
        printed == log
        and seqs == list(range(1, len(log) + 1))
        and ledger["total"] == DEBITS
        and balance == "0.0000"
    )
    summary = (
        f"{len(printed)} events · seq {seqs[0]}–{seqs[-1]} · gaps {gaps} · duplicates {duplicates}"
        f" · {ledger['total']} debits, each booked once, over one kill -9"
    )
    return summary if well else f"{summary} · NOT AS IT SHOULD BE (balance {balance}, in order: {printed == log})", well


def run(server, narrator, folder):
    """The whole story. Returns (summary, is all well, key)."""
    server.start()
    narrator.say("server", f"grantexd is ready at {server.url} (pid {server.process.pid}), its data folder is new")
    api = server.sign_up()
    narrator.say("developer", f"Acme signed up: {api.key[:8]}…{api.key[-4:]}")
    subscriber = Subscriber(server, api.key, narrator, folder)
    try:
        narrator.say("subscriber", f"grantex events stream --json (pid {subscriber.process.pid})")
        grant = obtain_grant(server, api, narrator)
        subscriber.wait_for("token.issued")
        life.allocate(api, grant, BUDGET)
        narrator.say("budget", f"{BUDGET} allocated; the agent spends {AMOUNT} at a time")
        spender = Spender(server, api, grant)

        spender.wait_done(KILL_AFTER)
        narrator.say("kill -9", f"the server dies after {spender.done} debits; agent and subscriber go on trying", "31")
        server.kill()
        time.sleep(0.7)  # long enough that both meet a closed door
        before = time.monotonic()
        server.start()
        took = (time.monotonic() - before) * 1000
        narrator.say("server", f"back on the same port and data after {took:.0f} ms (pid {server.process.pid})", "32")

        spender.wait_done(DEBITS)
        narrator.say("agent", f"{DEBITS} debits answered, {spender.repeats} requests repeated meanwhile")
        subscriber.wait_for("budget.exhausted")
        narrator.say("developer", "revokes the grant")
        life.revoke(api, grant)
        last = subscriber.wait_for("grant.revoked")
    finally:
        printed = subscriber.end()
    summary, well = judge(printed, read_log(api, last["id"]), api, grant)
    return summary, well, api.key


def how_to_go_on(server, key, folder):
    grantex = os.path.relpath(build.GRANTEX)
    return f"""
The server is still up (pid {server.process.pid}, everything in {folder}). Go on:

  export GRANTEX_BASE_URL={server.url} GRANTEX_API_KEY={key}
  curl -N -H "Authorization: Bearer $GRANTEX_API_KEY" "$GRANTEX_BASE_URL/v1/events/stream?since={BEGINNING}"
  {grantex} events stream --since {BEGINNING}
  {grantex} grants list
  {grantex} agents register scheduler
  kill {server.process.pid}    # ends it
"""


def main():
    parser = argparse.ArgumentParser(prog="./x demo")
    parser.add_argument("--keep", action="store_true", help="leave the server up and say how to go on")
    keep = parser.parse_args().keep
    narrator = Narrator()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="grantex-demo-"))
    server = Server(folder)
    well = False
    try:
        summary, well, key = run(server, narrator, folder)
    except (AssertionError, OSError) as fault:
        print(f"\nthe demo failed: {fault}\nwhat the server said:\n{server.stderr_tail(20)}", file=sys.stderr)
    finally:
        if not (keep and well) and server.running():
            server.terminate()
        if well and not keep:
            shutil.rmtree(folder)
        elif not well:
            print(f"everything is left in {folder}", file=sys.stderr)
    if not well:
        return 1
    print(how_to_go_on(server, key, folder) if keep else "")
    print(narrator.paint("32", summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
