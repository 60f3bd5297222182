-- Erasures by record and by age. What happened is in their streams; nothing of a record is here.
CREATE TABLE erasure_row (
    tenant       uuid        NOT NULL,
    id           uuid        NOT NULL,
    record_type  text        NOT NULL,
    record_id    uuid        NOT NULL,
    -- requested, approved, carried_out, withdrawn, refused, expired
    status       text        NOT NULL,
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL,
    -- Who reached the record when its erasure was asked for.
    user_names   text[]      NOT NULL DEFAULT '{}',
    groups       text[]      NOT NULL DEFAULT '{}',
    agencies     text[]      NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, id)
);

-- A record has one erasure that is open or done, also when two requests race.
CREATE UNIQUE INDEX erasure_row_record ON erasure_row (tenant, record_type, record_id)
    WHERE status IN ('requested', 'approved', 'carried_out');
CREATE INDEX erasure_row_newest ON erasure_row (tenant, requested_at DESC, id DESC);
CREATE INDEX erasure_row_unfinished ON erasure_row (tenant, id) WHERE status = 'approved';

ALTER TABLE erasure_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure_row FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasure_row USING (tenant = current_setting('amparo.tenant', true)::uuid);
