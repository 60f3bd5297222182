-- The read model of cases: one row per case, and the inverted table that scope
-- and search are answered from.

-- The term of one attribute that makes a case reachable, such as
-- ('associated_user_groups', 'g-1'). The service computes the same value (src/terms.rs);
-- a test holds them together.
CREATE FUNCTION scope_term(field text, value text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ('x' || left(encode(sha256(convert_to('scope:' || field || ':' || value, 'UTF8')), 'hex'), 16))::bit(64)::bigint;

CREATE TABLE case_row (
    tenant                  uuid        NOT NULL,
    id                      uuid        NOT NULL,
    version                 bigint      NOT NULL,
    created_at              timestamptz NOT NULL,
    last_updated_at         timestamptz NOT NULL,
    record_state            boolean     NOT NULL,
    status                  text,
    workflow                text,
    module_id               text,
    short_id                text,
    case_id_display         text,
    owned_by                text,
    identified_by           text,
    -- Owner and assigned users.
    associated_user_names   text[]      NOT NULL DEFAULT '{}',
    -- From the directory; never in the case's own events.
    associated_user_groups  text[]      NOT NULL DEFAULT '{}',
    associated_user_agencies text[]     NOT NULL DEFAULT '{}',
    owned_by_groups         text[]      NOT NULL DEFAULT '{}',
    owned_by_agency_id      text,
    owned_by_agency_office  text,
    owned_by_location       text,
    -- Coded values of all filterable fields.
    facets                  jsonb       NOT NULL,
    -- What stands for this case in case_term.
    terms                   bigint[]    NOT NULL,
    -- The whole record as JSON, sealed with its key.
    document                bytea       NOT NULL,
    key_id                  uuid        NOT NULL,
    PRIMARY KEY (tenant, id)
);
-- Sealed bytes do not compress, and no scan should read them.
ALTER TABLE case_row ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE INDEX case_row_newest ON case_row (tenant, created_at DESC, id DESC);

-- One row per term of a case: what makes it reachable, and blind tokens.
-- Under row-level security only leakproof comparisons reach an index; those of
-- arrays and jsonb are not leakproof, so an inverted table does what GIN cannot.
CREATE TABLE case_term (
    tenant     uuid        NOT NULL,
    term       bigint      NOT NULL,
    created_at timestamptz NOT NULL,
    id         uuid        NOT NULL,
    PRIMARY KEY (tenant, term, created_at, id)
);

ALTER TABLE case_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_row FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON case_row USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE case_term ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_term FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON case_term USING (tenant = current_setting('amparo.tenant', true)::uuid);
