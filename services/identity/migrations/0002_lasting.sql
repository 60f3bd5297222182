-- User names that were ever given: records name their people by them, so none is given twice,
-- not even when its user is deleted or erased. A rebuild leaves this table alone.
create table user_name (
    tenant uuid not null,
    user_name text not null,
    number bigint not null,
    primary key (tenant, user_name)
);
alter table user_name enable row level security;
alter table user_name force row level security;
create policy tenant on user_name using (tenant = current_setting('amparo.tenant', true)::uuid);
insert into user_name (tenant, user_name, number)
    select tenant, unique_id, number from directory_entry
    where kind = 'user' and unique_id is not null;

-- The user's credential when the session began; another one now means that it is over.
alter table session add column credential bigint not null default 0;
