-- What a key was destroyed for: ids and coded values, told to whoever recovers a restored backup.
alter table data_key add column destroyed_for jsonb;
create index data_key_destroyed on data_key (tenant, id) where destroyed_for is not null;
