-- Writes the row of one case and the difference of its terms. What belongs to people
-- (groups, agencies, places) is read from the directory, whose rows the caller has locked.
--  $1 tenant  $2 id  $3 associated user names  $4 terms without those of the scope
--  $5 version $6 created_at $7 last_updated_at $8 record_state $9 status $10 workflow
--  $11 module_id $12 short_id $13 case_id_display $14 owned_by $15 identified_by
--  $16 facets $17 document $18 key_id $19 what may name places
WITH people AS (
    SELECT user_name, agency, agency_office, groups, location
    FROM directory_user WHERE tenant = $1 AND user_name = ANY($3::text[])
), reach AS (
    SELECT array(SELECT DISTINCT g FROM people, unnest(groups) g ORDER BY g) AS groups,
           array(SELECT DISTINCT agency FROM people WHERE agency IS NOT NULL ORDER BY agency) AS agencies
), now AS (
    SELECT array(
        SELECT unnest($4::bigint[])
        UNION SELECT scope_term('associated_user_names', u) FROM unnest($3::text[]) u
        UNION SELECT scope_term('identified_by', $15) WHERE $15 IS NOT NULL
        UNION SELECT scope_term('associated_user_groups', g) FROM reach, unnest(reach.groups) g
        UNION SELECT scope_term('associated_user_agencies', a) FROM reach, unnest(reach.agencies) a
        ORDER BY 1) AS terms
), old AS (
    SELECT terms, created_at FROM case_row WHERE tenant = $1 AND id = $2
), gone AS (
    DELETE FROM case_term t
    USING (SELECT unnest(old.terms) AS term, old.created_at FROM old
           EXCEPT SELECT unnest(now.terms), $6::timestamptz FROM now) g
    WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = $2
), added AS (
    INSERT INTO case_term (tenant, term, created_at, id)
    SELECT $1, a.term, $6, $2
    FROM (SELECT unnest(now.terms) AS term, $6::timestamptz FROM now
          EXCEPT SELECT unnest(old.terms), old.created_at FROM old) a
), places AS (
    -- Values that name known places only are codes, however they look.
    SELECT coalesce(jsonb_object_agg(p.field, p.value), '{}') AS facets
    FROM jsonb_each($19::jsonb) p(field, value)
    WHERE NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(
            CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value ELSE jsonb_build_array(p.value) END
        ) c(code)
        WHERE NOT EXISTS (
            SELECT 1 FROM directory_location l WHERE l.tenant = $1 AND l.code = c.code))
), owner AS (
    SELECT p.* FROM (SELECT 1) one LEFT JOIN people p ON p.user_name = $14
)
INSERT INTO case_row (
    tenant, id, associated_user_names, terms, version, created_at, last_updated_at, record_state,
    status, workflow, module_id, short_id, case_id_display, owned_by, identified_by,
    facets, document, key_id, associated_user_groups, associated_user_agencies,
    owned_by_groups, owned_by_agency_id, owned_by_agency_office, owned_by_location)
SELECT $1, $2, $3, now.terms, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
       $16 || places.facets, $17, $18, reach.groups, reach.agencies,
       coalesce(owner.groups, '{}'), owner.agency, owner.agency_office, owner.location
FROM now, reach, owner, places
ON CONFLICT (tenant, id) DO UPDATE SET
    associated_user_names = excluded.associated_user_names,
    terms = excluded.terms,
    version = excluded.version,
    created_at = excluded.created_at,
    last_updated_at = excluded.last_updated_at,
    record_state = excluded.record_state,
    status = excluded.status,
    workflow = excluded.workflow,
    module_id = excluded.module_id,
    short_id = excluded.short_id,
    case_id_display = excluded.case_id_display,
    owned_by = excluded.owned_by,
    identified_by = excluded.identified_by,
    facets = excluded.facets,
    document = excluded.document,
    key_id = excluded.key_id,
    associated_user_groups = excluded.associated_user_groups,
    associated_user_agencies = excluded.associated_user_agencies,
    owned_by_groups = excluded.owned_by_groups,
    owned_by_agency_id = excluded.owned_by_agency_id,
    owned_by_agency_office = excluded.owned_by_agency_office,
    owned_by_location = excluded.owned_by_location
