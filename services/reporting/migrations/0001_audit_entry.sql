-- Every call to the API, refused ones too: ids only, no personal data.

CREATE TABLE audit_entry (
    tenant       uuid        NOT NULL,
    id           bigint      GENERATED ALWAYS AS IDENTITY,
    event_id     uuid        NOT NULL,
    at           timestamptz NOT NULL,
    user_name    text,
    user_id      bigint,
    action       text        NOT NULL,
    record_type  text        NOT NULL,
    record_id    text,
    record_ids   text[]      NOT NULL DEFAULT '{}',
    display_id   text,
    resource_url text        NOT NULL,
    remote_ip    text,
    agency_id    text,
    role_id      text,
    http_method  text        NOT NULL,
    status       integer     NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX audit_entry_event ON audit_entry (tenant, event_id);
CREATE INDEX audit_entry_newest ON audit_entry (tenant, at DESC, id DESC);
CREATE INDEX audit_entry_user ON audit_entry (tenant, user_name, at DESC, id DESC);
CREATE INDEX audit_entry_record ON audit_entry (tenant, record_type, record_id, at DESC, id DESC);

ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_entry USING (tenant = current_setting('amparo.tenant', true)::uuid);
