-- Since which version a case may not be sought: what is told of it late brings nothing back. Of an
-- erased one it is the last there can be. Nothing else is kept of them, and nothing at all of those
-- whose first version says no.
CREATE TABLE case_silent (
    tenant  uuid   NOT NULL,
    id      uuid   NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant, id)
);
ALTER TABLE case_silent ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_silent FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON case_silent
    USING (tenant = current_setting('amparo.tenant', true)::uuid);
