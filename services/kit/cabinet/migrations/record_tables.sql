-- The tables of a record type, from one template: record_tables('family', 'family_id_display').
-- The second argument is the column, and the field, of the id that people read. Each type has
-- tables of its own, so that the planner's statistics stay apart.
--
-- {prefix}_row     one row per record: scope and ownership columns, coded values, the whole record
--                  sealed with its key, and by which forms it was taken apart
-- {prefix}_term    one row per term of a record: what makes it reachable, and blind tokens. Under
--                  row-level security only leakproof comparisons reach an index; those of arrays
--                  and jsonb are not leakproof, so an inverted table does what GIN cannot.
-- {prefix}_mark    what filters ask of a record, in a narrow table of its own
-- {prefix}_forms   by which forms the rows of a tenant were taken apart
CREATE FUNCTION record_tables(prefix text, display text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made text;
BEGIN
    EXECUTE replace(replace($template$
        CREATE TABLE {prefix}_row (
            tenant                  uuid        NOT NULL,
            id                      uuid        NOT NULL,
            version                 bigint      NOT NULL,
            created_at              timestamptz NOT NULL,
            last_updated_at         timestamptz NOT NULL,
            record_state            boolean     NOT NULL,
            status                  text,
            workflow                text,
            module_id               text,
            short_id                text,
            {display}               text,
            owned_by                text,
            identified_by           text,
            associated_user_names   text[]      NOT NULL DEFAULT '{}',
            associated_user_groups  text[]      NOT NULL DEFAULT '{}',
            associated_user_agencies text[]     NOT NULL DEFAULT '{}',
            owned_by_groups         text[]      NOT NULL DEFAULT '{}',
            owned_by_agency_id      text,
            owned_by_agency_office  text,
            owned_by_location       text,
            facets                  jsonb       NOT NULL,
            terms                   bigint[]    NOT NULL,
            document                bytea       NOT NULL,
            key_id                  uuid        NOT NULL,
            forms                   bigint,
            PRIMARY KEY (tenant, id)
        ) WITH (fillfactor = 80);
        ALTER TABLE {prefix}_row ALTER COLUMN document SET STORAGE EXTERNAL;
        CREATE INDEX {prefix}_row_newest ON {prefix}_row (tenant, created_at DESC, id DESC);
        CREATE INDEX {prefix}_row_unsettled ON {prefix}_row (tenant, id) WHERE forms IS NULL;
        CREATE UNIQUE INDEX {prefix}_row_identified ON {prefix}_row (tenant, identified_by)
            WHERE identified_by IS NOT NULL;

        CREATE TABLE {prefix}_term (
            tenant     uuid        NOT NULL,
            term       bigint      NOT NULL,
            created_at timestamptz NOT NULL,
            id         uuid        NOT NULL,
            PRIMARY KEY (tenant, term, created_at, id)
        );

        CREATE TABLE {prefix}_mark (
            tenant     uuid        NOT NULL,
            id         uuid        NOT NULL,
            created_at timestamptz NOT NULL,
            codes      bigint[]    NOT NULL,
            PRIMARY KEY (tenant, id)
        );
        ALTER TABLE {prefix}_mark ALTER COLUMN codes SET STORAGE EXTERNAL;
        CREATE INDEX {prefix}_mark_newest ON {prefix}_mark (tenant, created_at DESC, id DESC);

        CREATE TABLE {prefix}_forms (
            tenant      uuid NOT NULL PRIMARY KEY,
            fingerprint text NOT NULL
        );
    $template$, '{prefix}', prefix), '{display}', display);
    FOREACH made IN ARRAY ARRAY['_row', '_term', '_mark', '_forms'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', prefix || made);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', prefix || made);
        EXECUTE format('CREATE POLICY tenant ON %I '
            'USING (tenant = current_setting(''amparo.tenant'', true)::uuid)', prefix || made);
    END LOOP;
END
$$;
