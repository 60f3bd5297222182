//! A record is flagged, a flag is corrected, a flag is dealt with.

use jiff::civil::Date;
use kit_decider::Command;

use crate::flags::Flag;
use crate::{Dossier, Event, FlagChanged, Flagged, Kind, Refusal, Stamp, Unflagged};

/// Flags a record; a repeat under the same number changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddFlag<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    /// Drawn at the edge.
    pub id: i64,
    pub message: String,
    pub date: Date,
}

/// Corrects what a flag says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditFlag<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub id: i64,
    pub message: Option<String>,
    pub date: Option<Date>,
}

/// Says that a flag was dealt with, and how. The first answer stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveFlag<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub id: i64,
    pub message: String,
}

impl<K: Kind> Command for AddFlag<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        said(&self.message)?;
        if dossier.flags.contains_key(&self.id) {
            return Ok(vec![]);
        }
        let Self { kind: _, stamp, id, message, date } = self;
        Ok(vec![Event::Flagged(Flagged { stamp, id, message, date })])
    }
}

impl<K: Kind> Command for EditFlag<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        let flag = known(dossier, self.id)?;
        if let Some(message) = &self.message {
            said(message)?;
        }
        let message = self.message.filter(|message| *message != flag.message);
        let date = self.date.filter(|date| *date != flag.date);
        if message.is_none() && date.is_none() {
            return Ok(vec![]);
        }
        Ok(vec![Event::FlagChanged(FlagChanged { stamp: self.stamp, id: self.id, message, date })])
    }
}

impl<K: Kind> Command for ResolveFlag<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !known(dossier, self.id)?.is_open() {
            return Ok(vec![]);
        }
        let Self { kind: _, stamp, id, message } = self;
        Ok(vec![Event::Unflagged(Unflagged { stamp, id, message })])
    }
}

fn known<K: Kind>(dossier: &Dossier<K>, id: i64) -> Result<&Flag, Refusal> {
    dossier.flags.get(&id).ok_or(Refusal::FlagUnknown(id))
}

/// A flag says what is to be looked at.
fn said(message: &str) -> Result<(), Refusal> {
    if message.trim().is_empty() {
        let message = "errors.models.flags.message";
        return Err(Refusal::Rule { attribute: "message", message });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kit_decider::fold;
    use kit_records::{CatalogIndex, Record, RecordType};
    use serde_json::json;
    use std::sync::Arc;

    use super::*;
    use crate::given::{self, Given, Plain, catalog};

    fn registered() -> Given<Plain> {
        let catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", vec![], &[]);
        let context = given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)));
        Given::registered(context, json!({}))
    }

    fn add(given: &Given<Plain>, id: i64, message: &str) -> AddFlag<Plain> {
        let (stamp, date) = (given.context.stamp(), date(2026, 2, 1));
        AddFlag { kind: Plain, stamp, id, message: message.into(), date }
    }

    #[test]
    fn a_record_is_flagged_until_its_last_flag_is_dealt_with() {
        let mut given = registered();
        for id in [4, 9] {
            let flag = add(&given, id, "call back");
            assert_eq!(given.done(flag.clone()).len(), 1);
            assert_eq!(given.done(flag), [], "a repeat is harmless");
        }
        let shown = |given: &Given<Plain>| {
            let document = given.record.document(&Record::new());
            (document["flagged"].clone(), document["flag_count"].clone())
        };
        assert_eq!(shown(&given), (json!(true), json!(2)));
        for id in [4, 9] {
            let stamp = given.context.stamp();
            let resolve = ResolveFlag { kind: Plain, stamp, id, message: "done".into() };
            assert_eq!(given.done(resolve.clone()).len(), 1);
            assert_eq!(given.done(resolve), []);
        }
        assert_eq!(shown(&given), (json!(false), json!(0)));
        assert!(given.record.flags[&4].resolved.is_some());
        assert_eq!(fold::<Dossier<Plain>>(&given.events), given.record);
    }

    #[test]
    fn a_flag_is_corrected_and_says_something() {
        let mut given = registered();
        let silent = add(&given, 4, "  ").decide(&given.record);
        assert_eq!(silent.unwrap_err().attribute(), Some("message"));
        given.done(add(&given, 4, "call back"));
        let stamp = given.context.stamp();
        let edit = EditFlag {
            kind: Plain,
            stamp,
            id: 4,
            message: Some("write".into()),
            date: Some(date(2026, 2, 1)),
        };
        let events = given.done(edit.clone());
        assert!(matches!(&events[..], [Event::FlagChanged(one)] if one.date.is_none()));
        assert_eq!(given.done(edit.clone()), []);
        assert_eq!(given.record.flags[&4].message, "write");
        let blank = EditFlag { message: Some(String::new()), ..edit.clone() };
        assert!(blank.decide(&given.record).is_err());
        let unknown = EditFlag { id: 5, ..edit };
        assert_eq!(unknown.decide(&given.record), Err(Refusal::FlagUnknown(5)));
    }

    #[test]
    fn there_must_be_a_record() {
        let given = registered();
        let nothing = Dossier::<Plain>::default();
        assert_eq!(add(&given, 1, "x").decide(&nothing), Err(Refusal::NotRegistered));
    }
}
