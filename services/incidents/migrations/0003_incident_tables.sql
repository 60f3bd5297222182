-- The tables that keep incidents, from the template of all record types.
SELECT record_tables('incident', 'incident_code');

-- Which incidents belong to a case: who owns the case owns them. Their ids only.
CREATE TABLE incident_of_case (
    tenant  uuid NOT NULL,
    case_id uuid NOT NULL,
    id      uuid NOT NULL,
    PRIMARY KEY (tenant, case_id, id)
);
CREATE UNIQUE INDEX incident_of_case_incident ON incident_of_case (tenant, id);

ALTER TABLE incident_of_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident_of_case FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON incident_of_case
    USING (tenant = current_setting('amparo.tenant', true)::uuid);
