//! What must be true of a decision, told without the merge: by places and who wrote them.

use kit_records::Record;
use kit_records::merge::patch_at;
use kit_records::patch::reduce;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::Value;
use uuid::Uuid;

use super::device::{Sent, What};
use super::place::{Edit, Place, places};
use crate::{Case, CaseEvent};

/// A place that a command wrote.
#[derive(Debug)]
pub struct Write {
    command: Uuid,
    version: u64,
    place: Place,
}

/// All places that a stored change wrote.
pub fn writes(command: Uuid, version: u64, changes: &Record) -> Vec<Write> {
    places(changes).into_iter().map(|place| Write { command, version, place }).collect()
}

/// A command and what came of it.
pub struct Decision<'a> {
    pub sent: &'a Sent,
    pub before: &'a Case,
    pub after: &'a Case,
    pub events: &'a [CaseEvent],
    pub writes: &'a [Write],
}

impl Decision<'_> {
    pub fn check(&self) -> TestCaseResult {
        match &self.sent.what {
            What::Edit(edit) => self.leaves_traces(edit)?,
            What::Settle { conflict, value } => self.settles(*conflict, value)?,
        }
        self.overwrites_nothing_silently()
    }

    /// Each place that was edited says what was sent, or the history and the conflicts do.
    fn leaves_traces(&self, edit: &Edit) -> TestCaseResult {
        for (place, value) in edit {
            let stands = place.read(&self.after.values) == *value;
            let traced = stands || self.is_told(*place, value) || self.waits(*place, value);
            // Who does not tell what they saw can't be told from one who repeats it.
            let repeats = !self.sent.tells && place.read(&self.sent.view) == *value;
            prop_assert!(traced || repeats, "{place:?} = {value} disappeared: {:?}", self.events);
        }
        Ok(())
    }

    fn is_told(&self, place: Place, value: &Value) -> bool {
        self.events.iter().any(|event| match event {
            CaseEvent::ConflictOpened(one) => says(place, value, &one.path, &one.proposed),
            CaseEvent::Overruled(one) => says(place, value, &one.path, &one.proposed),
            _ => false,
        })
    }

    fn waits(&self, place: Place, value: &Value) -> bool {
        let mut open = self.before.conflicts.values();
        open.any(|one| says(place, value, &one.path, &one.proposed))
    }

    /// A change by somebody else that the author had not seen stands, or is told.
    fn overwrites_nothing_silently(&self) -> TestCaseResult {
        let changed = self.events.iter().find_map(|event| match event {
            CaseEvent::Changed(changed) => Some(&changed.changes),
            _ => None,
        });
        for place in changed.map(places).unwrap_or_default() {
            let unseen = self.writes.iter().find(|write| {
                write.version > self.sent.base
                    && write.version <= self.before.version
                    && write.place.meets(place)
                    && !self.is_own(write.command)
            });
            let Some(unseen) = unseen else { continue };
            let (was, seen) = (place.read(&self.before.values), place.read(&self.sent.view));
            let is_told = self.gives_way(place) || was == seen;
            prop_assert!(is_told, "{place:?}: {was} of {unseen:?} overwritten: {:?}", self.events);
        }
        Ok(())
    }

    fn gives_way(&self, place: Place) -> bool {
        let was = place.read(&self.before.values);
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let joined = place.read(&self.after.values);
        let seen = list(&place.read(&self.sent.view));
        let keeps = list(&was).iter().all(|one| seen.contains(one) || list(&joined).contains(one));
        let told = self.events.iter().any(|event| match event {
            CaseEvent::Overruled(one) => says(place, &was, &one.path, &one.kept),
            CaseEvent::ConflictOpened(one) => says(place, &was, &one.path, &one.kept),
            _ => false,
        });
        told || (was.is_array() && keeps)
    }

    /// Whether the same device made it: devices number their commands.
    fn is_own(&self, command: Uuid) -> bool {
        command.as_u128() >> 64 == self.sent.command.as_u128() >> 64
    }

    /// The conflict is gone, and what was chosen stands, or met what its author had not seen.
    fn settles(&self, conflict: Uuid, value: &Value) -> TestCaseResult {
        prop_assert!(!self.after.conflicts.contains_key(&conflict));
        let path = &self.before.conflicts[&conflict].path;
        let rest = reduce(&self.after.values, &patch_at(path, value));
        let met = self.events.iter().any(|event| match event {
            CaseEvent::ConflictOpened(one) => one.path == *path && one.proposed == *value,
            CaseEvent::Overruled(one) => one.path == *path && one.proposed == *value,
            _ => false,
        });
        // The same choice may wait already, in another conflict about the place.
        let mut others = self.before.conflicts.iter().filter(|(id, _)| **id != conflict);
        let waits = others.any(|(_, one)| one.path == *path && one.proposed == *value);
        prop_assert!(
            met || waits || rest.is_empty(),
            "{path}: {value} not chosen: {:?}",
            self.events
        );
        Ok(())
    }
}

/// Whether a path and a value of an event are those of a place, or of the entry it is in.
fn says(place: Place, value: &Value, path: &str, told: &Value) -> bool {
    let whole = match place {
        Place::Entry(at, name) => {
            let entry = Place::Removal(at).path() == path;
            // A removal that met a change keeps the entry, and the field in it.
            return (place.path() == path && told == value)
                || (entry && told.get(name).unwrap_or(&Value::Null) == value);
        }
        _ => place.path(),
    };
    whole == path && told == value
}
