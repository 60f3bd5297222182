//! Two cases of one child: what a merge takes, what it leaves, and that it can be taken back. The
//! random histories at the end hold it to two promises: nothing disappears, and to take back is to
//! be as before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kit_decider::{Aggregate, Command, fold};
use kit_dossier::{Absorb, Carry, Release, Restore, Retire, Side, UpdateRetired};
use kit_records::Record;
use kit_records::values::is_blank;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::testing::{self, Given};
use crate::{Case, CaseEvent, CaseKind, CaseRefusal};

const MERGE: Uuid = Uuid::from_u128(77);

/// A child who was registered twice.
struct Pair {
    kept: Given,
    retired: Given,
}

impl Pair {
    fn of(kept: Value, retired: Value) -> Self {
        let mut pair =
            Self { kept: testing::registered(kept), retired: testing::registered(retired) };
        pair.retired.record.id = Uuid::from_u128(0xb0b);
        pair
    }

    fn merge(&mut self, choices: &[(&str, Side)]) -> Result<Vec<CaseEvent>, CaseRefusal> {
        let absorb = Absorb {
            kind: CaseKind,
            context: self.kept.context.clone(),
            merge: MERGE,
            other: Arc::new(self.retired.record.clone()),
            choices: choices.iter().map(|(name, side)| ((*name).to_owned(), *side)).collect(),
            beside: Record::new(),
            without: BTreeSet::new(),
        };
        let events = self.kept.when(absorb)?;
        let retire = Retire {
            kind: CaseKind,
            stamp: self.retired.stamp(),
            merge: MERGE,
            into: self.kept.record.id,
            into_display_id: self.kept.record.display_id.clone(),
            into_owner: self.kept.record.owner.clone(),
        };
        self.retired.when(retire)?;
        Ok(events)
    }

    /// Somebody who does not know of the merge writes to the retired case.
    fn write_to_retired(&mut self, body: Value) -> Vec<CaseEvent> {
        let before = Arc::new(self.retired.record.clone());
        let update = self.retired.patch(body);
        assert!(matches!(update.clone().decide(&before), Err(CaseRefusal::Merged(_))));
        let events = self.retired.done(UpdateRetired(update));
        let context = self.kept.context.clone();
        self.kept.done(Carry { kind: CaseKind, context, merge: MERGE, before, events })
    }

    fn unmerge(&mut self) {
        let stamp = self.kept.stamp();
        let history = self.kept.events.clone();
        self.kept.done(Release { kind: CaseKind, stamp, merge: MERGE, history });
        let stamp = self.retired.stamp();
        self.retired.done(Restore { kind: CaseKind, stamp, merge: MERGE });
    }

    fn kept(&self) -> &Record {
        &self.kept.record.values
    }
}

/// The names of a subform's entries, in order.
fn names(values: &Record) -> Vec<&str> {
    let entries = values.get("conf_contacts").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|one| one["contact_name"].as_str()).collect()
}

fn contact(id: u128, name: &str) -> Value {
    json!({"unique_id": Uuid::from_u128(id), "contact_name": name})
}

#[test]
fn what_one_does_not_tell_comes_from_the_other_and_entries_of_both_stay() {
    let mut pair = Pair::of(
        json!({"age": 9, "sex": "female", "conf_contacts": [contact(1, "Aunt")]}),
        json!({"age": 10, "location_current": "SY02", "conf_contacts": [contact(2, "Uncle")],
            "notes_section": [{"note_text": "seen"}]}),
    );
    let events = pair.merge(&[]).unwrap();
    let kept = pair.kept();
    assert_eq!((&kept["age"], &kept["sex"]), (&json!(9), &json!("female")));
    assert_eq!(kept["location_current"], "SY02");
    assert_eq!(names(kept), ["Aunt", "Uncle"]);
    assert_eq!(kept["notes_section"][0]["note_text"], "seen");
    let gave_way = events.iter().find_map(|event| match event {
        CaseEvent::Overruled(one) if one.path == "/age" => Some((&one.kept, &one.proposed)),
        _ => None,
    });
    assert_eq!(gave_way, Some((&json!(9), &json!(10))), "the history tells of it");
    let shown = pair.retired.record.document(&Record::new());
    assert_eq!(shown["merged_into"], json!(pair.kept.record.id));
    assert_eq!((&shown["duplicate"], &shown["age"]), (&json!(true), &json!(10)));
}

#[test]
fn a_value_is_chosen_field_by_field() {
    let mut pair = Pair::of(json!({"age": 9, "sex": "male"}), json!({"age": 10, "sex": "female"}));
    pair.merge(&[("age", Side::Other), ("sex", Side::Own)]).unwrap();
    assert_eq!((&pair.kept()["age"], &pair.kept()["sex"]), (&json!(10), &json!("male")));
}

#[test]
fn a_hidden_name_stays_hidden() {
    let hidden = json!({"module_id": "primeromodule-gbv", "name_first": "Amal"});
    let mut pair = Pair::of(json!({"name_first": "Amal"}), hidden);
    pair.kept.record.values.insert("hidden_name".into(), json!(false));
    pair.merge(&[]).unwrap();
    assert_eq!(pair.kept()["hidden_name"], true);
}

#[test]
fn a_case_is_merged_once_and_not_with_itself() {
    let mut pair = Pair::of(json!({}), json!({}));
    pair.merge(&[]).unwrap();
    assert!(matches!(pair.merge(&[]), Err(CaseRefusal::NotMergeable(_))));
    let mut same = Pair::of(json!({}), json!({}));
    same.retired.record.id = same.kept.record.id;
    assert!(matches!(same.merge(&[]), Err(CaseRefusal::NotMergeable(_))));
    let stamp = same.kept.stamp();
    let restore = Restore { kind: CaseKind, stamp, merge: MERGE };
    assert_eq!(restore.decide(&same.retired.record), Err(CaseRefusal::NotMerged));
}

#[test]
fn what_was_changed_since_stays_with_the_kept_case() {
    let mut pair = Pair::of(
        json!({"conf_contacts": [contact(1, "Aunt")]}),
        json!({"age": 10, "sex": "female", "conf_contacts": [contact(2, "Uncle"), contact(3, "Ali")]}),
    );
    pair.merge(&[]).unwrap();
    pair.kept.update(json!({"age": 11, "conf_contacts": [
        {"unique_id": Uuid::from_u128(2), "contact_age": 40}]}));
    pair.unmerge();
    let kept = pair.kept();
    assert_eq!(kept["age"], 11);
    assert!(kept.get("sex").is_none_or(is_blank));
    assert_eq!(names(kept), ["Aunt", "Uncle"], "a changed entry stays as a whole");
    assert_eq!(names(&pair.retired.record.values), ["Uncle", "Ali"]);
    assert_eq!(pair.retired.record.merged, None);
    assert!(pair.kept.record.absorbed.is_empty());
}

#[test]
fn what_a_device_brings_later_is_carried_over_or_waits_as_a_conflict() {
    let mut pair = Pair::of(json!({"age": 9}), json!({"age": 10, "location_current": "SY02"}));
    pair.merge(&[]).unwrap();
    let carried = pair.write_to_retired(json!({"age": 12, "location_current": "SY03",
        "conf_contacts": [contact(4, "Late")]}));
    let kept = pair.kept();
    assert_eq!((&kept["location_current"], names(kept)), (&json!("SY03"), vec!["Late"]));
    assert_eq!(kept["age"], 9, "the kept case said otherwise");
    let conflict = pair.kept.record.conflicts.values().next().unwrap();
    assert_eq!((&conflict.kept, &conflict.proposed), (&json!(9), &json!(12)));
    assert!(matches!(carried[0], CaseEvent::Absorbed(_)));
    pair.unmerge();
    assert!(pair.kept.record.conflicts.is_empty(), "it goes with the merge");
    assert!(pair.kept().get("location_current").is_none_or(is_blank));
    assert_eq!(pair.retired.record.values["age"], 12, "and stays where it was written");
}

fn entries() -> impl Strategy<Value = Value> {
    proptest::collection::btree_map(0..6_u128, "[a-c]", 0..4).prop_map(|entries| {
        entries.into_iter().map(|(id, name)| contact(id, &name)).collect::<Vec<_>>().into()
    })
}

fn body() -> impl Strategy<Value = Value> {
    let age = prop::option::of(1..6_u8);
    let sex = prop::option::of(prop::sample::select(vec!["female", "male"]));
    let concerns = prop::option::of(prop::sample::subsequence(vec!["separated", "orphan"], 0..2));
    (age, sex, concerns, "[a-b]?", entries()).prop_map(|(age, sex, concerns, name, contacts)| {
        let mut body = json!({"name_first": name, "conf_contacts": contacts});
        for (field, value) in
            [("age", json!(age)), ("sex", json!(sex)), ("protection_concerns", json!(concerns))]
        {
            if !value.is_null() {
                body[field] = value;
            }
        }
        body
    })
}

/// What is done once two cases are merged.
#[derive(Debug, Clone)]
enum Later {
    Kept(Value),
    Retired(Value),
}

fn later() -> impl Strategy<Value = Later> {
    prop_oneof![body().prop_map(Later::Kept), body().prop_map(Later::Retired)]
}

fn chosen() -> impl Strategy<Value = Vec<(&'static str, Side)>> {
    let side = prop::sample::select(vec![Side::Own, Side::Other]);
    let fields = vec!["age", "sex", "name_first", "conf_contacts", "protection_concerns"];
    prop::collection::vec((prop::sample::select(fields), side), 0..4)
}

/// Every value that a record holds, with its place.
fn leaves(values: &Record) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, value) in values {
        match value.as_array().filter(|list| list.iter().any(Value::is_object)) {
            Some(list) => {
                for entry in list {
                    let id = entry["unique_id"].as_str().unwrap_or_default();
                    for (field, value) in entry.as_object().unwrap() {
                        found.insert(format!("/{name}/{id}/{field}"), value.clone());
                    }
                }
            }
            None => {
                found.insert(format!("/{name}"), value.clone());
            }
        }
    }
    found.retain(|_, value| !is_blank(value));
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_loses_nothing(kept in body(), retired in body(), choices in chosen()) {
        let mut pair = Pair::of(kept, retired);
        let (own, theirs) = (leaves(pair.kept()), leaves(&pair.retired.record.values));
        let events = pair.merge(&choices).unwrap();
        let after = leaves(pair.kept());
        let gave_way: BTreeMap<&str, &Value> = events.iter().filter_map(|event| match event {
            CaseEvent::Overruled(one) => Some((one.path.as_str(), &one.proposed)),
            _ => None,
        }).collect();
        for (path, value) in &own {
            // An entry of both keeps one side's word; the other side's is in its own record.
            let both = theirs.contains_key(path) && path.matches('/').count() > 1;
            let told = after.get(path) == Some(value) || gave_way.get(path.as_str()) == Some(&value);
            let computed = path == "/name" || path == "/unhcr_needs_codes";
            prop_assert!(told || both || computed, "{path} of the kept case is gone");
        }
        for path in theirs.keys() {
            prop_assert!(after.contains_key(path), "{path} is in neither");
        }
        prop_assert_eq!(leaves(&pair.retired.record.values), theirs);
    }

    #[test]
    fn to_take_a_merge_back_is_to_be_as_before(
        kept in body(), retired in body(), choices in chosen(), rounds in 1..3_usize,
    ) {
        let mut pair = Pair::of(kept, retired);
        let (own, theirs) = (pair.kept().clone(), pair.retired.record.values.clone());
        for _ in 0..rounds {
            pair.merge(&choices).unwrap();
            pair.unmerge();
            prop_assert_eq!(pair.kept(), &own);
            prop_assert_eq!(&pair.retired.record.values, &theirs);
        }
    }

    #[test]
    fn what_is_done_between_stays_where_it_was_done(
        kept in body(), retired in body(), choices in chosen(),
        later in prop::collection::vec(later(), 0..6),
    ) {
        let mut pair = Pair::of(kept, retired);
        let own = leaves(pair.kept());
        pair.merge(&choices).unwrap();
        let (mut since, mut ever) = (BTreeSet::<String>::new(), BTreeSet::new());
        for step in later {
            match step {
                Later::Kept(body) => {
                    let before = leaves(pair.kept());
                    pair.kept.update(body);
                    let after = leaves(pair.kept());
                    let paths = before.keys().chain(after.keys());
                    let changed = paths.filter(|path| before.get(*path) != after.get(*path));
                    let changed: Vec<String> = changed.cloned().collect();
                    ever.extend(changed.clone());
                    since.extend(changed);
                }
                Later::Retired(body) => {
                    let before = leaves(pair.kept());
                    pair.write_to_retired(body);
                    // What was carried over takes the place of what was done here before.
                    let after = leaves(pair.kept());
                    since.retain(|path| before.get(path) == after.get(path));
                }
            }
        }
        let merged = leaves(pair.kept());
        pair.unmerge();
        let parted = leaves(pair.kept());
        for path in &since {
            prop_assert_eq!(parted.get(path), merged.get(path), "{}", path);
        }
        let retold: Case = fold(pair.kept.events.iter());
        prop_assert_eq!(&retold.values, pair.kept(), "replays tell the same");
        let of_retired = pair.retired.events.iter().filter(|event| {
            !matches!(event, CaseEvent::MergedInto(_) | CaseEvent::Restored(_))
        });
        let mut alone = Case::default();
        of_retired.for_each(|event| alone.evolve(event));
        prop_assert_eq!(&alone.values, &pair.retired.record.values);
        // What nobody touched here since is what it was.
        for path in own.keys().filter(|path| !ever.contains(*path)) {
            prop_assert_eq!(parted.get(path), own.get(path), "{}", path);
        }
    }
}

#[test]
fn the_histories_of_both_tell_of_it() {
    let mut pair = Pair::of(json!({}), json!({"age": 10}));
    pair.merge(&[]).unwrap();
    pair.unmerge();
    let entries = kit_dossier::history::entries::<CaseKind>(&pair.kept.events);
    let actions: Vec<_> = entries.iter().map(|one| one.record_action.as_deref()).collect();
    assert_eq!(actions, [Some("unmerge"), Some("merge"), None]);
    let entries = kit_dossier::history::entries::<CaseKind>(&pair.retired.events);
    assert_eq!(entries.len(), 3);
    assert!(entries[1].changes.iter().any(|one| one.field == "merged_into"));
}
