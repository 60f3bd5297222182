-- Open conflicts: see 0030.
SELECT conflict_table('tracing');
