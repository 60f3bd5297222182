-- Cases that may be of the same child twice. Ids and numbers; why is told when it is asked for.

-- Cases that changed and were not compared with the others since.
CREATE TABLE duplicate_due (
    tenant uuid   NOT NULL,
    id     uuid   NOT NULL,
    -- Grows when the case changes once more.
    noted  bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);

-- Pairs that match too well to be by chance. `one` is the smaller id.
CREATE TABLE duplicate_pair (
    tenant uuid    NOT NULL,
    one    uuid    NOT NULL,
    other  uuid    NOT NULL,
    -- The chance that they are of one child, in thousandths.
    chance integer NOT NULL,
    tier   text    NOT NULL,
    -- Of the weights that it was found by.
    model  integer NOT NULL,
    PRIMARY KEY (tenant, one, other)
);
CREATE INDEX duplicate_pair_other ON duplicate_pair (tenant, other, one);
CREATE INDEX duplicate_pair_likeliest ON duplicate_pair (tenant, chance DESC, one, other);

-- Pairs of which somebody said that they are two children.
CREATE TABLE duplicate_verdict (
    tenant uuid NOT NULL,
    one    uuid NOT NULL,
    other  uuid NOT NULL,
    PRIMARY KEY (tenant, one, other)
);

ALTER TABLE duplicate_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicate_due FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON duplicate_due USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE duplicate_pair ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicate_pair FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON duplicate_pair USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE duplicate_verdict ENABLE ROW LEVEL SECURITY;
ALTER TABLE duplicate_verdict FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON duplicate_verdict USING (tenant = current_setting('amparo.tenant', true)::uuid);
