-- What was heard last of an incident stays known when it leaves its case or is erased (then without
-- a case and without anything that it said), so that something older that comes late changes nothing.
ALTER TABLE case_incident ALTER COLUMN case_id DROP NOT NULL;
