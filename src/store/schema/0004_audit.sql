-- What agents did, as developers tell it: one chain per developer, each entry naming the hash of the one before it.
CREATE TABLE audit_entries (
    developer_id TEXT   NOT NULL,
    number       BIGINT NOT NULL,              -- 1, 2, 3 … within the developer
    id           TEXT   NOT NULL UNIQUE,       -- alog_
    agent_id     TEXT   NOT NULL,
    agent_did    TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    principal_id TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    metadata     TEXT   NOT NULL,              -- JSON, byte for byte as it was hashed
    status       TEXT   NOT NULL,              -- success | failure | blocked
    hash         TEXT   NOT NULL,              -- hex SHA-256, see authority/audit.h
    prev_hash    TEXT,                         -- NULL for the first one
    timestamp    BIGINT NOT NULL,
    PRIMARY KEY (developer_id, number)
);
CREATE INDEX audit_entries_of_principal ON audit_entries (developer_id, principal_id, number);

-- What a page would call the developer when it asks for a passkey; NULL when not set.
ALTER TABLE developers ADD COLUMN fido_rp_name TEXT;
