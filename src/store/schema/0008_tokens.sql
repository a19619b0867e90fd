-- Tokens in the order of their issue. A refresh token was found by its hash alone: every issue dirtied a page of that index which
-- nothing else in the commit did. The time is in the token itself, so it is found by time and hash, and new rows follow each other.
-- Nobody looks for the tokens of a grant: what ends a grant ends them without touching them.
CREATE TABLE issued_tokens (
    id           TEXT   PRIMARY KEY,           -- tok_, the JWT's jti, which begins with the time
    developer_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    issued_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT
) /* clustered */;
INSERT INTO issued_tokens (id, developer_id, grant_id, issued_at, expires_at, revoked_at)
    SELECT id, developer_id, grant_id, issued_at, expires_at, revoked_at FROM tokens;
DROP TABLE tokens;
ALTER TABLE issued_tokens RENAME TO tokens;

CREATE TABLE issued_refresh_tokens (
    created_at   BIGINT NOT NULL,              -- as in the token, which is a ULID
    hash         TEXT   NOT NULL,
    developer_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT,
    PRIMARY KEY (created_at, hash)
) /* clustered */;
INSERT INTO issued_refresh_tokens (created_at, hash, developer_id, grant_id, agent_id, expires_at, used_at)
    SELECT created_at, hash, developer_id, grant_id, agent_id, expires_at, used_at FROM refresh_tokens;
DROP TABLE refresh_tokens;
ALTER TABLE issued_refresh_tokens RENAME TO refresh_tokens;

-- Only a delegated grant has one above it.
DROP INDEX grants_of_parent;
CREATE INDEX grants_of_parent ON grants (parent_id) WHERE parent_id IS NOT NULL;
