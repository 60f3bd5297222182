//! Two records of one person become one: the record that is kept takes over what the other says,
//! and the other says where it went. Nothing is lost: what gave way stays in the other record, and
//! is told by the history of both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kit_decider::Command;
use kit_records::merge::patch_at;
use kit_records::patch::{apply, entry_id, is_subform, reduce};
use kit_records::values::is_blank;
use kit_records::{Merge as Meeting, Merged, Policies, Record, Touched, system};
use serde_json::Value;
use uuid::Uuid;

use crate::commands::Update;
use crate::{
    Absorbed, ConflictOpened, Context, Dossier, Event, Kind, MergedInto, OPEN, Overruled, Refusal,
    Save, Stamp, fields, save,
};

/// Where work stands and to whom a record is linked: each record's own.
const OWN: &[&str] =
    &["workflow", "date_closure", "case_status_reopened", "family_id", "family_member_id"];
/// Protects: once true, it stays true.
const HIDDEN_NAME: &str = "hidden_name";
const ITSELF: &str = "a record cannot be merged with itself";
const ALREADY: &str = "one of these records was merged into another already";

/// Whose value is taken where two records differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Own,
    Other,
}

/// Takes over what another record of the same person says: what this one does not tell, what was
/// chosen field by field, and the entries of both.
#[derive(Debug, Clone)]
pub struct Absorb<K: Kind> {
    pub kind: K,
    pub context: Context,
    pub merge: Uuid,
    pub other: Arc<Dossier<K>>,
    /// Fields whose value is chosen; any other keeps its own, if it has one.
    pub choices: BTreeMap<String, Side>,
    /// What else the merge changes here.
    pub beside: Record,
    /// Fields that nothing is taken of; `beside` says what becomes of them.
    pub without: BTreeSet<String>,
}

/// What two records come to.
#[derive(Default)]
struct Union {
    patch: Record,
    /// Field, value that stands, value that gave way.
    gave_way: Vec<(String, Value, Value)>,
}

impl<K: Kind> Command for Absorb<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() || !self.other.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.id == self.other.id {
            return Err(Refusal::NotMergeable(ITSELF));
        }
        if dossier.merged.is_some() || self.other.merged.is_some() {
            return Err(Refusal::NotMergeable(ALREADY));
        }
        let mut union = self.union(&dossier.values);
        apply(&mut union.patch, &self.beside);
        let stamp = self.context.stamp();
        let absorbed = absorbed(dossier, &self.context, &union.patch);
        let mut events = vec![Event::Absorbed(Absorbed {
            merge: self.merge,
            other: self.other.id,
            other_display_id: self.other.display_id.clone(),
            ..absorbed
        })];
        events.extend(union.gave_way.into_iter().map(|(field, kept, proposed)| {
            let path = format!("/{field}");
            Event::Overruled(Overruled { stamp: stamp.clone(), path, kept, proposed, base: 0 })
        }));
        Ok(events)
    }
}

impl<K: Kind> Absorb<K> {
    fn union(&self, own: &Record) -> Union {
        let mut union = Union::default();
        for (name, theirs) in self.other.values.iter().filter(|(name, _)| is_taken::<K>(name)) {
            if is_blank(theirs) || self.without.contains(name) {
                continue;
            }
            let ours = own.get(name).unwrap_or(&Value::Null);
            let side = self.choices.get(name).copied().unwrap_or(Side::Own);
            if is_subform(theirs) || is_subform(ours) {
                union.patch.extend(entries(ours, theirs, side).map(|list| (name.clone(), list)));
            } else if is_blank(ours) {
                union.patch.insert(name.clone(), theirs.clone());
            } else if ours != theirs {
                let protects = name == HIDDEN_NAME && *theirs == Value::Bool(true);
                union.meet(name, ours, theirs, side == Side::Other || protects);
            }
        }
        union
    }
}

impl Union {
    fn meet(&mut self, name: &str, ours: &Value, theirs: &Value, takes_theirs: bool) {
        let (stands, gives) = if takes_theirs { (theirs, ours) } else { (ours, theirs) };
        if takes_theirs {
            self.patch.insert(name.to_owned(), theirs.clone());
        }
        self.gave_way.push((name.to_owned(), stands.clone(), gives.clone()));
    }
}

/// What another record's entries change of a subform: new ones come, and entries of both are
/// completed, or overruled where the other side was chosen.
fn entries(ours: &Value, theirs: &Value, side: Side) -> Option<Value> {
    let own = ours.as_array().map_or(&[][..], Vec::as_slice);
    let known = |entry: &Value| {
        let id = entry_id(entry)?;
        own.iter().find(|one| entry_id(one) == Some(id)).and_then(Value::as_object)
    };
    let patch: Vec<Value> = theirs
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| match (known(entry), entry.as_object()?) {
            (None, _) => Some(entry.clone()),
            (Some(_), _) if side == Side::Other => Some(entry.clone()),
            (Some(own), entry) => {
                let lacks = |name: &String| own.get(name).is_none_or(is_blank);
                let more = entry.iter().filter(|(name, _)| *name == "unique_id" || lacks(name));
                Some(Value::Object(more.map(|(name, it)| (name.clone(), it.clone())).collect()))
            }
        })
        .collect();
    (!patch.is_empty()).then_some(Value::Array(patch))
}

/// Whether a field may go from one record to another.
fn is_taken<K: Kind>(name: &str) -> bool {
    !fields::is_system::<K>(name) && !OWN.contains(&name) && system::approval_of(name).is_none()
}

/// The event of a patch that comes from another record, with what the rules make of it.
fn absorbed<K: Kind>(dossier: &Dossier<K>, context: &Context, patch: &Record) -> Absorbed {
    let changes = reduce(&dossier.values, patch);
    let mut after = fields::patched(&dossier.values, &changes);
    K::settle(&mut after);
    let computed = if changes.is_empty() {
        Record::new()
    } else {
        let module = dossier.module.as_deref();
        let save = Save { module, changes: &changes, moves_on: dossier.status == OPEN };
        save::computed::<K>(context, save, &after)
    };
    Absorbed {
        stamp: context.stamp(),
        merge: Uuid::nil(),
        other: Uuid::nil(),
        other_display_id: String::new(),
        changes,
        computed,
        conflicts: Vec::new(),
    }
}

/// Leaves the work to the record that this one was merged into.
#[derive(Debug, Clone)]
pub struct Retire<K: Kind> {
    pub kind: K,
    pub stamp: Stamp,
    pub merge: Uuid,
    pub into: Uuid,
    pub into_display_id: String,
    pub into_owner: String,
}

impl<K: Kind> Command for Retire<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.is_registered() {
            return Err(Refusal::NotRegistered);
        }
        if dossier.merged.is_some() {
            return Err(Refusal::NotMergeable(ALREADY));
        }
        let Self { stamp, merge, into, into_display_id, into_owner, .. } = self;
        let event = MergedInto { stamp, merge, into, into_display_id, into_owner };
        Ok(vec![Event::MergedInto(event)])
    }
}

/// Writes to a record that was merged into another, as [`Update`] does to any: a device that was
/// offline does not know of the merge. [`Carry`] takes it over to the other.
#[derive(Debug, Clone)]
pub struct UpdateRetired<K: Kind>(pub Update<K>);

impl<K: Kind> Command for UpdateRetired<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if dossier.merged.is_none() {
            return Err(Refusal::NotMerged);
        }
        self.0.decided(dossier)
    }
}

/// Takes over what was written to the other record after the merge, such as the edits of a device
/// that was offline. What meets a change made here is a conflict, until somebody settles it.
#[derive(Debug, Clone)]
pub struct Carry<K: Kind> {
    pub kind: K,
    pub context: Context,
    pub merge: Uuid,
    /// The other record before it was written to.
    pub before: Arc<Dossier<K>>,
    /// What happened to it.
    pub events: Vec<Event>,
}

impl<K: Kind> Command for Carry<K> {
    type Of = Dossier<K>;
    type Refusal = Refusal;

    fn decide(self, dossier: &Dossier<K>) -> Result<Vec<Event>, Refusal> {
        if !dossier.absorbed.iter().any(|one| one.id == self.merge) {
            return Err(Refusal::NotMerged);
        }
        let Merged { patch, conflicts, overruled, .. } = self.met(dossier);
        let stamp = self.context.stamp();
        let opened = conflicts.into_iter().map(|one| ConflictOpened {
            stamp: stamp.clone(),
            id: self.context.id_for(&format!("carried {}", one.path)),
            kept_version: dossier.touched.last(&one.path),
            path: one.path,
            kept: one.stored,
            proposed: one.sent,
            base: 0,
        });
        let waits = |one: &ConflictOpened| {
            dossier.conflicts.values().any(|it| it.path == one.path && it.proposed == one.proposed)
        };
        let opened: Vec<ConflictOpened> = opened.filter(|one| !waits(one)).collect();
        let event = Absorbed {
            merge: self.merge,
            other: self.before.id,
            other_display_id: self.before.display_id.clone(),
            conflicts: opened.iter().map(|one| one.id).collect(),
            ..absorbed(dossier, &self.context, &patch)
        };
        if event.changes.is_empty() && opened.is_empty() && overruled.is_empty() {
            return Ok(vec![]);
        }
        let gave_way = overruled.into_iter().map(|one| Overruled {
            stamp: stamp.clone(),
            path: one.path,
            kept: one.stored,
            proposed: one.sent,
            base: 0,
        });
        let mut events = vec![Event::Absorbed(event)];
        events.extend(gave_way.map(Event::Overruled));
        events.extend(opened.into_iter().map(Event::ConflictOpened));
        Ok(events)
    }
}

impl<K: Kind> Carry<K> {
    /// What was written there, held against this record: what agreed before the writing agrees
    /// after it, all else is met as a change of the same place.
    fn met(&self, dossier: &Dossier<K>) -> Merged {
        let (mut patch, mut unsettled) = (Record::new(), Record::new());
        for event in &self.events {
            match event {
                Event::Changed(changed) => apply(&mut patch, &changed.changes),
                Event::Absorbed(absorbed) => apply(&mut patch, &absorbed.changes),
                Event::ConflictOpened(one) => {
                    apply(&mut unsettled, &patch_at(&one.path, &one.proposed));
                }
                _ => {}
            }
        }
        patch.retain(|name, _| is_taken::<K>(name));
        unsettled.retain(|name, _| is_taken::<K>(name));
        let mut merged = meet(&self.context, K::RECORD_TYPE, &self.before.values, dossier, &patch);
        let unseen = Record::new();
        let other = meet(&self.context, K::RECORD_TYPE, &unseen, dossier, &unsettled);
        apply(&mut merged.patch, &other.patch);
        merged.conflicts.extend(other.conflicts);
        merged.overruled.extend(other.overruled);
        merged
    }
}

fn meet<K: Kind>(
    context: &Context,
    record_type: kit_records::RecordType,
    base: &Record,
    dossier: &Dossier<K>,
    patch: &Record,
) -> Merged {
    let mut touched = Touched::default();
    touched.note(base, &dossier.values, 1);
    let meeting = Meeting {
        base: Some(0),
        base_record: Some(base),
        touched: &touched,
        stored: &dossier.values,
        policies: Policies { index: &context.index, record_type },
    };
    meeting.run(patch)
}
