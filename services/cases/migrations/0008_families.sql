-- Families, and registry records: see 0007.
SELECT record_tables('family', 'family_id_display');
SELECT record_tables('registry', 'registry_id_display');
