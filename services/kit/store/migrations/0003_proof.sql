-- What shows that the history is what was once written, to whoever cannot ask for the keys.

-- A keyed proof of the event's hash: whoever has the database alone can recompute hashes, and
-- not this. Null for what was recorded before there was one.
alter table event add column mac bytea;

-- Signed statements of how far each stream had come. Signed by the keyring; copies lie outside
-- the database.
create table attestation (
    tenant uuid not null,
    -- Counts from 1 without a gap.
    number bigint not null,
    body bytea not null,
    signature bytea not null,
    primary key (tenant, number)
);
alter table attestation enable row level security;
alter table attestation force row level security;
create policy tenant on attestation
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);

-- Up to which transaction streams were attested. No tenant's data.
create table attested (
    one boolean primary key default true check (one),
    transaction xid8 not null
);

-- Events that make no fact, and what follows them in their streams: told when they can be.
create table parked (
    tenant uuid not null,
    event_id uuid not null,
    stream text collate "C" not null,
    version bigint not null,
    reason text not null,
    parked_at timestamptz not null default now(),
    told_at timestamptz,
    primary key (tenant, event_id)
);
create index parked_waiting on parked (tenant, stream, version) where told_at is null;
alter table parked enable row level security;
alter table parked force row level security;
create policy tenant on parked
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
