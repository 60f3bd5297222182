-- By which forms the rows of a tenant were taken apart into facets and terms.
CREATE TABLE row_forms (
    tenant      uuid NOT NULL PRIMARY KEY,
    -- Of everything in the forms that decides where a value lies; see src/refacet.rs.
    fingerprint text NOT NULL
);

ALTER TABLE row_forms ENABLE ROW LEVEL SECURITY;
ALTER TABLE row_forms FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON row_forms USING (tenant = current_setting('amparo.tenant', true)::uuid);
