-- The tables that keep tracing requests, from the template of all record types.
SELECT record_tables('tracing', 'tracing_request_id_display');

-- Children who may be sought: cases with consent, and no others. What matching needs of each is
-- sealed with the case's own key.
CREATE TABLE case_sought (
    tenant   uuid NOT NULL,
    id       uuid NOT NULL,
    version  bigint NOT NULL,
    owned_by text NOT NULL,
    key_id   uuid NOT NULL,
    sealed   bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX case_sought_owner ON case_sought (tenant, owned_by, id);

-- Traces: which request each belongs to, and what matching needs of it, sealed with the key of
-- the request. Of a disabled request `wanted` is false.
CREATE TABLE trace_sought (
    tenant     uuid NOT NULL,
    id         uuid NOT NULL,
    request_id uuid NOT NULL,
    owned_by   text NOT NULL,
    wanted     boolean NOT NULL,
    key_id     uuid NOT NULL,
    sealed     bytea NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX trace_sought_request ON trace_sought (tenant, request_id, id);
CREATE INDEX trace_sought_owner ON trace_sought (tenant, owned_by, id);

-- What changed last, and whether it was matched since. Every process follows it from the oldest
-- transaction that might still have been open when it looked before.
CREATE TABLE matching_turn (
    tenant     uuid NOT NULL,
    id         uuid NOT NULL,
    kind       text NOT NULL,
    changed_in bigint NOT NULL,
    pending    boolean NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX matching_turn_changed ON matching_turn (tenant, changed_in, id);
CREATE INDEX matching_turn_pending ON matching_turn (tenant, changed_in) WHERE pending;

-- How a trace and a case stand to one another. Ids, coded values and user names only.
CREATE TABLE trace_pair (
    tenant    uuid NOT NULL,
    trace_id  uuid NOT NULL,
    case_id   uuid NOT NULL,
    notice_id uuid NOT NULL,
    standing  text NOT NULL,
    tier      text,
    since     timestamptz NOT NULL,
    seen_by   text[] NOT NULL,
    PRIMARY KEY (tenant, trace_id, case_id)
);
CREATE INDEX trace_pair_case ON trace_pair (tenant, case_id, standing, trace_id);
CREATE INDEX trace_pair_since ON trace_pair (tenant, standing, since DESC, notice_id);
CREATE UNIQUE INDEX trace_pair_notice ON trace_pair (tenant, notice_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['case_sought', 'trace_sought', 'matching_turn', 'trace_pair'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I USING (tenant = current_setting(''amparo.tenant'', true)::uuid)',
            name
        );
    END LOOP;
END $$;
