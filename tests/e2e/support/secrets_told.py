"""What nobody may read in a log or in a refusal: every secret that a test's clients sent or were given is looked for there at its end.

Nothing is recorded before watch(): conftest.py says it, benches do not. pytest-xdist gives each worker a record of its own."""

import json
import re
import threading

SHORTEST = 16  # what is shorter could stand there by chance

# The members of requests and answers that hold a secret, wherever they stand. ("code" of a refusal is none: only its text is kept.)
FIELDS = (
    "apiKey", "code", "codeVerifier", "csrfToken", "grantToken", "parentGrantToken", "refreshToken", "secret", "sessionToken", "ticket", "token",
)
GUESSABLE = re.compile(r"[A-Z_]+|[a-z]+(?:[ .-][a-z]+)*|(.)\1*")  # words, and one character many times
COOKIE = re.compile(r"[^=;\s]+=([^;]+)")
IN_QUERY = re.compile(rf"[?&](?:{'|'.join(FIELDS)})=([^&\s]+)")


class Record:
    def __init__(self):
        self._lock = threading.Lock()
        self._known = {}  # secret: where it was seen first
        self._refusals = []  # (what was asked, body)
        self._logs = {}  # path: None

    def add(self, value, where):
        if isinstance(value, str) and len(value) >= SHORTEST and not GUESSABLE.fullmatch(value):
            with self._lock:
                self._known.setdefault(value.encode(errors="surrogatepass"), where)

    def add_log(self, path):
        with self._lock:
            self._logs[path] = None

    def add_refusal(self, asked, body):
        with self._lock:
            self._refusals.append((asked, body))

    def add_members(self, text, where):
        """Of a JSON text, bytes."""
        if not text or not any(name.encode() in text for name in FIELDS):
            return
        try:
            self._walk(json.loads(text), where)
        except (ValueError, RecursionError):
            pass

    def _walk(self, value, where):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            if name in FIELDS:
                self.add(inner, f"{name} in the {where}")
            self._walk(inner, where)

    def told(self):
        """Which secret stands where it must not; no line repeats one."""
        with self._lock:
            places = [(path.parent.name + "'s log", path.read_bytes()) for path in self._logs if path.exists()]
            places += [("the refusal of " + asked, body) for asked, body in self._refusals]
            everything = b"\0".join(text for _, text in places)
            found = [(secret, what) for secret, what in self._known.items() if secret in everything]
        return [f"{place} has the {what}" for place, text in places for secret, what in found if secret in text]


_record = None


def watch():
    """From here on a new record is kept. Returns it."""
    global _record  # pylint: disable=global-statement  # clients are made everywhere, in threads too
    _record = Record()
    return _record


def current():
    """None: nobody watches."""
    return _record


def log(path):
    if _record:
        _record.add_log(path)


def _text(header):
    return header.decode("latin-1") if isinstance(header, bytes) else header


def heard(method, path, sent_headers, sent, answer):
    """A request of a client, and its answer."""
    record = _record
    if not record:
        return
    asked = f"{method} {path.split('?')[0]}"
    record.add(_text(sent_headers.get("Authorization", "")).removeprefix("Bearer "), f"Authorization of {asked}")
    for value in IN_QUERY.findall(path):
        record.add(value, f"query of {asked}")
    for value in COOKIE.findall(_text(sent_headers.get("Cookie", ""))) + COOKIE.findall(answer.headers.get("set-cookie", ""))[:1]:
        record.add(value, f"cookie of {asked}")
    record.add_members(sent, f"request {asked}")
    if answer.status >= 400:
        record.add_refusal(asked, answer.body)
    else:
        record.add_members(answer.body, f"answer of {asked}")
