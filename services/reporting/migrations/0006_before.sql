-- What dashboards say while they are counted anew: the tables as they were. `amparo rebuild
-- reporting` exchanges them with those of 0004, by name; both have the same shape.
CREATE TABLE before_directory_user (LIKE directory_user INCLUDING ALL);
CREATE TABLE before_directory_location (LIKE directory_location INCLUDING ALL);
CREATE TABLE before_board_cohort (LIKE board_cohort INCLUDING ALL);
CREATE TABLE before_board_count (LIKE board_count INCLUDING ALL) WITH (fillfactor = 80);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['before_directory_user', 'before_directory_location',
        'before_board_cohort', 'before_board_count'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON %I USING (tenant = current_setting(''amparo.tenant'', true)::uuid)',
            name
        );
    END LOOP;
END $$;

-- How far the consumers of dashboards had come when counting anew began; once they have come so far
-- again, the new numbers stand. No tenant's data.
CREATE TABLE board_rebuild (
    source      text     NOT NULL,
    partition   smallint NOT NULL,
    transaction xid8     NOT NULL,
    position    bigint   NOT NULL,
    PRIMARY KEY (source, partition)
);
