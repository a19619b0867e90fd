-- How large a developer's log is: of each kept event its payload, and 128 for the rest of it (log.h says so too). Of what is
-- older than this step letters are counted, not bytes.
ALTER TABLE developers ADD COLUMN log_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE developers SET log_bytes =
    (SELECT CAST(COALESCE(SUM(LENGTH(data) + 128), 0) AS BIGINT) FROM events WHERE events.developer_id = developers.id);
