-- The history of one service, and what keeps it exact.
-- Every table of tenants' data starts with the tenant and forces row-level security.

create table event (
    tenant uuid not null,
    stream text collate "C" not null,
    version bigint not null,
    position bigint generated always as identity,
    transaction xid8 not null default pg_current_xact_id(),
    id uuid not null,
    type text not null,
    schema integer not null,
    payload bytea not null,
    key_id uuid,
    actor text not null,
    command_id uuid not null,
    correlation uuid not null,
    causation uuid,
    trace text,
    recorded_at timestamptz not null,
    hash bytea not null,
    primary key (tenant, stream, version)
);
-- The global order crosses tenants by its nature: only the relay reads by it.
create unique index event_order on event (transaction, position);

-- What a command did, so that its repeat returns the first outcome.
create table command (
    tenant uuid not null,
    id uuid not null,
    actor text not null,
    name text not null,
    -- [stream, first version, last version] of each stream written, at most 1,000 of them.
    streams jsonb not null,
    recorded_at timestamptz not null,
    primary key (tenant, id)
);

create table snapshot (
    tenant uuid not null,
    stream text collate "C" not null,
    version bigint not null,
    schema integer not null,
    payload bytea not null,
    key_id uuid,
    hash bytea not null,
    primary key (tenant, stream)
);

-- Numbers that people see (display ids, integer ids of the contract).
create table counter (
    tenant uuid not null,
    kind text not null,
    last bigint not null,
    primary key (tenant, kind)
);

alter table event enable row level security;
alter table event force row level security;
alter table command enable row level security;
alter table command force row level security;
alter table snapshot enable row level security;
alter table snapshot force row level security;
alter table counter enable row level security;
alter table counter force row level security;

-- A setting that was once set in a session is '' afterwards, not null.
create policy tenant on event
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
create policy tenant on command
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
create policy tenant on snapshot
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
create policy tenant on counter
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
-- The relay reads the whole log, sealed as it is, and writes nothing.
create policy relay on event for select using (current_setting('amparo.relay', true) = 'on');

-- How far the log was published. No tenant's data.
create table relay_cursor (
    one boolean primary key default true check (one),
    transaction xid8 not null,
    position bigint not null
);
-- What was last published to each partition, to notice that NATS lost it.
create table relay_partition (
    partition smallint primary key,
    transaction xid8 not null,
    position bigint not null,
    -- Where it lies in the JetStream stream that was created then (Unix nanoseconds).
    sequence bigint not null,
    stream_created bigint not null
);

-- How far a consumer of another service's facts has come. No tenant's data.
create table checkpoint (
    source text not null,
    consumer text not null,
    partition smallint not null,
    transaction xid8 not null,
    position bigint not null,
    -- Where to go on in the JetStream stream that was created then; only a hint.
    sequence bigint not null,
    stream_created bigint not null,
    primary key (source, consumer, partition)
);
-- A fact that cannot be applied stops its partition until it can, or is skipped by an operator.
create table poison (
    source text not null,
    consumer text not null,
    partition smallint not null,
    event_id uuid not null,
    transaction xid8 not null,
    position bigint not null,
    reason text not null,
    attempts integer not null,
    since timestamptz not null default now(),
    skip boolean not null default false,
    primary key (source, consumer, partition)
);

-- Which version of each projection the rows were made by.
create table projection (
    name text primary key,
    version integer not null,
    rebuilt_at timestamptz not null default now()
);
