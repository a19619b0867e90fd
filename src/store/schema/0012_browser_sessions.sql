-- Who signed in at the monitor with an API key, and has a cookie for it. Deleted at sign-out; what expired is cleared away by who signs in.
CREATE TABLE browser_sessions (
    hash         TEXT   PRIMARY KEY,           -- SHA-256 of the cookie, lower-case hex
    developer_id TEXT   NOT NULL,
    key_hash     TEXT   NOT NULL,              -- of the API key: a rotated key takes its sessions along
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX browser_sessions_by_expiry ON browser_sessions (expires_at);
