"""A scripted server that does on the wire what the hosted one does, its faults too: nothing is stored, no id lines, createdAt only, levels instead
of crossings, no revokedBy, no method, an event for the root of a cascade alone. As far as `grantex conform` looks at it."""

import datetime
import http.server
import itertools
import json
import queue
import re
import threading
import urllib.parse

_numbers = itertools.count(1)


def new_id(prefix):
    return f"{prefix}_{next(_numbers):026}"


class Hosted:
    def __init__(self, key):
        self.key = key
        self.agents, self.grants, self.codes, self.streams = set(), {}, {}, []
        self.lock = threading.RLock()
        hosted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                hosted.get(self)

            def do_POST(self):
                length = int(self.headers.get("content-length", 0))
                hosted.answer(self, "POST", json.loads(self.rfile.read(length) or b"{}"))

            def do_DELETE(self):
                hosted.answer(self, "DELETE", {})

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        for stream, _ in self.streams:
            stream.put(None)
        self.server.shutdown()
        self.server.server_close()

    # --- events ---

    def emit(self, type_name, **data):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        event = json.dumps({"id": new_id("evt"), "type": type_name, "createdAt": now, "data": data})
        for stream, types in self.streams:
            if not types or type_name in types:
                stream.put(event)

    def get(self, request):
        """The head is not sent before there is an event, as Node does it."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(request.path).query))
        types = set(query["types"].split(",")) if query.get("types") else set()
        stream = queue.Queue()
        with self.lock:
            self.streams.append((stream, types))
        begun = False
        while (event := stream.get()) is not None:
            if not begun:
                request.send_response(200)
                request.send_header("Content-Type", "text/event-stream")
                request.send_header("Cache-Control", "no-cache")
                request.send_header("Connection", "close")
                request.end_headers()
                begun = True
            try:
                request.wfile.write(f"data: {event}\n\n".encode())
                request.wfile.flush()
            except OSError:
                break
        request.close_connection = True

    # --- calls ---

    def answer(self, request, method, body):
        path = request.path
        with self.lock:
            if request.headers.get("authorization") not in (f"Bearer {self.key}", "Bearer session"):
                status, answer = 401, {"message": "Invalid API key", "code": "UNAUTHORIZED", "requestId": "r"}
            else:
                status, answer = self.route(method, path, body)
        raw = json.dumps(answer).encode() if answer is not None else b""
        request.send_response(status)
        if raw:
            request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(raw)))
        request.end_headers()
        request.wfile.write(raw)

    def route(self, method, path, body):
        for pattern, act in self.ROUTES:
            if found := re.fullmatch(pattern, f"{method} {path}"):
                return act(self, body, *found.groups())
        return 404, {"message": "Route not found", "error": "Not Found", "statusCode": 404}

    def register(self, body):
        agent = new_id("ag")
        self.agents.add(agent)
        return 201, {"agentId": agent, "did": f"did:grantex:{agent}", "developerId": "dev_1", "name": body["name"], "description": "",
                     "scopes": body.get("scopes", []), "status": "active", "createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}

    def authorize(self, body):
        code = new_id("code")
        self.codes[code] = body
        return 201, {"authRequestId": new_id("areq"), "consentUrl": "http://127.0.0.1/consent", "expiresAt": "2027-01-01T00:00:00.000Z",
                     "sandbox": True, "code": code}

    def issue(self, grant_id, created, **more):
        """The two run side by side there, and token.issued is mostly the first."""
        grant = self.grants[grant_id]
        common = {"grantId": grant_id, "agentId": grant["agentId"], "principalId": grant["principalId"], "scopes": grant["scopes"],
                  "expiresAt": "2027-01-01T00:00:00.000Z"}
        self.emit("token.issued", tokenId=new_id("tok"), **common)
        if created:
            self.emit("grant.created", **common, **more)
        return 201, {"grantToken": f"token-of-{grant_id}", "expiresAt": "2027-01-01T00:00:00.000Z", "scopes": grant["scopes"],
                     "refreshToken": f"refresh-of-{grant_id}", "grantId": grant_id}

    def exchange(self, body):
        asked = self.codes.pop(body["code"])
        grant_id = new_id("grnt")
        self.grants[grant_id] = {**asked, "parent": None, "initial": 0, "used": 0, "status": "active"}
        return self.issue(grant_id, True)

    def refresh(self, body):
        return self.issue(body["refreshToken"].removeprefix("refresh-of-"), False)

    def delegate(self, body):
        parent = body["parentGrantToken"].removeprefix("token-of-")
        grant_id = new_id("grnt")
        self.grants[grant_id] = {**self.grants[parent], "parent": parent, "initial": 0, "used": 0}
        return self.issue(grant_id, True, delegationDepth=1, parentGrantId=parent)

    def allocate(self, body):
        amount = float(body["initialBudget"])
        self.grants[body["grantId"]].update(initial=amount, used=0)
        return 201, {"id": new_id("bdg"), "grantId": body["grantId"], "developerId": "dev_1", "initialBudget": f"{amount:.4f}",
                     "remainingBudget": f"{amount:.4f}", "currency": "USD", "createdAt": "2026-01-01T00:00:00.000Z",
                     "updatedAt": "2026-01-01T00:00:00.000Z"}

    def debit(self, body):
        grant = self.grants[body["grantId"]]
        grant["used"] += float(body["amount"])
        left, share = grant["initial"] - grant["used"], grant["used"] / grant["initial"]
        if left <= 0:
            self.emit("budget.exhausted", grantId=body["grantId"], remaining="0")
        elif share >= 0.5:
            self.emit("budget.threshold", grantId=body["grantId"], pct=80 if share >= 0.8 else 50, remaining=f"{left:.4f}")
        return 200, {"remaining": f"{left:.4f}", "transactionId": new_id("btx"), "grantId": body["grantId"]}

    def revoke(self, _body, grant_id):
        self.grants[grant_id]["status"] = "revoked"
        self.emit("grant.revoked", grantId=grant_id, cascade=True)
        return 204, None

    def session(self, _body):
        return 201, {"sessionToken": "session", "dashboardUrl": "http://127.0.0.1/permissions#session=session", "expiresAt": "2027-01-01T00:00:00.000Z"}

    def delete_agent(self, _body, agent_id):
        self.agents.discard(agent_id)
        return 204, None

    ROUTES = [
        (r"POST /v1/agents", register),
        (r"DELETE /v1/agents/(\w+)", delete_agent),
        (r"POST /v1/authorize", authorize),
        (r"POST /v1/token", exchange),
        (r"POST /v1/token/refresh", refresh),
        (r"POST /v1/grants/delegate", delegate),
        (r"POST /v1/budget/allocate", allocate),
        (r"POST /v1/budget/debit", debit),
        (r"DELETE /v1/grants/(\w+)", revoke),
        (r"POST /v1/principal-sessions", session),
        (r"DELETE /v1/principal/grants/(\w+)", revoke),
    ]
