-- Open conflicts: see 0030.
SELECT conflict_table('case');
SELECT conflict_table('family');
SELECT conflict_table('registry');
