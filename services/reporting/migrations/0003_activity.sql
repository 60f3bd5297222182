-- When somebody last saw or changed a case, found without walking through all that they did.
CREATE INDEX audit_entry_case_of_user ON audit_entry (tenant, user_name, action, at DESC)
    WHERE record_type = 'child' AND action IN ('show', 'update') AND status < 400;
