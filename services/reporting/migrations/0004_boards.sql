-- Dashboards are kept: one narrow row per record, and counts that its changes move by difference.
-- Coded values and days only.

CREATE TABLE directory_user (
    tenant        uuid    NOT NULL,
    user_name     text    NOT NULL,
    -- Version of the user's stream; an older fact never replaces a newer one.
    version       bigint  NOT NULL,
    user_id       bigint  NOT NULL,
    agency        text,
    agency_office text,
    groups        text[]  NOT NULL DEFAULT '{}',
    location      text,
    disabled      boolean NOT NULL DEFAULT false,
    deleted       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, user_name)
);

CREATE TABLE directory_location (
    tenant    uuid    NOT NULL,
    code      text    NOT NULL,
    -- Codes from the top down to this place.
    hierarchy text[]  NOT NULL,
    type      text,
    disabled  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, code)
);

-- What a record counted for when it was last heard of.
CREATE TABLE board_record (
    tenant      uuid  NOT NULL,
    record_type text  NOT NULL,
    id          uuid  NOT NULL,
    told        jsonb NOT NULL,
    PRIMARY KEY (tenant, record_type, id)
);

-- Whose records follow when a user moves.
CREATE TABLE board_person (
    tenant      uuid NOT NULL,
    user_name   text NOT NULL,
    record_type text NOT NULL,
    id          uuid NOT NULL,
    PRIMARY KEY (tenant, user_name, record_type, id)
);

-- The sets of groups in which records are.
CREATE TABLE board_cohort (
    tenant uuid   NOT NULL,
    scope  text   NOT NULL COLLATE "C",
    groups text[] NOT NULL,
    PRIMARY KEY (tenant, scope)
);

-- How many records, in as many parts as partitions write it at once.
CREATE TABLE board_count (
    tenant  uuid     NOT NULL,
    measure text     NOT NULL COLLATE "C",
    day     integer  NOT NULL,
    scope   text     NOT NULL COLLATE "C",
    module  text     NOT NULL COLLATE "C",
    key     text     NOT NULL COLLATE "C",
    shard   smallint NOT NULL,
    records bigint   NOT NULL,
    PRIMARY KEY (tenant, measure, day, scope, module, key, shard) INCLUDE (records)
) WITH (fillfactor = 80);

ALTER TABLE directory_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_user FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_user USING (tenant = current_setting('amparo.tenant', true)::uuid);
ALTER TABLE directory_location ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_location FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_location USING (tenant = current_setting('amparo.tenant', true)::uuid);
ALTER TABLE board_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_record FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON board_record USING (tenant = current_setting('amparo.tenant', true)::uuid);
ALTER TABLE board_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_person FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON board_person USING (tenant = current_setting('amparo.tenant', true)::uuid);
ALTER TABLE board_cohort ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_cohort FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON board_cohort USING (tenant = current_setting('amparo.tenant', true)::uuid);
ALTER TABLE board_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE board_count FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON board_count USING (tenant = current_setting('amparo.tenant', true)::uuid);
