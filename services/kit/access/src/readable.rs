//! The fields that may be read; see `permitted`.

use std::collections::BTreeSet;

use crate::Permitted;

pub fn fields(at: &Permitted<'_>) -> BTreeSet<String> {
    let granted = at
        .index
        .forms(at.record_type, at.module)
        .filter(|form| at.principal.forms.contains_key(&form.unique_id));
    granted.flat_map(|form| form.fields.iter().map(|field| field.name.clone())).collect()
}

pub fn short(at: &Permitted<'_>) -> BTreeSet<String> {
    fields(at)
}

pub fn preview(at: &Permitted<'_>) -> BTreeSet<String> {
    fields(at)
}
