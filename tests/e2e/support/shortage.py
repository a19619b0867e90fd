"""One request in a server whose n-th allocation fails, for every n: what must hold whichever it was."""

import dataclasses
import http.client
import itertools
import ssl
import uuid

from . import build, life, secrets_told, store
from .memory import ALL, ServerShortOfMemory

CUT = (http.client.HTTPException, ConnectionError, ssl.SSLError)  # no answer: the connection ended instead


@dataclasses.dataclass
class Request:
    """What is asked, by whom, and what must have come of it once it has been asked for again."""

    api: object
    method: str
    path: str
    body: object = None
    events: tuple = ()  # their types, each once
    gone: tuple = ()  # statuses that say "it is done already" to who asks again
    headers: dict = dataclasses.field(default_factory=dict)
    log: object = None  # whose log tells of it, where that is not who asks
    after: object = None  # called with the JSON of the answer, when all is well

    def ask(self):
        return self.api.request(self.method, self.path, self.body, headers=self.headers)


class House:
    """The server, a sandbox developer with an agent, and a live one, whose principals consent by themselves."""

    def __init__(self, folder, *options):
        self.server = ServerShortOfMemory(folder, *options).start()
        self.memory = self.server.memory
        self.api = self.server.api(keep=True)  # its own questions; what is tried comes over a new connection each
        self.sandbox = self.server.api()
        self.agent = life.register(self.sandbox)
        self.live = self.server.sign_up()
        self.live_agent = life.register(self.live)
        self.reader = self.server.sign_up(mode="sandbox")  # has little, and it stays so: what reads it takes as long each time
        life.allocate(self.reader, life.new_grant(self.reader), 10)
        self._last = {}
        self._numbers = itertools.count(1)

    def grant(self):
        """Of a principal of its own, whose lists stay short."""
        return life.new_grant(self.sandbox, f"user_{next(self._numbers)}", self.agent)

    def asked(self):
        """A principal of the live developer has been asked."""
        return life.authorize(self.live, self.live_agent)["authRequestId"]

    def new_events(self, api):
        """The events of that developer since they were asked for last."""
        found = []
        while True:
            last = self._last.get(api.key)
            page = api.get(f"/v1/events?limit=500&{f'after={last}' if last else 'since=2020-01-01T00:00:00Z'}").expect(200)["events"]
            if not page:
                return found
            found += page
            self._last[api.key] = page[-1]["id"]

    def head(self, api):
        """The seq of the newest event."""
        return api.get("/v1/events?last=1").expect(200)["events"][0]["seq"]

    # --- what must hold ---

    def every_allocation_of(self, make, libraries=ALL):
        """make(house) says what is asked, each time anew. Returns how many allocations failed."""
        rounds = 0
        for n, failing in enumerate(self.memory.every(libraries), 1):
            try:
                self._round(make(self), failing)
            except (AssertionError, *CUT) as fault:
                raise AssertionError(f"allocation {n}: {fault!r}\n{self.server.stderr_tail()}") from fault
            rounds = n
        self.state_and_log_agree()
        return rounds - 1

    def _round(self, request, failing):
        request.headers = {"Idempotency-Key": uuid.uuid4().hex, **request.headers}
        log = request.log or request.api
        self.new_events(log)
        with failing:
            try:
                answer = request.ask()
            except CUT:
                answer = None
        assert self.server.running(), f"the server is gone: {self.server.process.returncode}"
        assert answer is None or answer.status < 300 or answer.status == 503, f"it failed otherwise: {answer}"
        assert answer is None or answer.status != 503 or answer.json.get("code", "SERVICE_UNAVAILABLE") == "SERVICE_UNAVAILABLE", answer
        again = request.ask()
        assert again.status < 300 or again.status in request.gone, f"the next request is not answered rightly: {again}"
        if again.status not in request.gone:
            told = [event["type"] for event in self.new_events(log)]
            assert told == list(request.events), f"the log tells of {told}"
        if request.after is not None and again.body:
            request.after(again.json)

    def state_and_log_agree(self):
        """As many grants as events that tell of them, and so on: each change and its event, or neither."""
        def count(query):
            return store.rows(self.server.database, f"SELECT count(*) AS n FROM {query}")[0]["n"]

        pairs = [
            ("grants", "grant.created"), ("grants WHERE status = 'revoked'", "grant.revoked"), ("tokens", "token.issued"),
        ]
        for state, event in pairs:
            assert count(state) == count(f"events WHERE type = '{event}'"), f"{state} and {event} do not agree"

    def finish(self):
        self.server.finish()

    def watch_secrets(self):
        """The log of a server that outlives a test is looked at in each."""
        secrets_told.log(self.server.errors)
