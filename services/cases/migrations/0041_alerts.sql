-- Alerts: see 0040.
SELECT alert_table('case');
SELECT alert_table('family');
SELECT alert_table('registry');
