-- The row of a record after a change that moved none of its terms: what most changes are. Nothing,
-- if the row is not of the version and forms that the change was held against.
--  $1 tenant  $2 id  $3 version before  $4 forms  $5 version  $6 last_updated_at  $7 record_state
--  $8 status  $9 workflow  $10 facets  $11 document
UPDATE {row} SET
    version = $5, last_updated_at = $6, record_state = $7, status = $8, workflow = $9,
    facets = $10, document = $11
WHERE tenant = $1 AND id = $2 AND version = $3 AND forms = $4
