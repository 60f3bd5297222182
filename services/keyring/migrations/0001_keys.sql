-- Keys, all of them wrapped: this database alone opens nothing.
-- What the store's own tables are for in other services is not used here.

-- Key-encryption keys of a tenant, wrapped by the root key. The highest generation is in use.
create table tenant_key (
    tenant uuid not null,
    generation integer not null,
    wrapped bytea not null,
    -- Which root key wrapped it, as that names itself.
    root text not null,
    created_at timestamptz not null default now(),
    primary key (tenant, generation)
);

-- What index keys are derived from. Never rotated: blind tokens must stay findable.
create table index_secret (
    tenant uuid not null primary key,
    wrapped bytea not null,
    root text not null,
    created_at timestamptz not null default now()
);

-- Data keys, wrapped by a key-encryption key. A destroyed one keeps its row and loses its bytes.
create table data_key (
    tenant uuid not null,
    id uuid not null,
    generation integer not null,
    wrapped bytea,
    created_at timestamptz not null default now(),
    destroyed_at timestamptz,
    primary key (tenant, id),
    -- A key-encryption key cannot go while a data key, even a late one, needs it.
    foreign key (tenant, generation) references tenant_key,
    check ((wrapped is null) = (destroyed_at is not null))
);
create index data_key_generation on data_key (tenant, generation);

alter table tenant_key enable row level security;
alter table tenant_key force row level security;
alter table index_secret enable row level security;
alter table index_secret force row level security;
alter table data_key enable row level security;
alter table data_key force row level security;

create policy tenant on tenant_key using (tenant = current_setting('amparo.tenant', true)::uuid);
create policy tenant on index_secret using (tenant = current_setting('amparo.tenant', true)::uuid);
create policy tenant on data_key using (tenant = current_setting('amparo.tenant', true)::uuid);
