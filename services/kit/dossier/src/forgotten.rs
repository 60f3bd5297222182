//! What was taken out of a record because another record was erased, of which it was a copy: no
//! state holds it any more, and no history tells it.

use kit_records::Record;
use kit_records::history::Change;
use serde_json::{Value, json};

use crate::history::Clash;
use crate::{Dossier, Event, Forgotten, Kind};

impl<K: Kind> Dossier<K> {
    pub(crate) fn forget(&mut self, event: &Forgotten) {
        let mut patch: Record =
            event.fields.iter().map(|name| (name.clone(), Value::Null)).collect();
        for entry in &event.entries {
            let list = patch.entry(entry.subform.clone()).or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(json!({"unique_id": entry.id, "_destroy": true}));
            }
        }
        self.take(&patch, &Record::new());
        self.conflicts.retain(|_, conflict| !event.covers(&conflict.path));
    }
}

impl Forgotten {
    /// Whether what lies at a path was forgotten, or a part of it.
    pub(crate) fn covers(&self, path: &str) -> bool {
        let mut parts = path.trim_start_matches('/').split('/');
        let (field, entry) = (parts.next().unwrap_or_default(), parts.next());
        let is_entry = |one: &crate::ForgottenEntry| {
            one.subform == field && entry.is_none_or(|entry| entry == one.id)
        };
        self.fields.iter().any(|name| name == field) || self.entries.iter().any(is_entry)
    }

    fn without(&self, field: &str, value: &Value) -> Value {
        let Value::Array(list) = value else { return value.clone() };
        let is_gone = |one: &&Value| {
            let id = one.get("unique_id").and_then(Value::as_str);
            let is = |entry: &crate::ForgottenEntry| {
                entry.subform == field && Some(entry.id.as_str()) == id
            };
            self.entries.iter().any(is)
        };
        Value::Array(list.iter().filter(|one| !is_gone(one)).cloned().collect())
    }

    /// A change as it may still be told; none if nothing of it is left.
    fn told(&self, mut change: Change) -> Option<Change> {
        if self.fields.contains(&change.field) {
            return None;
        }
        if self.entries.iter().any(|entry| entry.subform == change.field) {
            change.from = self.without(&change.field, &change.from);
            change.to = self.without(&change.field, &change.to);
        }
        (change.from != change.to).then_some(change)
    }
}

/// What a history keeps to itself of each of its events: what was forgotten then or later.
pub(crate) struct Untold<'a>(Vec<(usize, &'a Forgotten)>);

impl<'a> Untold<'a> {
    pub fn of(events: &[&'a Event]) -> Self {
        let forgotten = events.iter().enumerate().filter_map(|(at, event)| match event {
            Event::Forgotten(forgotten) => Some((at, forgotten)),
            _ => None,
        });
        Self(forgotten.collect())
    }

    /// The changes of a save that ended with this event, as far as they may be told.
    pub fn cut(&self, last: usize, changes: Vec<Change>, clashes: &mut Vec<Clash>) -> Vec<Change> {
        let mut changes = changes;
        for (_, forgotten) in self.0.iter().filter(|(at, _)| *at >= last) {
            changes = changes.into_iter().filter_map(|one| forgotten.told(one)).collect();
            clashes.retain(|clash| !forgotten.covers(&clash.path));
        }
        changes
    }
}
