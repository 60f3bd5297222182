-- The flags of the records of one type: flag_table('family'). A flag's words are sealed with the
-- key of its record.
CREATE FUNCTION flag_table(prefix text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace($template$
        CREATE TABLE {prefix}_flag (
            tenant    uuid    NOT NULL,
            -- Counted per tenant, over all types.
            id        bigint  NOT NULL,
            record    uuid    NOT NULL,
            date      date    NOT NULL,
            -- Not dealt with yet.
            open      boolean NOT NULL,
            raised_by text    NOT NULL,
            sealed    bytea   NOT NULL,
            PRIMARY KEY (tenant, id)
        );
        CREATE INDEX {prefix}_flag_newest ON {prefix}_flag (tenant, date DESC, id DESC);
        CREATE INDEX {prefix}_flag_record ON {prefix}_flag (tenant, record);
    $template$, '{prefix}', prefix);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', prefix || '_flag');
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', prefix || '_flag');
    EXECUTE format('CREATE POLICY tenant ON %I '
        'USING (tenant = current_setting(''amparo.tenant'', true)::uuid)', prefix || '_flag');
END
$$;
