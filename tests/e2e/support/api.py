"""A thin client of the HTTP API: JSON or raw bytes out, status, headers and JSON in. It repeats nothing by itself."""

import json

from . import build, secrets_told, tls


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def expect(self, status):
        """The JSON of an answer that must have this status (None for one without a body)."""
        assert self.status == status, f"{status} expected: {self}"
        return self.json if self.body else None

    def __repr__(self):
        return f"<{self.status} {self.body[:500]!r}>"


class Api:
    def __init__(self, url, key, keep=False):
        """With `keep` one connection serves all requests (of one thread)."""
        self.url = url
        self.key = key
        self.keep = keep
        self._connection = None

    def request(self, method, path, body=None, headers=None, raw=None):
        """`body` is sent as JSON, `raw` as it is, with content type JSON unless headers say otherwise."""
        connection = self._connection or tls.http_connection(self.url, build.PATIENCE)
        self._connection = None
        sent = {"Authorization": f"Bearer {self.key}"} if self.key is not None else {}
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        try:
            connection.request(method, path, body=raw, headers=sent)
            response = connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException:
            connection.close()
            raise
        if self.keep and not response.will_close:
            self._connection = connection
        else:
            connection.close()
        secrets_told.heard(method, path, sent, raw, answer)
        return answer

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)
