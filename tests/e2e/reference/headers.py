"""Sections 1.3 and 1.4: headers. CORS has tests of its own."""

# With `--rate-limits reference`: X-RateLimit-Limit of the first call. None: no such header.
FIRST_LIMITS = {
    "GET /.well-known/jwks.json": None,
    "POST /v1/signup": 30,
    "POST /v1/token": 20,
    "POST /v1/token/refresh": 20,
    "POST /v1/budget/allocate": 30,
    "POST /v1/budget/debit": 30,
    "POST /v1/webhooks": 30,
    "POST /v1/principal-sessions": 10,
    "POST /v1/audit/log": 30,
    "POST /v1/authorize": 10,
    "GET /metrics": 10,
    "GET /v1/me": 100,  # the plan "free"
    # What takes authority back is never counted here: the contract forbids a limit that stops it. The reference: 5 and 30.
    "DELETE /v1/webhooks/:id": None,
    "POST /v1/keys/rotate": None,
}

# On every answer that is not a stream.
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "0",
    "cache-control": "no-store",
}
PRESENT = ["referrer-policy", "permissions-policy", "content-security-policy", "x-request-id"]

# Where the answer's Cache-Control is another one, and why.
CACHED = {"GET /.well-known/jwks.json": "a key never changes under its kid", "GET /.well-known/did.json": "the same key"}
