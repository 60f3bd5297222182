//! The three-way merge: a patch made on an older version meets what happened since.
//!
//! Leaf by leaf: untouched since the base version, it is taken; already the same, it is noted;
//! changed differently, the field's policy decides. Nothing that was sent disappears: what is
//! not taken stands in the result as a conflict or as overruled, with both values.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::patch::{DESTROY, UNIQUE_ID, entry_id, is_destroyed, is_subform};
use crate::touched::says_same;
use crate::violation::pointer;
use crate::{CatalogIndex, Record, RecordType, Touched};

/// How two different changes of the same field are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Keep the stored value and let a person decide.
    Ask,
    /// Join two lists of choices; anything else is asked.
    Union,
    /// The value that arrives last stands.
    Latest,
    /// The value that arrived first stands.
    First,
}

/// The policy of each field of one record type.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    pub index: &'a CatalogIndex,
    pub record_type: RecordType,
}

impl Policies<'_> {
    /// The policy of a top-level field: its own, else union (which asks where it cannot join).
    pub fn of(&self, field: &str) -> Policy {
        let places = self.index.definitions(self.record_type, field);
        places.iter().find_map(|at| self.index.field_at(*at).merge_policy).unwrap_or(Policy::Union)
    }

    /// The policy of a subform's field, else that of the subform.
    fn of_entry(&self, subform: &str, field: &str) -> Policy {
        let form = self.index.field(self.record_type, subform).and_then(|f| self.index.subform(f));
        let own = form.and_then(|form| form.fields.iter().find(|one| one.name == field));
        own.and_then(|field| field.merge_policy).unwrap_or_else(|| self.of(subform))
    }
}

/// Two changes of the same path that a person has to settle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// As in [`Touched`]; the path of an entry when one side removed it.
    pub path: String,
    /// What is stored (null: cleared, or the entry is gone).
    pub stored: Value,
    /// What was sent (null: cleared, or the entry was to be removed).
    pub sent: Value,
    /// The version that brought the stored value.
    pub version: u64,
}

/// The result of a merge.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged {
    /// What to apply to the stored record.
    pub patch: Record,
    /// Paths that the patch changes.
    pub taken: Vec<String>,
    /// Paths that had the sent value already, or where the sender repeats the base's value.
    pub same: Vec<String>,
    /// For policy "ask": the stored value stays until someone settles it.
    pub conflicts: Vec<Conflict>,
    /// For policies "latest", "first" and "union": both values where one gave way.
    pub overruled: Vec<Conflict>,
}

/// What a patch meets.
#[derive(Debug, Clone, Copy)]
pub struct Merge<'a> {
    /// The version that the patch was made on; none means the last write wins.
    pub base: Option<u64>,
    /// The record as the sender saw it, if at hand: at that version, or with what they sent since.
    /// Tells an edit from a repetition, lets "union" see removals, and keeps the sender's own
    /// earlier changes from standing in their way.
    pub base_record: Option<&'a Record>,
    pub touched: &'a Touched,
    pub stored: &'a Record,
    pub policies: Policies<'a>,
}

/// Where the walk is: the path, what stands there, what stood there.
struct Spot<'a> {
    path: String,
    stored: &'a Value,
    base: Option<&'a Value>,
    policy: Policy,
}

impl Spot<'_> {
    /// What the sender found here.
    fn seen(&self) -> &Value {
        self.base.unwrap_or(&Value::Null)
    }
}

impl Merge<'_> {
    /// Merges a validated patch.
    pub fn run(&self, patch: &Record) -> Merged {
        let mut merged = Merged::default();
        for (name, sent) in patch {
            let spot = Spot {
                path: pointer("", name),
                stored: self.stored.get(name).unwrap_or(&Value::Null),
                base: self.base_record.and_then(|base| base.get(name)),
                policy: self.policies.of(name),
            };
            if let Some(value) = self.value(&spot, sent, name, &mut merged) {
                merged.patch.insert(name.clone(), value);
            }
        }
        merged
    }

    /// What of `sent` goes into the patch.
    fn value(
        &self,
        spot: &Spot<'_>,
        sent: &Value,
        subform: &str,
        out: &mut Merged,
    ) -> Option<Value> {
        match (spot.stored, sent) {
            (Value::Object(stored), Value::Object(sent)) => {
                let kept = self.object(spot, stored, sent, subform, out);
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            (_, Value::Array(entries)) if is_subform(sent) => {
                let kept: Vec<Value> = entries
                    .iter()
                    .filter_map(|entry| self.entry(spot, entry, subform, out))
                    .collect();
                (!kept.is_empty()).then_some(Value::Array(kept))
            }
            (stored, Value::Array(none)) if none.is_empty() && is_subform(stored) => None,
            _ => self.leaf(spot, sent, out),
        }
    }

    fn object(
        &self,
        spot: &Spot<'_>,
        stored: &Record,
        sent: &Record,
        subform: &str,
        out: &mut Merged,
    ) -> Record {
        let mut kept = Map::new();
        for (name, sent) in sent.iter().filter(|(name, _)| *name != UNIQUE_ID && *name != DESTROY) {
            let inner = Spot {
                path: pointer(&spot.path, name),
                stored: stored.get(name).unwrap_or(&Value::Null),
                base: spot.base.and_then(|base| base.get(name)),
                policy: self.policies.of_entry(subform, name),
            };
            if let Some(value) = self.value(&inner, sent, subform, out) {
                kept.insert(name.clone(), value);
            }
        }
        kept
    }

    fn entry(
        &self,
        spot: &Spot<'_>,
        sent: &Value,
        subform: &str,
        out: &mut Merged,
    ) -> Option<Value> {
        let Some(id) = entry_id(sent) else {
            out.taken.push(spot.path.clone());
            return Some(sent.clone());
        };
        let inner = Spot {
            path: pointer(&spot.path, id),
            stored: find_entry(spot.stored, id).unwrap_or(&Value::Null),
            base: spot.base.and_then(|base| find_entry(base, id)),
            policy: spot.policy,
        };
        match (inner.stored, sent) {
            (Value::Object(_), _) if is_destroyed(sent) => self.removal(&inner, sent, out),
            (_, _) if is_destroyed(sent) => {
                out.same.push(inner.path);
                None
            }
            (Value::Object(stored), Value::Object(fields)) => {
                let mut kept = self.object(&inner, stored, fields, subform, out);
                let any = !kept.is_empty();
                kept.insert(UNIQUE_ID.into(), id.into());
                any.then_some(Value::Object(kept))
            }
            _ => self.addition(&inner, sent, out),
        }
    }

    /// An entry that the sender removed: a change by someone else since must not be lost.
    fn removal(&self, spot: &Spot<'_>, sent: &Value, out: &mut Merged) -> Option<Value> {
        if !self.is_contested(spot) {
            out.taken.push(spot.path.clone());
            return Some(sent.clone());
        }
        let conflict = self.conflict(spot, &Value::Null);
        match spot.policy {
            Policy::Latest => {
                out.taken.push(spot.path.clone());
                out.overruled.push(conflict);
                Some(sent.clone())
            }
            Policy::First => {
                out.overruled.push(conflict);
                None
            }
            Policy::Ask | Policy::Union => {
                out.conflicts.push(conflict);
                None
            }
        }
    }

    /// An entry that is not stored: new, or removed by someone else since.
    fn addition(&self, spot: &Spot<'_>, sent: &Value, out: &mut Merged) -> Option<Value> {
        if !self.is_contested(spot) {
            out.taken.push(spot.path.clone());
            return Some(sent.clone());
        }
        let whole = restored(spot.base, sent);
        let conflict = self.conflict(spot, &whole);
        match spot.policy {
            Policy::Latest => {
                out.taken.push(spot.path.clone());
                out.overruled.push(conflict);
                Some(whole)
            }
            Policy::First => {
                out.overruled.push(conflict);
                None
            }
            Policy::Ask | Policy::Union => {
                out.conflicts.push(conflict);
                None
            }
        }
    }

    fn leaf(&self, spot: &Spot<'_>, sent: &Value, out: &mut Merged) -> Option<Value> {
        if spot.stored == sent || self.is_unchanged(spot, sent) {
            out.same.push(spot.path.clone());
            return None;
        }
        if !self.is_contested(spot) {
            out.taken.push(spot.path.clone());
            return Some(sent.clone());
        }
        match spot.policy {
            Policy::Union if is_list(spot.stored) && is_list(sent) => self.union(spot, sent, out),
            Policy::Latest => {
                out.taken.push(spot.path.clone());
                out.overruled.push(self.conflict(spot, sent));
                Some(sent.clone())
            }
            Policy::First => {
                out.overruled.push(self.conflict(spot, sent));
                None
            }
            Policy::Ask | Policy::Union => {
                out.conflicts.push(self.conflict(spot, sent));
                None
            }
        }
    }

    fn union(&self, spot: &Spot<'_>, sent: &Value, out: &mut Merged) -> Option<Value> {
        let (stored, mine) = (list(spot.stored), list(sent));
        let base = spot.base.map_or(&[][..], list);
        let kept = stored.iter().filter(|one| !base.contains(one) || mine.contains(one));
        let added = mine.iter().filter(|one| !stored.contains(one) && !base.contains(one));
        let joined = Value::Array(kept.chain(added).cloned().collect());
        if joined != *sent {
            out.overruled.push(self.conflict(spot, sent));
        }
        if joined == *spot.stored {
            out.same.push(spot.path.clone());
            return None;
        }
        out.taken.push(spot.path.clone());
        Some(joined)
    }

    /// Whether the sender merely repeats what they found, as clients do that send whole forms.
    fn is_unchanged(&self, spot: &Spot<'_>, sent: &Value) -> bool {
        self.base_record.is_some() && self.is_contested(spot) && spot.seen() == sent
    }

    /// Whether someone else changed the place since; what stands there as the sender saw it is
    /// theirs to change, whoever wrote it when.
    fn is_contested(&self, spot: &Spot<'_>) -> bool {
        let is_as_seen = self.base_record.is_some() && says_same(spot.stored, spot.seen());
        self.base.is_some_and(|base| self.touched.since(&spot.path, base)) && !is_as_seen
    }

    fn conflict(&self, spot: &Spot<'_>, sent: &Value) -> Conflict {
        Conflict {
            path: spot.path.clone(),
            stored: spot.stored.clone(),
            sent: sent.clone(),
            version: self.touched.last(&spot.path),
        }
    }
}

fn find_entry<'a>(list: &'a Value, id: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|entry| entry_id(entry) == Some(id))
}

fn restored(base: Option<&Value>, sent: &Value) -> Value {
    let mut whole = base.and_then(Value::as_object).cloned().unwrap_or_default();
    whole.extend(sent.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    Value::Object(whole)
}

fn is_list(value: &Value) -> bool {
    value.is_array() && !is_subform(value)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The patch that puts `value` at a path, for settling a conflict; an entry's path with null
/// removes the entry.
pub fn patch_at(path: &str, value: &Value) -> Record {
    let unescape = |part: &str| part.replace("~1", "/").replace("~0", "~");
    let parts: Vec<String> = path.split('/').skip(1).map(unescape).collect();
    let built = parts.iter().rev().fold(value.clone(), |inner, part| {
        if Uuid::try_parse(part).is_err() {
            return json!({ part: inner });
        }
        let mut entry = match inner {
            Value::Object(fields) => fields,
            _ => Map::from_iter([(DESTROY.to_owned(), Value::Bool(true))]),
        };
        entry.insert(UNIQUE_ID.into(), part.as_str().into());
        Value::Array(vec![Value::Object(entry)])
    });
    built.as_object().cloned().unwrap_or_default()
}
