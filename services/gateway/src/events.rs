//! Tells devices that something within their person's sight has changed: what kind of record and
//! which one, and nothing of what it holds.
//!
//! Each gateway follows the facts of the services by itself (`listen.rs`), once the first stream
//! is open. A fact of a record says its type and id alone; who may hear of it is asked of the
//! record's keeper, once for all streams of an organisation and many records at a time
//! (`scopes.rs`), and judged for each stream by the very rule of a read (`sight.rs`). Facts do not
//! carry whole scopes: groups and agencies follow the people who work on a record, without a fact
//! of it. What cannot be told by id without saying too much is told as "caseload".
//!
//! An organisation's `room.rs` remembers the latest news while somebody listens, so that a device
//! that comes back hears what it missed, or that too much was.

mod listen;
mod place;
mod room;
mod scopes;
mod sight;
mod stream;
mod wire;

pub use listen::run;
pub use place::Place;
pub use room::{Events, Limits};
pub use stream::{Opening, open};

use kit_access::Reach;
use kit_records::{Record, RecordType};
use kit_serve::Service;
use uuid::Uuid;

/// Whose facts are followed, in the order of a [`Place`].
pub const SOURCES: [Service; 5] = [
    Service::Cases,
    Service::Incidents,
    Service::Tracing,
    Service::Identity,
    Service::Configuration,
];

/// Something that happened, as it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// Of [`SOURCES`].
    pub source: usize,
    pub sequence: u64,
    pub what: What,
}

/// What a fact means to devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Record(Uuid),
    /// A record is gone; who reached it is not known any more.
    Erased,
    /// Something about people, roles or groups.
    People {
        /// A person may stand elsewhere, and their records with them.
        moved: bool,
    },
    Configuration,
}

/// What happened in an organisation within a moment, for all who listen.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an event of its own")]
pub struct Batch {
    /// Up to here all is told.
    pub place: Place,
    pub records: Vec<Scoped>,
    /// Something that is not told by id.
    pub caseload: bool,
    pub people: bool,
    pub moved: bool,
    pub configuration: bool,
    /// Something before this is not known.
    pub missed: bool,
}

/// A record that changed, and who reaches it.
#[derive(Debug, Clone)]
pub struct Scoped {
    pub record_type: RecordType,
    pub id: Uuid,
    pub scope: Record,
    /// Through its owner of before, where there was another.
    pub before: Option<Record>,
    /// Some of its conflicts are open.
    pub conflicted: bool,
}

impl Scoped {
    /// Whether a reach covers the record now.
    fn is_within(&self, reach: &Reach) -> bool {
        *reach == Reach::All || reach.covers(&self.scope)
    }

    /// Whether it did before.
    fn was_within(&self, reach: &Reach) -> bool {
        self.before.as_ref().is_some_and(|before| reach.covers(before))
    }
}
