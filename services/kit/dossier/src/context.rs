//! What enters a decision from outside: time, chance, who asks, and the forms of the day.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use kit_records::{CatalogIndex, RecordType, Rules, Schema};
use uuid::Uuid;

use crate::Stamp;

/// All that a decision may know besides the record itself. A repeat with the same context decides
/// alike.
#[derive(Debug, Clone)]
pub struct Context {
    /// One consistent version of forms, lookups, modules and settings.
    pub index: Arc<CatalogIndex>,
    /// What the author may write: binds the rules of the forms to them.
    pub schema: Arc<Schema>,
    pub author: Author,
    pub now: Timestamp,
    /// The tenant's day that `now` falls on.
    pub today: Date,
    /// One fresh UUID; ids of entries and conflicts are made from it.
    pub seed: Uuid,
    /// Place code to its dotted path, for the codes that the reporting location field may take.
    pub places: BTreeMap<String, String>,
    /// What the directory answers to the chains of the rule for codes; see `naming::chains`.
    pub chains: BTreeMap<String, String>,
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    pub user_name: String,
    /// Unique id of the agency.
    pub agency: Option<String>,
    pub agency_office: Option<String>,
    /// Unique ids of the user groups.
    pub groups: Vec<String>,
    /// Whether the user reports for themselves (`user_category` = `identified`).
    pub identified: bool,
}

/// What the directory knows of a user whom a submitted value names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Named {
    /// The value names nobody, or is not there.
    #[default]
    Nobody,
    /// The user exists and may stand in this place.
    Known,
    Unknown,
    /// The user stands in this place on another record, and may stand on one only.
    Taken,
}

/// Decisions that need a right of their own, besides the right to write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one right of the permission table")]
pub struct Rights {
    pub close: bool,
    pub reopen: bool,
    pub enable_disable: bool,
    pub assign: bool,
    pub attribute: bool,
}

impl Rights {
    /// All of them.
    pub const ALL: Self =
        Self { close: true, reopen: true, enable_disable: true, assign: true, attribute: true };
}

impl Context {
    /// The stamp of every event that this decision gives.
    pub fn stamp(&self) -> Stamp {
        Stamp { by: self.author.user_name.clone(), at: self.now }
    }

    /// The rules of the forms, for a record of `module`.
    pub fn rules<'a>(&'a self, record_type: RecordType, module: Option<&'a str>) -> Rules<'a> {
        Rules { index: &self.index, record_type, module, schema: &self.schema, today: self.today }
    }

    /// An id that follows from the seed and from what it is for.
    pub fn id_for(&self, purpose: &str) -> Uuid {
        Uuid::new_v5(&self.seed, purpose.as_bytes())
    }
}
