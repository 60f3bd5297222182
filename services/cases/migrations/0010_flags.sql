-- Flags: see 0009.
SELECT flag_table('case');
SELECT flag_table('family');
SELECT flag_table('registry');
