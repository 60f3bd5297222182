-- The records of one type that somebody should look at: alert_table('family'). A row for each that
-- is open, enabled, and has an alert; what its alerts are lies with the record.
CREATE FUNCTION alert_table(prefix text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace($template$
        CREATE TABLE {prefix}_alert (
            tenant     uuid        NOT NULL,
            record     uuid        NOT NULL,
            -- Of the record, as in its terms.
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant, record)
        );
    $template$, '{prefix}', prefix);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', prefix || '_alert');
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', prefix || '_alert');
    EXECUTE format('CREATE POLICY tenant ON %I '
        'USING (tenant = current_setting(''amparo.tenant'', true)::uuid)', prefix || '_alert');
END
$$;
