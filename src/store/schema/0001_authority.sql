-- What exists: developers (tenants), their agents, consent, grants, tokens, budgets. Times are milliseconds since 1970 UTC; money is
-- ten-thousandths; scopes and metadata are JSON text; secrets are stored as lower-case hex SHA-256 only.

CREATE TABLE developers (
    id            TEXT   PRIMARY KEY,          -- dev_
    name          TEXT   NOT NULL,
    email         TEXT   UNIQUE,               -- lower case; NULL when not given
    mode          TEXT   NOT NULL,             -- live | sandbox
    key_hash      TEXT   NOT NULL UNIQUE,
    created_at    BIGINT NOT NULL,
    -- The head of the developer's log. Every append takes this row first: that is what makes commit order = seq order.
    last_seq      BIGINT NOT NULL DEFAULT 0,
    last_event_id TEXT   NOT NULL DEFAULT '',
    last_event_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE agents (
    id           TEXT   PRIMARY KEY,           -- ag_
    developer_id TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    description  TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    status       TEXT   NOT NULL,              -- active | suspended
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX agents_of_developer ON agents (developer_id, created_at);

CREATE TABLE auth_requests (
    id             TEXT   PRIMARY KEY,         -- areq_
    developer_id   TEXT   NOT NULL,
    agent_id       TEXT   NOT NULL,
    principal_id   TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    redirect_uri   TEXT,
    state          TEXT,
    audience       TEXT,
    code_challenge TEXT,                       -- PKCE S256 (RFC 7636)
    grant_life_ms  BIGINT NOT NULL,            -- expiresIn: life of the request, and of the grant made from it
    status         TEXT   NOT NULL,            -- pending | approved | denied | consumed
    code_hash      TEXT   UNIQUE,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);

CREATE TABLE grants (
    id           TEXT   PRIMARY KEY,           -- grnt_
    developer_id TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    principal_id TEXT   NOT NULL,
    scopes       TEXT   NOT NULL,
    audience     TEXT,
    status       TEXT   NOT NULL,              -- active | revoked ("expired" is computed from expires_at)
    issued_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT,
    revoked_by   TEXT,                         -- developer | principal | system
    parent_id    TEXT,                         -- the grant it was delegated from
    depth        BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX grants_of_developer ON grants (developer_id, issued_at);
CREATE INDEX grants_of_parent ON grants (parent_id);

CREATE TABLE tokens (
    id           TEXT   PRIMARY KEY,           -- tok_, the JWT's jti
    developer_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    issued_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT
);
CREATE INDEX tokens_of_grant ON tokens (grant_id);

CREATE TABLE refresh_tokens (
    hash         TEXT   PRIMARY KEY,
    developer_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX refresh_tokens_of_grant ON refresh_tokens (grant_id);

CREATE TABLE budgets (
    id           TEXT   PRIMARY KEY,           -- bdg_
    developer_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL UNIQUE,
    initial      BIGINT NOT NULL,
    remaining    BIGINT NOT NULL CHECK (remaining >= 0),
    currency     TEXT   NOT NULL,
    debits       BIGINT NOT NULL DEFAULT 0,    -- how many debits there were; numbers budget_transactions
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX budgets_of_developer ON budgets (developer_id, created_at);

-- Each threshold is crossed once: this key says so, not only the code.
CREATE TABLE budget_crossings (
    budget_id  TEXT   NOT NULL,
    percentage BIGINT NOT NULL,                -- 50, 80; 100 is exhausted
    crossed_at BIGINT NOT NULL,
    PRIMARY KEY (budget_id, percentage)
);

CREATE TABLE budget_transactions (
    budget_id    TEXT   NOT NULL,
    number       BIGINT NOT NULL,              -- 1, 2, 3 … within the budget
    id           TEXT   NOT NULL,              -- btx_
    amount       BIGINT NOT NULL,
    description  TEXT,
    metadata     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (budget_id, number)
);

CREATE TABLE signing_keys (
    kid         TEXT   PRIMARY KEY,            -- RFC 7638 thumbprint: derived from the key, so it survives restarts
    private_pem TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- Answers to POSTs that carried an Idempotency-Key.
CREATE TABLE idempotency_keys (
    developer_id TEXT   NOT NULL,
    key_hash     TEXT   NOT NULL,
    fingerprint  TEXT   NOT NULL,              -- hex SHA-256 of method, path and body
    status       BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (developer_id, key_hash)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
