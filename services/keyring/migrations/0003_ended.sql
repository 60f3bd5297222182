-- A tenant whose keys were all destroyed has a key-encryption key of generation 0 and no other: it
-- wraps no data key. What it holds instead, wrapped by the root key, is the key that proves
-- histories, so that what is left of them can still be verified.
alter table tenant_key add column destroyed_for jsonb;

-- Who keeps copies asks which tenants these are; of the others it learns nothing.
create policy installation on tenant_key for select
    using (generation = 0 and current_setting('amparo.installation', true) = 'on');

-- A setting that was once set in a session is '' afterwards, not null.
alter policy tenant on tenant_key
    using (tenant = nullif(current_setting('amparo.tenant', true), '')::uuid);
