-- A developer who was deleted is gone for everybody at once; the rows are taken out a little at a time, this one last.
ALTER TABLE developers ADD COLUMN deleted_at BIGINT;
CREATE INDEX developers_deleted ON developers (id) WHERE deleted_at IS NOT NULL;
