//! Flags: what somebody wants looked at in a record, until it is dealt with.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Dossier, Event, FlagChanged, Flagged, Kind, Stamp, Unflagged};

/// One flag of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Counted per tenant; no two records share one.
    pub id: i64,
    pub message: String,
    pub date: Date,
    pub raised: Stamp,
    pub resolved: Option<Resolved>,
}

/// How a flag was dealt with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    pub message: String,
    pub stamp: Stamp,
}

/// The fields of a record that follow from its flags.
const FOLLOWING: [&str; 3] = ["flags", "flagged", "flag_count"];

impl Flag {
    /// Whether it still waits to be dealt with.
    pub const fn is_open(&self) -> bool {
        self.resolved.is_none()
    }
}

impl<K: Kind> Dossier<K> {
    /// How many flags wait to be dealt with.
    pub fn open_flags(&self) -> usize {
        self.flags.values().filter(|flag| flag.is_open()).count()
    }

    /// Folds what happened to flags.
    pub(crate) fn evolve_flags(&mut self, event: &Event) {
        match event {
            Event::Flagged(event) => self.flag(event),
            Event::FlagChanged(event) => self.change_flag(event),
            Event::Unflagged(event) => self.resolve_flag(event),
            _ => return,
        }
        self.last_changes.extend(FOLLOWING.map(str::to_owned));
    }

    fn flag(&mut self, event: &Flagged) {
        let flag = Flag {
            id: event.id,
            message: event.message.clone(),
            date: event.date,
            raised: event.stamp.clone(),
            resolved: None,
        };
        self.flags.insert(event.id, flag);
    }

    fn change_flag(&mut self, event: &FlagChanged) {
        let Some(flag) = self.flags.get_mut(&event.id) else { return };
        if let Some(message) = &event.message {
            flag.message.clone_from(message);
        }
        flag.date = event.date.unwrap_or(flag.date);
    }

    fn resolve_flag(&mut self, event: &Unflagged) {
        let Some(flag) = self.flags.get_mut(&event.id) else { return };
        let (message, stamp) = (event.message.clone(), event.stamp.clone());
        flag.resolved = Some(Resolved { message, stamp });
    }
}
