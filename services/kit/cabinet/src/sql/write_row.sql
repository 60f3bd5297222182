-- Writes the row of one record. Groups, agencies and places of people come from the directory, whose
-- rows the caller has locked.
--  $1 tenant  $2 id  $3 version  $4 created_at  $5 last_updated_at  $6 record_state  $7 status
--  $8 workflow  $9 module_id  $10 short_id  $11 {display}  $12 owned_by  $13 identified_by
--  $14 associated user names  $15 groups  $16 agencies  $17 owner's groups  $18 agency
--  $19 office  $20 location  $21 facets  $22 terms  $23 document  $24 key_id  $25 forms
INSERT INTO {row} (
    tenant, id, version, created_at, last_updated_at, record_state, status,
    workflow, module_id, short_id, {display}, owned_by, identified_by,
    associated_user_names, associated_user_groups, associated_user_agencies,
    owned_by_groups, owned_by_agency_id, owned_by_agency_office, owned_by_location,
    facets, terms, document, key_id, forms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $23, $24, $25)
ON CONFLICT (tenant, id) DO UPDATE SET
    version = excluded.version,
    created_at = excluded.created_at,
    last_updated_at = excluded.last_updated_at,
    record_state = excluded.record_state,
    status = excluded.status,
    workflow = excluded.workflow,
    module_id = excluded.module_id,
    short_id = excluded.short_id,
    {display} = excluded.{display},
    owned_by = excluded.owned_by,
    identified_by = excluded.identified_by,
    associated_user_names = excluded.associated_user_names,
    associated_user_groups = excluded.associated_user_groups,
    associated_user_agencies = excluded.associated_user_agencies,
    owned_by_groups = excluded.owned_by_groups,
    owned_by_agency_id = excluded.owned_by_agency_id,
    owned_by_agency_office = excluded.owned_by_agency_office,
    owned_by_location = excluded.owned_by_location,
    facets = excluded.facets,
    terms = excluded.terms,
    document = excluded.document,
    key_id = excluded.key_id,
    forms = excluded.forms
