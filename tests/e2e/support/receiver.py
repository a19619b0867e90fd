"""A webhook's receiver: a real HTTP server on a free port that keeps what it was sent and answers as it is told."""

import hashlib
import hmac
import http.server
import json
import threading
import time

from . import build
from .ports import free_port


class Receiver:
    def __init__(self, port=None):
        """port: that of one that was closed, to be there again."""
        self.posts = []  # (path, headers, body), in the order of their coming
        self.answer = lambda post: 204  # a status, (status, headers, body), or None to hang until close()
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port or free_port()), self._handler())
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if len(body) < length:  # who sent it was killed meanwhile: that is no post
                    self.close_connection = True
                    return
                post = (self.path, self.headers, body)
                with receiver.changed:
                    receiver.posts.append(post)
                    answer = receiver.answer(post)
                    receiver.changed.notify_all()
                if answer is None:
                    receiver.closing.wait(build.PATIENCE)
                    self.close_connection = True
                    return
                status, headers, content = answer if isinstance(answer, tuple) else (answer, {}, b"")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_):
                pass

        return Handler

    def url(self, path="/hook", host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def events(self, path=None):
        with self.changed:
            return [json.loads(body) for at, _, body in self.posts if path in (None, at)]

    def wait(self, condition, what, patience=build.PATIENCE):
        deadline = time.monotonic() + patience
        with self.changed:
            while not condition():
                left = deadline - time.monotonic()
                assert left > 0, f"{what}; came: {[(path, json.loads(body)['seq']) for path, _, body in self.posts]}"
                self.changed.wait(left)

    def wait_for(self, count, path=None, patience=build.PATIENCE):
        self.wait(lambda: len([1 for at, _, _ in self.posts if path in (None, at)]) >= count,
                  f"{count} posts to {path}", patience)
        return self.events(path)

    def close(self):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def signature(secret, *pieces):
    return "sha256=" + hmac.new(secret.encode(), b".".join(pieces), hashlib.sha256).hexdigest()
