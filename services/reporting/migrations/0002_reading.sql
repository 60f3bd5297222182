-- How many records each account reads, by the hour, and the alarms about it. Coded values only.

ALTER TABLE audit_entry ADD COLUMN records_read integer NOT NULL DEFAULT 0;

-- One row per partition of the facts, so that consumers never wait for one another.
CREATE TABLE reading_hour (
    tenant    uuid        NOT NULL,
    user_id   bigint      NOT NULL,
    hour      timestamptz NOT NULL,
    shard     smallint    NOT NULL,
    user_name text        NOT NULL,
    records   bigint      NOT NULL,
    PRIMARY KEY (tenant, user_id, hour, shard)
);

CREATE INDEX reading_hour_newest ON reading_hour (tenant, hour);

ALTER TABLE reading_hour ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading_hour FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reading_hour USING (tenant = current_setting('amparo.tenant', true)::uuid);

CREATE TABLE reading_alarm (
    tenant    uuid        NOT NULL,
    id        uuid        NOT NULL,
    user_id   bigint      NOT NULL,
    user_name text        NOT NULL,
    hour      timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    records   bigint      NOT NULL,
    usual     bigint      NOT NULL,
    allowed   bigint      NOT NULL,
    stopped   boolean     NOT NULL,
    -- The fact is with NATS.
    told      boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, id)
);

CREATE UNIQUE INDEX reading_alarm_hour ON reading_alarm (tenant, user_id, hour);
CREATE INDEX reading_alarm_newest ON reading_alarm (tenant, raised_at DESC, id DESC);

ALTER TABLE reading_alarm ENABLE ROW LEVEL SECURITY;
ALTER TABLE reading_alarm FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reading_alarm USING (tenant = current_setting('amparo.tenant', true)::uuid);
