-- When whoever has a session last proved who they are; signing in is such a proof.
alter table session add column proven_at timestamptz;
update session set proven_at = began_at;

-- The last time step whose code a person used, so that no code counts twice. Not made from
-- events; losing it lets a code of the last minute count once more.
create table second_factor_use (
    tenant uuid not null,
    user_number bigint not null,
    step bigint not null,
    primary key (tenant, user_number)
);
alter table second_factor_use enable row level security;
alter table second_factor_use force row level security;
create policy tenant on second_factor_use
    using (tenant = current_setting('amparo.tenant', true)::uuid);
