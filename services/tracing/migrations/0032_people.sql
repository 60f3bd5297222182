-- All who work on a case or a request hear what is proposed for it, not its owner alone. Rows from
-- before name their owner until the record is told of again.
ALTER TABLE case_sought ADD COLUMN people text[] NOT NULL DEFAULT '{}';
ALTER TABLE trace_sought ADD COLUMN people text[] NOT NULL DEFAULT '{}';
