-- A webhook is a subscriber of the log whose cursor lies in the store. Its secret is kept as it is: an HMAC needs it.
CREATE TABLE webhooks (
    id           TEXT   PRIMARY KEY,           -- wh_
    developer_id TEXT   NOT NULL,
    url          TEXT   NOT NULL,
    events       TEXT   NOT NULL,              -- JSON array of type names and prefixes
    secret       TEXT   NOT NULL,
    cursor_seq   BIGINT NOT NULL,              -- up to here every event was delivered, given up, or not asked for
    created_at   BIGINT NOT NULL,
    leased_by    TEXT,                         -- which server delivers; several may share one store
    leased_until BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX webhooks_of_developer ON webhooks (developer_id, created_at);

-- One row for each event from its first attempt on.
CREATE TABLE webhook_deliveries (
    webhook_id      TEXT   NOT NULL,
    seq             BIGINT NOT NULL,
    id              TEXT   NOT NULL UNIQUE,    -- whd_
    event_id        TEXT   NOT NULL,
    event_type      TEXT   NOT NULL,
    status          TEXT   NOT NULL,           -- pending | delivered | failed
    attempts        BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,           -- of a pending one
    last_error      TEXT,
    created_at      BIGINT NOT NULL,
    delivered_at    BIGINT,
    PRIMARY KEY (webhook_id, seq)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
