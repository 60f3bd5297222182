//! What one kind of record adds to the life that all of them share.

use std::fmt::Debug;

use jiff::civil::Date;
use kit_records::{CatalogIndex, Record, RecordType};
use uuid::Uuid;

use crate::{Context, Dossier, Refusal, ReopenCause, short_id};

/// A kind of record, as a unit struct. Everything but its type has a default, so that a kind
/// that computes nothing is a line or two.
///
/// None of its functions may know anything but their arguments: they are called again whenever
/// the history is read.
pub trait Kind: Copy + Debug + Default + Eq + Send + Sync + 'static {
    const RECORD_TYPE: RecordType;
    /// A stream is named `{CATEGORY}-{id}`.
    const CATEGORY: &'static str = Self::RECORD_TYPE.as_str();
    /// Fields that [`Kind::settle`] may change.
    const SETTLED: &'static [&'static str] = &[];
    /// Fields that no body sets, besides those that the system keeps on every record.
    const COMPUTED: &'static [&'static str] = &[];
    /// Whether users who identify themselves register one record of their own.
    const SELF_REGISTERED: bool = false;

    /// What the naming of a new record asks of the directory; see [`crate::naming::chains`].
    fn chains(index: &CatalogIndex) -> Vec<&str> {
        let _ = index;
        Vec::new()
    }

    /// The ids of a new record that people read.
    fn names(context: &Context, whole: &Record, id: Uuid) -> Names {
        let _ = (context, whole);
        Names { code: None, display_id: short_id(id) }
    }

    /// What a new record starts with where the body says nothing.
    fn defaults(context: &Context, module: Option<&str>) -> Record {
        let _ = (context, module);
        Record::new()
    }

    /// Readies the form fields of a body before they are merged: signs entries, takes away what
    /// will be computed anyway. The dossier is empty at a registration.
    fn prepare(context: &Context, dossier: &Dossier<Self>, fields: &mut Record) {
        let _ = (context, dossier, fields);
    }

    /// Completes the values in place after each change: what follows from the values alone.
    fn settle(values: &mut Record) {
        let _ = values;
    }

    /// Fields that follow from the values alone, and that nobody enters. They are in no event.
    fn derived(values: &Record) -> Record {
        let _ = values;
        Record::new()
    }

    /// What the tenant's rules of the day, and the day itself, make of a save. It becomes a part
    /// of the event: a later change of a rule rewrites no history.
    fn compute(context: &Context, save: Save<'_>, record: &mut Record) {
        let _ = (context, save, record);
    }

    /// A no of this kind's own to a save; `fields` is what was sent.
    fn check(context: &Context, fields: &Record, after: &Record) -> Result<(), Refusal> {
        let _ = (context, fields, after);
        Ok(())
    }

    /// Why a change of a closed record opens it again, if it does.
    fn reopened_by(dossier: &Dossier<Self>, patch: &Record) -> Option<ReopenCause> {
        let _ = (dossier, patch);
        None
    }

    /// The fields that closing sets.
    fn closing(date: Date) -> Record {
        let _ = date;
        Record::new()
    }

    /// The fields that reopening sets.
    fn reopening() -> Record {
        Record::new()
    }

    /// What is only computed for reading, and told by no history.
    fn shown(dossier: &Dossier<Self>, settings: &Record) -> Record {
        let _ = (dossier, settings);
        Record::new()
    }
}

/// The ids of a record that people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// What the tenant's rule for codes gave, or the kind's own code.
    pub code: Option<String>,
    pub display_id: String,
}

/// A save, before the kind's rules have run.
#[derive(Debug, Clone, Copy)]
pub struct Save<'a> {
    pub module: Option<&'a str>,
    /// The patch: what the author changes.
    pub changes: &'a Record,
    /// Whether the record is open after the save and was not taken up again by it.
    pub moves_on: bool,
}
