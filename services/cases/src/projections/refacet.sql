-- A case is taken apart anew under other forms: its facets, its blind terms, the difference in
-- the inverted table. Nothing, if the case was written meanwhile: then that was under the new forms.
--  $1 tenant  $2 id  $3 version  $4 facets  $5 blind terms  $6 what may name places
WITH old AS (
    SELECT id, terms, created_at, associated_user_names, associated_user_groups,
           associated_user_agencies, identified_by
    FROM case_row WHERE tenant = $1 AND id = $2 AND version = $3 FOR UPDATE
), now AS (
    SELECT array(
        SELECT unnest($5::bigint[])
        UNION SELECT scope_term('associated_user_names', u) FROM unnest(old.associated_user_names) u
        UNION SELECT scope_term('associated_user_groups', g) FROM unnest(old.associated_user_groups) g
        UNION SELECT scope_term('associated_user_agencies', a) FROM unnest(old.associated_user_agencies) a
        UNION SELECT scope_term('identified_by', old.identified_by) WHERE old.identified_by IS NOT NULL
        ORDER BY 1) AS terms
    FROM old
), places AS (
    -- Values that name known places only are codes, however they look.
    SELECT coalesce(jsonb_object_agg(p.field, p.value), '{}') AS facets
    FROM jsonb_each($6::jsonb) p(field, value)
    WHERE NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(
            CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value ELSE jsonb_build_array(p.value) END
        ) c(code)
        WHERE NOT EXISTS (
            SELECT 1 FROM directory_location l WHERE l.tenant = $1 AND l.code = c.code))
), gone AS (
    DELETE FROM case_term t
    USING (SELECT unnest(old.terms) AS term, old.created_at FROM old
           EXCEPT SELECT unnest(now.terms), old.created_at FROM now, old) g
    WHERE t.tenant = $1 AND t.term = g.term AND t.created_at = g.created_at AND t.id = $2
), added AS (
    INSERT INTO case_term (tenant, term, created_at, id)
    SELECT $1, a.term, a.created_at, $2
    FROM (SELECT unnest(now.terms) AS term, old.created_at FROM now, old
          EXCEPT SELECT unnest(old.terms), old.created_at FROM old) a
)
UPDATE case_row r SET facets = $4::jsonb || places.facets, terms = now.terms
FROM now, old, places WHERE r.tenant = $1 AND r.id = old.id
