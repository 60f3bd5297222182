//! What the change history of a record shows: one entry for each save, told from the events.

use kit_decider::Aggregate;
use kit_records::Record;
use kit_records::history::{Change, diff};
use serde_json::Value;

use crate::forgotten::Untold;
use crate::{Dossier, Event, Kind, Stamp};

/// One save: who, when, and what it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryEntry {
    pub stamp: Stamp,
    pub action: Action,
    /// The `record_action` that the save was done under.
    pub record_action: Option<String>,
    /// The version of the record after the save.
    pub version: u64,
    pub changes: Vec<Change>,
    /// Values that met each other in this save.
    pub clashes: Vec<Clash>,
}

/// What a save was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Flag,
    Unflag,
}

/// A value that was sent and did not become the record's.
#[derive(Debug, Clone, PartialEq)]
pub struct Clash {
    pub path: String,
    pub kept: Value,
    pub proposed: Value,
    /// Whether a person has to settle it.
    pub open: bool,
}

/// How a merge of two records, and its taking back, are called in their histories.
pub const MERGE: &str = "merge";
pub const UNMERGE: &str = "unmerge";

/// Fields that say nothing of the person: what every save changes, what repeats its moment, alerts.
const NOT_TOLD: &[&str] = &[
    "last_updated_at",
    "last_updated_by",
    "not_edited_by_owner",
    "alert_count",
    "current_alert_types",
    "reassigned_transferred_on",
];

impl Action {
    /// The name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Flag => "flag",
            Self::Unflag => "unflag",
        }
    }
}

/// The entries of a whole history, newest first. Events of one command carry one stamp and make
/// one entry.
pub fn entries<'a, K: Kind>(events: impl IntoIterator<Item = &'a Event>) -> Vec<HistoryEntry> {
    let mut told = Vec::new();
    let mut dossier = Dossier::<K>::default();
    let mut before = Record::new();
    let events: Vec<&Event> = events.into_iter().collect();
    let untold = Untold::of(&events);
    let mut saves = events.into_iter().enumerate().peekable();
    while let Some((mut last, first)) = saves.next() {
        let mut entry = started(first);
        note(&mut entry, first);
        dossier.evolve(first);
        while let Some((at, next)) = saves.next_if(|(_, next)| next.stamp() == first.stamp()) {
            last = at;
            note(&mut entry, next);
            dossier.evolve(next);
        }
        let mut after = dossier.own_fields();
        after.retain(|name, _| !NOT_TOLD.contains(&name.as_str()));
        entry.changes = untold.cut(last, diff(&before, &after), &mut entry.clashes);
        entry.version = dossier.version;
        before = after;
        if !(entry.changes.is_empty() && entry.clashes.is_empty()) {
            told.push(entry);
        }
    }
    told.reverse();
    told
}

fn started(first: &Event) -> HistoryEntry {
    HistoryEntry {
        stamp: first.stamp().clone(),
        action: Action::Update,
        record_action: None,
        version: 0,
        changes: Vec::new(),
        clashes: Vec::new(),
    }
}

fn note(entry: &mut HistoryEntry, event: &Event) {
    let clash = |path: &str, kept: &Value, proposed: &Value, open| Clash {
        path: path.to_owned(),
        kept: kept.clone(),
        proposed: proposed.clone(),
        open,
    };
    match event {
        Event::Registered(_) => entry.action = Action::Create,
        Event::Flagged(_) => entry.action = Action::Flag,
        Event::Unflagged(_) => entry.action = Action::Unflag,
        Event::Absorbed(_) | Event::MergedInto(_) => entry.record_action = Some(MERGE.into()),
        Event::Released(_) | Event::Restored(_) => entry.record_action = Some(UNMERGE.into()),
        Event::Changed(changed) => entry.record_action.clone_from(&changed.action),
        Event::ConflictOpened(one) => {
            entry.clashes.push(clash(&one.path, &one.kept, &one.proposed, true));
        }
        Event::Overruled(one) => {
            entry.clashes.push(clash(&one.path, &one.kept, &one.proposed, false));
        }
        Event::Closed(_)
        | Event::Reopened(_)
        | Event::StatusSet(_)
        | Event::Disabled(_)
        | Event::Enabled(_)
        | Event::OwnerChanged(_)
        | Event::Attributed(_)
        | Event::ConflictSettled(_)
        | Event::Aged(_)
        | Event::Assigned(_)
        | Event::FlagChanged(_)
        | Event::IncidentsNoted(_)
        | Event::Forgotten(_)
        | Event::Alerted(_)
        | Event::AlertsDismissed(_) => {}
    }
}
