-- What filters ask of a case, in a narrow table of its own: a list of one page or a count passes
-- over many cases, and must not read their documents. A row is written only when a mark changes.
CREATE TABLE case_mark (
    tenant     uuid        NOT NULL,
    id         uuid        NOT NULL,
    created_at timestamptz NOT NULL,
    -- One hash per coded field and value; see src/terms.rs.
    codes      bigint[]    NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- Hashes do not compress.
ALTER TABLE case_mark ALTER COLUMN codes SET STORAGE EXTERNAL;

CREATE INDEX case_mark_newest ON case_mark (tenant, created_at DESC, id DESC);

ALTER TABLE case_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON case_mark USING (tenant = current_setting('amparo.tenant', true)::uuid);

-- By which forms a row was taken apart; none means that it has to be done anew, as for rows of
-- the version before this one.
ALTER TABLE case_row ADD COLUMN forms bigint;
CREATE INDEX case_row_unsettled ON case_row (tenant, id) WHERE forms IS NULL;

-- Most writes change no indexed column: room for the new row beside the old one spares the indexes.
ALTER TABLE case_row SET (fillfactor = 80);
