-- The merged case that an incident came to its present case from.
ALTER TABLE incident_of_case ADD COLUMN came_from uuid;
CREATE INDEX incident_of_case_came_from ON incident_of_case (tenant, came_from)
    WHERE came_from IS NOT NULL;
