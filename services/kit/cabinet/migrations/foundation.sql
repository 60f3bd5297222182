-- What the record types of one service share: people, places, erasures.

-- The term of one attribute that makes a record reachable, such as
-- ('associated_user_groups', 'g-1'). The service computes the same value (src/terms.rs).
CREATE FUNCTION scope_term(field text, value text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(encode(sha256(convert_to('scope:' || field || ':' || value, 'UTF8')), 'hex'), 16))::bit(64)::bigint;

CREATE TABLE directory_user (
    tenant        uuid   NOT NULL,
    user_name     text   NOT NULL,
    -- Version of the user's stream; an older answer never replaces a newer one.
    version       bigint NOT NULL,
    user_id       bigint NOT NULL,
    agency        text,
    agency_office text,
    groups        text[] NOT NULL DEFAULT '{}',
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

ALTER TABLE directory_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_user FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_user USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE directory_location ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_location FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_location USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE erasure_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure_row FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasure_row USING (tenant = current_setting('amparo.tenant', true)::uuid);
