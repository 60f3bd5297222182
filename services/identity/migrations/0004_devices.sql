-- Devices on which people keep records. A row is for one user on one device.
create table device (
    tenant uuid not null,
    id uuid not null,
    user_number bigint not null,
    -- SHA-256 of the secret that the device shows; users of one device share it.
    key_hash text not null,
    -- active, wipe_ordered, wiped
    state text not null,
    -- JSON of the state, sealed.
    key_id uuid not null,
    document bytea not null,
    primary key (tenant, id)
);
create index device_key on device (tenant, key_hash);
create index device_of_user on device (tenant, user_number);

-- The day when a device was last used. Not made from events.
create table device_seen (
    tenant uuid not null,
    id uuid not null,
    seen_on date not null,
    primary key (tenant, id)
);

do $$
declare one text;
begin
    foreach one in array array['device', 'device_seen'] loop
        execute format('alter table %I enable row level security', one);
        execute format('alter table %I force row level security', one);
        execute format('create policy tenant on %I '
            'using (tenant = current_setting(''amparo.tenant'', true)::uuid)', one);
    end loop;
end $$;

-- The device that a session is used on, once it said so.
alter table session add column device uuid;
