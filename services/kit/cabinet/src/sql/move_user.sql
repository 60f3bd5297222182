-- A user has other groups, another agency, office or place: one update of all records that
-- the user is associated with, and of their scope terms.
--  $1 tenant  $2 user name
WITH hit AS (
    SELECT r.id, r.created_at, r.terms, r.owned_by, r.associated_user_names,
           r.associated_user_groups, r.associated_user_agencies
    FROM {term} t JOIN {row} r ON r.tenant = t.tenant AND r.id = t.id
    WHERE t.tenant = $1 AND t.term = scope_term('associated_user_names', $2)
), reach AS (
    SELECT hit.id, hit.created_at, hit.terms,
           array(SELECT DISTINCT g FROM directory_user d, unnest(d.groups) g
                 WHERE d.tenant = $1 AND d.user_name = ANY(hit.associated_user_names) ORDER BY g) AS groups,
           array(SELECT DISTINCT d.agency FROM directory_user d
                 WHERE d.tenant = $1 AND d.user_name = ANY(hit.associated_user_names)
                   AND d.agency IS NOT NULL ORDER BY d.agency) AS agencies,
           array(SELECT scope_term('associated_user_groups', g) FROM unnest(hit.associated_user_groups) g
                 UNION SELECT scope_term('associated_user_agencies', a) FROM unnest(hit.associated_user_agencies) a) AS before
    FROM hit
), change AS (
    SELECT reach.id, reach.created_at, reach.terms, reach.groups, reach.agencies, reach.before,
           array(SELECT scope_term('associated_user_groups', g) FROM unnest(reach.groups) g
                 UNION SELECT scope_term('associated_user_agencies', a) FROM unnest(reach.agencies) a) AS after
    FROM reach
), gone AS (
    DELETE FROM {term} t
    USING (SELECT id, created_at, unnest(before) AS term FROM change
           EXCEPT SELECT id, created_at, unnest(after) FROM change) g
    WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = g.id
), added AS (
    INSERT INTO {term} (tenant, term, created_at, id)
    SELECT $1, a.term, a.created_at, a.id
    FROM (SELECT id, created_at, unnest(after) AS term FROM change
          EXCEPT SELECT id, created_at, unnest(before) FROM change) a
)
UPDATE {row} r SET
    associated_user_groups = change.groups,
    associated_user_agencies = change.agencies,
    terms = array(SELECT unnest(change.terms) EXCEPT SELECT unnest(change.before)
                  UNION SELECT unnest(change.after) ORDER BY 1),
    owned_by_groups = CASE WHEN r.owned_by = d.user_name THEN d.groups ELSE r.owned_by_groups END,
    owned_by_agency_id = CASE WHEN r.owned_by = d.user_name THEN d.agency ELSE r.owned_by_agency_id END,
    owned_by_agency_office = CASE WHEN r.owned_by = d.user_name THEN d.agency_office ELSE r.owned_by_agency_office END,
    owned_by_location = CASE WHEN r.owned_by = d.user_name THEN d.location ELSE r.owned_by_location END
FROM change, directory_user d
WHERE r.tenant = $1 AND r.id = change.id AND d.tenant = $1 AND d.user_name = $2
