//! A merge of two records is taken back: both are what they would be had it not been, and what was
//! changed since on the one that was kept stays with it.

use std::collections::BTreeSet;

use kit_decider::{Aggregate, Command};
use kit_records::Record;
use kit_records::patch::entry_id;
use serde_json::Value;
use uuid::Uuid;

use crate::{Dossier, Event, Kind, Refusal, Released, Restored, Stamp};

/// Gives back what came by a merge.
///
/// The record's history is told again without what the merge brought. An entry of a subform that
/// came by it and was changed here since stays, as a whole: a part of it would say nothing.
#[derive(Debug, Clone)]
pub struct Release<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub merge: Uuid,
    /// All that happened to the record, to its present version.
    pub history: Vec<Event>,
}

impl<K: Kind> Command for Release<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        let merge = dossier.absorbed.iter().find(|one| one.id == self.merge);
        let Some(merge) = merge else { return Err(Refusal::NotMerged) };
        let values = without::<K>(&self.history, self.merge);
        let (stamp, other) = (self.stamp, merge.other);
        Ok(vec![Event::Released(Released { stamp, merge: self.merge, other, values })])
    }
}

/// A record stands for itself again.
#[derive(Debug, Clone)]
pub struct Restore<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub merge: Uuid,
}

impl<K: Kind> Command for Restore<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if dossier.merged.as_ref().is_none_or(|one| one.id != self.merge) {
            return Err(Refusal::NotMerged);
        }
        Ok(vec![Event::Restored(Restored { stamp: self.stamp, merge: self.merge })])
    }
}

/// The values that a history comes to without a merge, and without those taken back before.
fn without<K: Kind>(history: &[Event], merge: Uuid) -> Record {
    let mut gone = BTreeSet::from([merge]);
    gone.extend(history.iter().filter_map(|event| match event {
        Event::Released(released) => Some(released.merge),
        _ => None,
    }));
    let (mut whole, mut bare) = (Dossier::<K>::default(), Dossier::<K>::default());
    let mut own_since = BTreeSet::new();
    for event in history {
        let is_gone = match event {
            Event::Absorbed(absorbed) => gone.contains(&absorbed.merge),
            Event::Released(_) => true,
            _ => false,
        };
        if let (false, Some(changes)) = (is_gone, changes(event)) {
            own_since.extend(foreign(&whole.values, &bare.values, changes));
        }
        whole.evolve(event);
        if !is_gone {
            bare.evolve(event);
        }
    }
    let mut values = bare.values;
    for (subform, id) in own_since {
        replace(&mut values, &whole.values, &subform, &id);
    }
    values
}

/// What an event changes of the form fields.
const fn changes(event: &Event) -> Option<&Record> {
    match event {
        Event::Changed(changed) => Some(&changed.changes),
        Event::Absorbed(absorbed) => Some(&absorbed.changes),
        _ => None,
    }
}

/// The entries that a patch changes and that are only there by a merge: subform and id.
fn foreign(whole: &Record, bare: &Record, patch: &Record) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, entries) in patch {
        let ids = entries.as_array().into_iter().flatten().filter_map(entry_id);
        let foreign = ids.filter(|id| entry(whole, name, id).is_some());
        let foreign = foreign.filter(|id| entry(bare, name, id).is_none());
        found.extend(foreign.map(|id| (name.clone(), id.to_owned())));
    }
    found
}

fn entry<'a>(values: &'a Record, subform: &str, id: &str) -> Option<&'a Value> {
    let entries = values.get(subform).and_then(Value::as_array)?;
    entries.iter().find(|one| entry_id(one) == Some(id))
}

/// Puts the entry of `from` in the place of what is there; nothing, if it has none.
fn replace(values: &mut Record, from: &Record, subform: &str, id: &str) {
    let Some(entries) = values.get_mut(subform).and_then(Value::as_array_mut) else { return };
    let at = entries.iter().position(|one| entry_id(one) == Some(id));
    match (at, entry(from, subform, id)) {
        (Some(at), Some(whole)) => entries[at] = whole.clone(),
        (Some(at), None) => {
            entries.remove(at);
        }
        (None, _) => {}
    }
}
