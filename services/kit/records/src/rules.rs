//! What the forms demand beyond types: calculated values, required fields, skip logic, options
//! by condition, subforms that only grow.
//!
//! # When a required field refuses a save
//!
//! A caseworker's save must not fail over a form that they never opened, and an offline queue
//! must not get stuck over a rule that was added meanwhile. Therefore a required, visible field
//! refuses a save in three cases only:
//!
//! * it was sent blank (`required`) while the record has, or would have, no value for it;
//! * it was filled and is being cleared (`required`);
//! * the record is blank there and the body fills another field of a form that asks for it,
//!   which the caller may write (`missing_required`) - on create only: an update of one field
//!   of a record that is incomplete anyway is taken, and `missing` tells what is open.
//!
//! A field that skip logic hides, a field that the caller may not write, and a disabled field
//! are never required. Fields of a subform's entry follow the same rules within a new entry.

use jiff::civil::Date;

use crate::violation::Violation;
use crate::{CatalogIndex, Record, RecordType, Schema};

/// The rules of one record type and module, as they bind one caller.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    pub index: &'a CatalogIndex,
    pub record_type: RecordType,
    /// The record's module.
    pub module: Option<&'a str>,
    /// What the caller may write.
    pub schema: &'a Schema,
    pub today: Date,
}

impl Rules<'_> {
    /// Calculated fields, tally totals and subform summaries that differ from what `record` has,
    /// as a patch.
    pub fn calculated(&self, _record: &Record) -> Record {
        Record::new()
    }

    /// Everything that forbids the step from `before` (none: creation) to `after` by `patch`.
    pub fn check(
        &self,
        _before: Option<&Record>,
        _patch: &Record,
        _after: &Record,
    ) -> Vec<Violation> {
        Vec::new()
    }

    /// Required fields of the caller's visible forms that are blank: the record is incomplete.
    pub fn missing(&self, _record: &Record) -> Vec<Violation> {
        Vec::new()
    }
}
