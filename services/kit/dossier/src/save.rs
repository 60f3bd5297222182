//! From a body to what it changes: the steps that every write of form fields takes.

use kit_records::patch::{apply, changed, reduce};
use kit_records::values::parse_date;
use kit_records::{Merge, Merged, Policies, Record};

use crate::{Context, Dossier, Kind, Refusal, Save, fields};

/// What an update of form fields comes to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saved {
    /// What the author changes, cut to what differs.
    pub changes: Record,
    pub computed: Record,
    /// What met a change that the author had not seen.
    pub merged: Merged,
}

/// Makes a body's form fields ready to be merged: entries named, and what the kind does to them.
pub fn prepared<K: Kind>(dossier: &Dossier<K>, context: &Context, body: &Record) -> Record {
    let mut fields = fields::form_fields::<K>(body);
    fields::identify(&mut fields, context);
    K::prepare(context, dossier, &mut fields);
    fields
}

/// Merges prepared fields into a record.
pub fn merged<K: Kind>(
    dossier: &Dossier<K>,
    context: &Context,
    fields: &Record,
    base: Option<u64>,
    seen: Option<&Record>,
) -> Result<Merged, Refusal> {
    if let Some(base) = base.filter(|base| *base > dossier.version) {
        return Err(Refusal::BaseAhead { base, version: dossier.version });
    }
    let merge = Merge {
        base,
        base_record: seen,
        touched: &dossier.touched,
        stored: &dossier.values,
        policies: Policies { index: &context.index, record_type: K::RECORD_TYPE },
    };
    Ok(merge.run(fields))
}

/// Applies what was merged, holds it against the rules, and computes what follows. `moves_on`:
/// see [`Save`].
pub fn saved<K: Kind>(
    dossier: &Dossier<K>,
    context: &Context,
    fields: &Record,
    merged: Merged,
    moves_on: bool,
) -> Result<Saved, Refusal> {
    let changes = reduce(&dossier.values, &merged.patch);
    let mut after = fields::patched(&dossier.values, &changes);
    K::settle(&mut after);
    let module = dossier.module.as_deref();
    check::<K>(context, module, Some(&dossier.values), fields, &after)?;
    let computed = if changes.is_empty() {
        Record::new()
    } else {
        computed::<K>(context, Save { module, changes: &changes, moves_on }, &after)
    };
    Ok(Saved { changes, computed, merged })
}

/// The values that differ once the calculations of the forms and the kind's rules have run.
pub fn computed<K: Kind>(context: &Context, save: Save<'_>, after: &Record) -> Record {
    let mut result = after.clone();
    let calculated = context.rules(K::RECORD_TYPE, save.module).calculated(&result);
    apply(&mut result, &calculated);
    K::compute(context, save, &mut result);
    changed(after, &result)
}

/// Holds a record against the rules of the forms and of its kind; `fields` is what was sent, since
/// what is wrong points into it.
pub fn check<K: Kind>(
    context: &Context,
    module: Option<&str>,
    before: Option<&Record>,
    fields: &Record,
    after: &Record,
) -> Result<(), Refusal> {
    let violations = context.rules(K::RECORD_TYPE, module).check(before, fields, after);
    if !violations.is_empty() {
        return Err(Refusal::Invalid(violations));
    }
    let born = fields::text(fields, "date_of_birth").and_then(parse_date);
    match born {
        Some(born) if born.year() > context.today.year() => Err(Refusal::BornInTheFuture),
        _ => K::check(context, fields, after),
    }
}
