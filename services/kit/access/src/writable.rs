//! The fields that may be written; see `permitted`.

use kit_records::{RecordType, Schema};

use crate::{FormAccess, Permitted, Principal, permitted::Write};

pub fn schema(at: &Permitted<'_>, _write: Write<'_>) -> Schema {
    let mut schema = Schema::default();
    for form in at.index.forms(at.record_type, at.module) {
        if at.principal.forms.get(&form.unique_id) != Some(&FormAccess::ReadWrite) {
            continue;
        }
        for place in at.index.field_refs(&form.unique_id) {
            schema.allow_field(&at.index.field_at(place).name, place);
        }
    }
    schema
}

pub fn may_assign(principal: &Principal, record_type: RecordType) -> bool {
    principal.may(record_type.as_str(), "assign")
}
