-- What cases knows of people and places, from the facts of identity and configuration.

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

ALTER TABLE directory_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_user FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_user USING (tenant = current_setting('amparo.tenant', true)::uuid);

ALTER TABLE directory_location ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory_location FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON directory_location USING (tenant = current_setting('amparo.tenant', true)::uuid);
