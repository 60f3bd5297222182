-- A user who identifies themselves has one case, also when two requests race.
CREATE UNIQUE INDEX case_row_identified ON case_row (tenant, identified_by)
    WHERE identified_by IS NOT NULL;
