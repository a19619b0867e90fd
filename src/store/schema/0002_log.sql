-- The log. Within a developer seq, id and timestamp all grow together; the primary key is the only index it needs.
CREATE TABLE events (
    developer_id TEXT   NOT NULL,
    seq          BIGINT NOT NULL,
    id           TEXT   NOT NULL,              -- evt_
    type         TEXT   NOT NULL,
    timestamp    BIGINT NOT NULL,
    data         TEXT   NOT NULL,              -- payload, JSON
    PRIMARY KEY (developer_id, seq)
) /* clustered */;
