-- What was trimmed from the log: of each event its type and its place in the order, nothing else. Blocks of a few hundred events,
-- 1, 2, 3 … per developer, a row for each type that was ever trimmed; so seq is the sum of `total` over the types.
CREATE TABLE trimmed_events (
    developer_id TEXT   NOT NULL,
    block        BIGINT NOT NULL,
    type         TEXT   NOT NULL,
    ids          TEXT   NOT NULL,              -- of this type in this block, ascending: 26 characters each, without evt_
    total        BIGINT NOT NULL,              -- of this type in this block and all before it
    PRIMARY KEY (developer_id, block, type)
);
