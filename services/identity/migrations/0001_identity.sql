-- Who may sign in. Rows of one tenant are seen by that tenant alone; the list of tenants itself
-- belongs to the installation and is read, never written, across tenants.

create table tenant (
    tenant uuid primary key,
    name text not null,
    display_name text not null,
    locales text[] not null,
    -- open, suspended, closed
    status text not null
);
create unique index tenant_name on tenant (name);

-- Which host name leads where. One host leads to one tenant, so the key is the host alone.
create table tenant_host (
    host text primary key,
    tenant uuid not null references tenant
);
create index tenant_host_tenant on tenant_host (tenant);

-- Grows with every change of a tenant's people, roles, groups or agencies, so that what is
-- kept in memory is known to be fresh or not.
create table directory_state (
    tenant uuid primary key,
    revision bigint not null,
    -- The catalog epoch that roles belong to.
    epoch bigint not null
);

-- Everyone and everything that decides about access, as it is now.
create table directory_entry (
    tenant uuid not null,
    -- user, role, user_group, agency, code_of_conduct
    kind text not null,
    number bigint not null,
    -- User name or unique id; null once deleted, so that it is free again.
    unique_id text,
    -- Name of a role, code of an agency: unique among their kind.
    name text,
    -- Blind token of a user's e-mail address.
    email_token bigint,
    -- Version of the stream.
    version bigint not null,
    -- Of the tenant's directory, when this was last changed.
    revision bigint not null,
    deleted boolean not null,
    -- JSON of the state; sealed with the key where there is one.
    key_id uuid,
    document bytea,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, kind, number)
);
create unique index directory_entry_unique_id on directory_entry (tenant, kind, unique_id);
create unique index directory_entry_name on directory_entry (tenant, kind, name);
create unique index directory_entry_email on directory_entry (tenant, email_token);
create index directory_entry_revision on directory_entry (tenant, revision);

create table saved_search (
    tenant uuid not null,
    user_number bigint not null,
    number bigint not null,
    key_id uuid not null,
    document bytea not null,
    primary key (tenant, user_number, number)
);
create index saved_search_number on saved_search (tenant, number);

-- Files of agencies, by the SHA-256 of their content. Not made from events: events name them.
create table agency_file (
    tenant uuid not null,
    digest text not null,
    content_type text not null,
    content bytea not null,
    primary key (tenant, digest)
);

-- Who is signed in. Not made from events; losing it signs everyone out.
create table session (
    tenant uuid not null,
    -- SHA-256 of the cookie's value.
    secret_hash bytea not null,
    id uuid not null,
    user_number bigint not null,
    began_at timestamptz not null,
    seen_at timestamptz not null,
    primary key (tenant, secret_hash)
);
create index session_of_user on session (tenant, user_number);

-- Failed sign-ins, by a keyed hash of the name that was tried, whether there is such a user or
-- not. Not made from events.
create table sign_in_failure (
    tenant uuid not null,
    name_hash bytea not null,
    failures integer not null,
    last_at timestamptz not null,
    locked_until timestamptz,
    primary key (tenant, name_hash)
);
create index sign_in_failure_last on sign_in_failure (tenant, last_at);

do $$
declare one text;
begin
    foreach one in array array['tenant', 'tenant_host', 'directory_state', 'directory_entry',
        'saved_search', 'agency_file', 'session', 'sign_in_failure']
    loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format('create policy tenant on %I '
            'using (tenant = current_setting(''amparo.tenant'', true)::uuid)', one);
    end loop;
end $$;

-- The installation resolves host names and lists its tenants: no data of theirs beyond that.
create policy installation on tenant for select
    using (current_setting('amparo.installation', true) = 'on');
create policy installation on tenant_host for select
    using (current_setting('amparo.installation', true) = 'on');
