-- The open conflicts of the records of one type: conflict_table('family'). Both values are sealed
-- with the key of their record; a row goes when its conflict is settled.
CREATE FUNCTION conflict_table(prefix text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace($template$
        CREATE TABLE {prefix}_conflict (
            tenant      uuid        NOT NULL,
            id          uuid        NOT NULL,
            record      uuid        NOT NULL,
            -- The field at the top of the record, which says who may read it.
            field       text        NOT NULL,
            proposed_at timestamptz NOT NULL,
            sealed      bytea       NOT NULL,
            PRIMARY KEY (tenant, id)
        );
        CREATE INDEX {prefix}_conflict_newest ON {prefix}_conflict (tenant, proposed_at DESC);
        CREATE INDEX {prefix}_conflict_record ON {prefix}_conflict (tenant, record);
    $template$, '{prefix}', prefix);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', prefix || '_conflict');
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', prefix || '_conflict');
    EXECUTE format('CREATE POLICY tenant ON %I '
        'USING (tenant = current_setting(''amparo.tenant'', true)::uuid)', prefix || '_conflict');
END
$$;
