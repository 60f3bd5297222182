-- The log of all tenants is read by a role of its own (amparo_<service>_relay), and not by
-- whoever says so in a setting: `migrate` makes that policy, since the role is named after
-- the service.
drop policy relay on event;
