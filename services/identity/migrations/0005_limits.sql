-- What an organisation may use; none is no limit.
alter table tenant
    add column max_users bigint,
    add column requests_per_second bigint;
