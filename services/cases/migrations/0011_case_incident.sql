-- The incidents that belong to cases, as the service of incidents tells: who reaches each, and the
-- whole incident sealed with its own key (nothing where it was too large for a fact).
CREATE TABLE case_incident (
    tenant     uuid   NOT NULL,
    incident   uuid   NOT NULL,
    case_id    uuid   NOT NULL,
    version    bigint NOT NULL,
    user_names text[] NOT NULL,
    key_id     uuid,
    sealed     bytea,
    PRIMARY KEY (tenant, incident)
);
CREATE INDEX case_incident_case ON case_incident (tenant, case_id, incident);

ALTER TABLE case_incident ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_incident FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON case_incident
    USING (tenant = current_setting('amparo.tenant', true)::uuid);
