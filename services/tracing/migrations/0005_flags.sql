-- Flags: see 0004.
SELECT flag_table('tracing');
