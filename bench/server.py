"""What the benches share: a server of their own, and the load on it."""

import http.client
import json
import subprocess


class Server:
    """A grantexd of its own, on a free port, in a folder that goes away with it."""

    def __init__(self, build, *where):
        self.process = subprocess.Popen(
            [str(build / "bin/grantexd"), "dev", "--listen", "127.0.0.1:0", *where, "--log-level", "warn"],
            stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.key = ready["apiKey"]
        self.port = int(ready["url"].rsplit(":", 1)[1])
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def post(self, path, body, key=None):
        headers = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json"}
        self.connection.request("POST", path, json.dumps(body), headers)
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status >= 300:
            raise RuntimeError(f"{path}: {response.status} {answer}")
        return answer

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=20)


def load(build, server, connections, seconds, path, mode, requests, *pace):
    """See bench/load.c; requests are pairs of an API key and a body."""
    arguments = [str(build / "bench/bench-load"), str(server.port), str(connections), str(seconds), path, mode, *map(str, pace)]
    lines = "".join(f"{key} {json.dumps(body)}\n" for key, body in requests)
    done = subprocess.run(arguments, input=lines, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)
