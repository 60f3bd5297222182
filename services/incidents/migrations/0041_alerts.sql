-- Alerts: see 0040.
SELECT alert_table('incident');
