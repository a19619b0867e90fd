-- What lets a browser, whose EventSource and WebSocket set no header, open one stream (contract section 3). Deleted when it is used.
CREATE TABLE stream_tickets (
    hash         TEXT   PRIMARY KEY,           -- SHA-256 of the ticket, lower-case hex
    developer_id TEXT   NOT NULL,
    key_hash     TEXT   NOT NULL,              -- of the API key that asked for it: a rotated key takes its tickets along
    expires_at   BIGINT NOT NULL
);
CREATE INDEX stream_tickets_by_expiry ON stream_tickets (expires_at);
