-- A developer has several API keys, each with what it may do. The one that a developer had before may do everything. A key that is
-- over stays for a while, so that its streams hear why they end.
CREATE TABLE api_keys (
    id           TEXT   PRIMARY KEY,           -- key_
    developer_id TEXT   NOT NULL,
    hash         TEXT   NOT NULL UNIQUE,       -- SHA-256 of the key, lower-case hex
    name         TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,              -- words with a blank between (RFC 6749 section 3.3)
    shown        TEXT,                         -- how it is told from others, "gx_live_…7Qd2"; NULL where nobody knows any more
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,              -- 9223372036854775807: never
    ended_by     TEXT,                         -- rotated | revoked: why it is over at expires_at; NULL: it was made to expire
    last_used_at BIGINT NOT NULL DEFAULT 0     -- to the hour; 0: never
);
CREATE INDEX api_keys_of_developer ON api_keys (developer_id, id);

INSERT INTO api_keys (id, developer_id, hash, name, scopes, created_at, expires_at)
    SELECT 'key_' || substr(id, 5), id, key_hash, 'first key', 'admin', created_at, 9223372036854775807
    FROM developers WHERE deleted_at IS NULL;

-- SQLite drops no column that is UNIQUE: the table is made again without it.
CREATE TABLE developers_without_key (
    id            TEXT   PRIMARY KEY,          -- dev_
    name          TEXT   NOT NULL,
    email         TEXT   UNIQUE,               -- lower case; NULL when not given
    mode          TEXT   NOT NULL,             -- live | sandbox
    created_at    BIGINT NOT NULL,
    -- The head of the developer's log. Every append takes this row first: that is what makes commit order = seq order.
    last_seq      BIGINT NOT NULL DEFAULT 0,
    last_event_id TEXT   NOT NULL DEFAULT '',
    last_event_at BIGINT NOT NULL DEFAULT 0,
    log_bytes     BIGINT NOT NULL DEFAULT 0,
    fido_rp_name  TEXT,
    deleted_at    BIGINT
);
INSERT INTO developers_without_key (id, name, email, mode, created_at, last_seq, last_event_id, last_event_at, log_bytes, fido_rp_name, deleted_at)
    SELECT id, name, email, mode, created_at, last_seq, last_event_id, last_event_at, log_bytes, fido_rp_name, deleted_at
    FROM developers;
DROP TABLE developers;
ALTER TABLE developers_without_key RENAME TO developers;
CREATE INDEX developers_deleted ON developers (id) WHERE deleted_at IS NOT NULL;
