//! The state of a record: what its history adds up to.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use kit_decider::Aggregate;
use kit_records::patch::{apply, changed};
use kit_records::{Record, Touched};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::alerts::Alert;
use crate::flags::Flag;
use crate::{
    Absorbed, Changed, ConflictOpened, Event, Kind, MergedInto, OwnerChanged, Registered, Released,
    Reopened, Stamp,
};

/// The status of a record that is being worked on.
pub const OPEN: &str = "open";
/// The status of a record whose work has ended.
pub const CLOSED: &str = "closed";
/// The status of a record that was handed to another system.
pub const TRANSFERRED: &str = "transferred";
/// The status of a record that a self-identified user registered and nobody manages yet.
pub const IDENTIFIED: &str = "identified";

/// A record of one kind, at one version.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Dossier<K: Kind> {
    #[serde(skip)]
    pub kind: K,
    pub id: Uuid,
    /// Counts the events; 0 means that no record is registered here.
    pub version: u64,
    pub module: Option<String>,
    pub status: String,
    /// Enabled, that is shown in the default lists.
    pub record_state: bool,
    pub owner: String,
    pub previous_owner: Option<String>,
    /// When the owner was given the record, if it was another's before.
    #[serde(default)]
    pub given: Option<Timestamp>,
    /// Users beside the owner who work on the record.
    pub assigned: Vec<String>,
    pub registered: Stamp,
    /// The record's own time of creation.
    pub created_at: Timestamp,
    pub created_organization: Option<String>,
    pub created_agency_office: Option<String>,
    pub created_by_groups: Vec<String>,
    pub last_updated: Stamp,
    pub code: Option<String>,
    pub display_id: String,
    pub identified: Option<Identified>,
    pub reopenings: Vec<Stamp>,
    /// The form fields, entered and computed, by name.
    pub values: Record,
    /// What follows from the values; never entered. See [`Kind::derived`].
    pub derived: Record,
    pub touched: Touched,
    /// Who brought the versions that `touched` and `conflicts` name.
    pub stamps: BTreeMap<u64, Stamp>,
    pub conflicts: BTreeMap<Uuid, Conflict>,
    /// Names of the record's fields that the last command changed.
    pub last_changes: BTreeSet<String>,
    /// The merge that took this record out of use: `other` is worked with instead.
    #[serde(default)]
    pub merged: Option<Merge>,
    /// The records that were merged into this one, oldest first.
    #[serde(default)]
    pub absorbed: Vec<Merge>,
    /// By number.
    #[serde(default)]
    pub flags: BTreeMap<i64, Flag>,
    /// What its people should hear of, as it came.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// The incidents that belong to the record, as they came.
    #[serde(default)]
    pub incidents: Vec<Uuid>,
}

/// One side of a merge of two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    pub id: Uuid,
    /// The record on the other side.
    pub other: Uuid,
    pub other_display_id: String,
    /// Who owned the record on the other side then.
    #[serde(default)]
    pub other_owner: String,
    /// Conflicts that came by it.
    #[serde(default)]
    pub conflicts: Vec<Uuid>,
}

/// Whose record this is, when a user registered it for themselves or it was attributed to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identified {
    pub by: String,
    pub at: Timestamp,
}

/// Two values for one place, until somebody settles it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    pub path: String,
    pub kept: Value,
    pub kept_by: Stamp,
    pub proposed: Value,
    pub proposed_by: Stamp,
    /// The version that the second author had seen.
    pub base: u64,
}

/// What a record shows once it was merged into another.
const MERGED: [&str; 3] = ["merged_into", "duplicate", "duplicate_case_id"];
/// What a record shows that others were merged into.
const MERGED_FROM: &str = "merged_from";
/// What a record shows that was given to its owner.
pub(crate) const GIVEN: &str = "reassigned_transferred_on";
/// Stamps beyond what paths refer to that may gather before they are thinned out.
const SPARE_STAMPS: usize = 64;

impl<K: Kind> Dossier<K> {
    /// Whether a record is registered here.
    pub const fn is_registered(&self) -> bool {
        self.version > 0
    }

    /// Whether work on the record has ended.
    pub fn is_closed(&self) -> bool {
        self.status == CLOSED
    }

    /// The last seven characters of the id.
    pub fn short_id(&self) -> String {
        short_id(self.id)
    }

    /// The owner and everybody else who works on the record.
    pub fn associated(&self) -> Vec<&str> {
        let mut names = vec![self.owner.as_str()];
        for name in &self.assigned {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    fn register(&mut self, event: &Registered) {
        self.id = event.id;
        self.module.clone_from(&event.module);
        self.status.clone_from(&event.status);
        self.record_state = true;
        self.owner.clone_from(&event.owner);
        self.registered = event.stamp.clone();
        self.created_at = event.created_at;
        self.created_organization.clone_from(&event.organization);
        self.created_agency_office.clone_from(&event.agency_office);
        self.created_by_groups.clone_from(&event.groups);
        self.code.clone_from(&event.code);
        self.display_id.clone_from(&event.display_id);
        let at = event.stamp.at;
        self.identified = event.identified_by.clone().map(|by| Identified { by, at });
        self.take(&event.values, &event.computed);
    }

    fn change(&mut self, event: &Changed) {
        self.take(&event.changes, &event.computed);
    }

    fn close(&mut self, date: Date) {
        self.set_status(CLOSED);
        self.take(&K::closing(date), &Record::new());
    }

    fn reopen(&mut self, event: &Reopened) {
        self.set_status(OPEN);
        self.reopenings.push(event.stamp.clone());
        self.last_changes.insert("reopened_logs".into());
        self.take(&K::reopening(), &Record::new());
    }

    fn set_status(&mut self, status: &str) {
        status.clone_into(&mut self.status);
        self.last_changes.insert("status".into());
    }

    fn set_record_state(&mut self, enabled: bool) {
        self.record_state = enabled;
        self.last_changes.insert("record_state".into());
    }

    fn give_to(&mut self, event: &OwnerChanged) {
        let previous = std::mem::replace(&mut self.owner, event.to.clone());
        self.previous_owner = Some(previous).filter(|name| !name.is_empty());
        self.given = Some(event.stamp.at);
        let names =
            ["owned_by", "previously_owned_by", "associated_user_names", GIVEN].map(str::to_owned);
        self.last_changes.extend(names);
    }

    fn attribute(&mut self, to: Option<&String>, at: Timestamp) {
        self.identified = to.map(|by| Identified { by: by.clone(), at });
        self.last_changes.extend(["identified_by", "identified_at"].map(str::to_owned));
    }

    fn assign(&mut self, users: &[String]) {
        self.assigned = users.to_vec();
        let names = ["assigned_user_names", "associated_user_names"];
        self.last_changes.extend(names.map(str::to_owned));
    }

    fn note_incidents(&mut self, incidents: &[Uuid]) {
        self.incidents = incidents.to_vec();
        self.last_changes.extend(["has_incidents", "incident_ids"].map(str::to_owned));
    }

    fn open_conflict(&mut self, event: &ConflictOpened) {
        let conflict = Conflict {
            path: event.path.clone(),
            kept: event.kept.clone(),
            kept_by: self.stamps.get(&event.kept_version).cloned().unwrap_or_default(),
            proposed: event.proposed.clone(),
            proposed_by: event.stamp.clone(),
            base: event.base,
        };
        self.conflicts.insert(event.id, conflict);
    }

    fn age(&mut self, age: i16) {
        let aged = Record::from_iter([("age".to_owned(), json!(age))]);
        self.take(&aged, &Record::new());
    }

    fn absorb(&mut self, event: &Absorbed) {
        match self.absorbed.iter_mut().find(|one| one.id == event.merge) {
            Some(known) => known.conflicts.extend(&event.conflicts),
            None => self.absorbed.push(Merge {
                id: event.merge,
                other: event.other,
                other_display_id: event.other_display_id.clone(),
                other_owner: String::new(),
                conflicts: event.conflicts.clone(),
            }),
        }
        self.last_changes.insert(MERGED_FROM.into());
        self.take(&event.changes, &event.computed);
    }

    fn retire(&mut self, event: &MergedInto) {
        self.merged = Some(Merge {
            id: event.merge,
            other: event.into,
            other_display_id: event.into_display_id.clone(),
            other_owner: event.into_owner.clone(),
            conflicts: Vec::new(),
        });
        self.last_changes.extend(MERGED.map(str::to_owned));
    }

    fn restore(&mut self) {
        self.merged = None;
        self.last_changes.extend(MERGED.map(str::to_owned));
    }

    fn release(&mut self, event: &Released) {
        if let Some(at) = self.absorbed.iter().position(|one| one.id == event.merge) {
            let merge = self.absorbed.remove(at);
            self.conflicts.retain(|id, _| !merge.conflicts.contains(id));
        }
        self.last_changes.insert(MERGED_FROM.into());
        let before = std::mem::replace(&mut self.values, event.values.clone());
        self.follow(&before);
    }

    /// Merges what was entered and computed, and brings what follows from it up to date.
    pub(crate) fn take(&mut self, entered: &Record, computed: &Record) {
        let names: BTreeSet<&str> = entered
            .keys()
            .chain(computed.keys())
            .map(String::as_str)
            .chain(K::SETTLED.iter().copied())
            .collect();
        let before = only(&self.values, &names);
        apply(&mut self.values, entered);
        apply(&mut self.values, computed);
        K::settle(&mut self.values);
        let after = only(&self.values, &names);
        self.note(&before, &after);
    }

    /// Values stand as a whole: brings up to date what follows from them.
    fn follow(&mut self, before: &Record) {
        K::settle(&mut self.values);
        let after = self.values.clone();
        self.note(before, &after);
    }

    fn note(&mut self, before: &Record, after: &Record) {
        self.touched.note(before, after, self.version);
        let derived = K::derived(&self.values);
        let followed = changed(&self.derived, &derived);
        let differing = changed(before, after).into_iter().chain(followed);
        self.last_changes.extend(differing.map(|(name, _)| name));
        self.derived = derived;
    }

    fn stamped(&mut self, event: &Event) {
        let stamp = event.stamp();
        if self.last_updated != *stamp {
            self.last_changes.clear();
        }
        // A birthday is nobody's work, and to hear of a change changes nothing.
        if !matches!(event, Event::Aged(_) | Event::Alerted(_) | Event::AlertsDismissed(_)) {
            self.last_updated = stamp.clone();
        }
        self.stamps.insert(self.version, stamp.clone());
        if self.stamps.len() > SPARE_STAMPS {
            let named: BTreeSet<u64> = self.touched.iter().map(|(_, version)| version).collect();
            let latest = self.version;
            self.stamps.retain(|version, _| *version == latest || named.contains(version));
        }
    }
}

impl<K: Kind> Aggregate for Dossier<K> {
    const CATEGORY: &'static str = K::CATEGORY;
    type Event = Event;

    fn evolve(&mut self, event: &Event) {
        self.version += 1;
        self.stamped(event);
        match event {
            Event::Registered(event) => self.register(event),
            Event::Changed(event) => self.change(event),
            Event::Closed(event) => self.close(event.date),
            Event::Reopened(event) => self.reopen(event),
            Event::StatusSet(event) => self.set_status(&event.status),
            Event::Disabled(_) => self.set_record_state(false),
            Event::Enabled(_) => self.set_record_state(true),
            Event::OwnerChanged(event) => self.give_to(event),
            Event::Attributed(event) => self.attribute(event.to.as_ref(), event.stamp.at),
            Event::ConflictOpened(event) => self.open_conflict(event),
            Event::ConflictSettled(event) => {
                self.conflicts.remove(&event.id);
            }
            // What gave way is told by the history only.
            Event::Overruled(_) => {}
            Event::Aged(event) => self.age(event.age),
            Event::Assigned(event) => self.assign(&event.users),
            Event::Absorbed(event) => self.absorb(event),
            Event::MergedInto(event) => self.retire(event),
            Event::Released(event) => self.release(event),
            Event::Restored(_) => self.restore(),
            Event::Flagged(_) | Event::FlagChanged(_) | Event::Unflagged(_) => {
                self.evolve_flags(event);
            }
            Event::Alerted(_) | Event::AlertsDismissed(_) => self.evolve_alerts(event),
            Event::IncidentsNoted(event) => self.note_incidents(&event.incidents),
            Event::Forgotten(event) => self.forget(event),
        }
    }
}

fn only(record: &Record, names: &BTreeSet<&str>) -> Record {
    let known = names.iter().filter_map(|name| record.get_key_value(*name));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The last seven characters of an id.
pub fn short_id(id: Uuid) -> String {
    let text = id.to_string();
    text[text.len() - 7..].to_owned()
}
