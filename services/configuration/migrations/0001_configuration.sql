-- The present state of each object as JSON text (jsonb would reorder keys), by kind:
-- form, lookup, module, report, settings.
create table object (
    tenant uuid not null,
    kind text not null,
    id bigint not null,
    unique_id text not null,
    document text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, kind, id)
);
create unique index object_unique_id on object (tenant, kind, unique_id);
alter table object enable row level security;
alter table object force row level security;
create policy tenant on object using (tenant = current_setting('amparo.tenant', true)::uuid);

-- Counts changes: caches compare with it, and its row lock puts the changes of a tenant in order.
create table configuration_version (
    tenant uuid primary key,
    version bigint not null default 0,
    epoch bigint not null default 0,
    -- Counts changes of places.
    places bigint not null default 0
);
alter table configuration_version enable row level security;
alter table configuration_version force row level security;
create policy tenant on configuration_version
    using (tenant = current_setting('amparo.tenant', true)::uuid);

-- The configuration as it was just before a snapshot was applied, for principals of that epoch.
create table configuration_kept (
    tenant uuid not null,
    epoch bigint not null,
    version bigint not null,
    configuration text not null,
    primary key (tenant, epoch)
);
alter table configuration_kept enable row level security;
alter table configuration_kept force row level security;
create policy tenant on configuration_kept
    using (tenant = current_setting('amparo.tenant', true)::uuid);

create table location (
    tenant uuid not null,
    id bigint not null,
    code text not null,
    -- Empty for a country.
    parent_code text not null,
    hierarchy text[] not null,
    admin_level int not null,
    place_type text not null,
    -- JSON by language; `name` is the path of placenames, renewed when a place above is renamed.
    placename text not null,
    name text not null,
    -- The English name in small letters.
    sort_name text not null,
    disabled boolean not null,
    primary key (tenant, id)
);
create unique index location_code on location (tenant, code);
create index location_parent on location (tenant, parent_code);
create index location_sort_name on location (tenant, sort_name, id);
create index location_disabled on location (tenant, disabled, id);
alter table location enable row level security;
alter table location force row level security;
create policy tenant on location using (tenant = current_setting('amparo.tenant', true)::uuid);

-- The file of all places as clients download it, made when asked for after a change.
create table location_file (
    tenant uuid primary key,
    places bigint not null,
    etag text not null,
    gzip bytea not null
);
alter table location_file enable row level security;
alter table location_file force row level security;
create policy tenant on location_file using (tenant = current_setting('amparo.tenant', true)::uuid);

-- What is listed of snapshots; their data stays in their sealed streams.
create table snapshot_list (
    tenant uuid not null,
    id uuid not null,
    name text,
    description text,
    version text not null,
    primero_version text not null,
    created_on timestamptz not null,
    created_by text not null,
    applied_epoch bigint,
    in_force_epoch bigint,
    applied_on timestamptz,
    applied_by text,
    primary key (tenant, id)
);
create unique index snapshot_version on snapshot_list (tenant, version);
alter table snapshot_list enable row level security;
alter table snapshot_list force row level security;
create policy tenant on snapshot_list using (tenant = current_setting('amparo.tenant', true)::uuid);

-- Snapshots that identity has not followed yet. The second policy lets the service find them
-- in all tenants: it shows ids and a number, nothing else.
create table snapshot_pending (
    tenant uuid not null,
    id uuid not null,
    epoch bigint not null,
    primary key (tenant, id)
);
alter table snapshot_pending enable row level security;
alter table snapshot_pending force row level security;
create policy tenant on snapshot_pending
    using (tenant = current_setting('amparo.tenant', true)::uuid);
create policy follow_up on snapshot_pending for select using (true);
