//! The vectors of `vectors/merge.json`, and what holds for any merge.

use std::collections::BTreeSet;
use std::sync::Arc;

use kit_records::{
    Catalog, CatalogIndex, Merge, Merged, Policies, Record, RecordType, Touched, merge, patch,
};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::fixture::record;

#[derive(Deserialize)]
struct Vector {
    name: String,
    policies: Map<String, Value>,
    versions: Vec<Record>,
    base: Option<u64>,
    knows_base: bool,
    patch: Record,
    result: Value,
    conflicts: Value,
    overruled: Vec<String>,
}

fn index(policies: &Map<String, Value>) -> CatalogIndex {
    let field = |(name, policy): (&String, &Value)| json!({"name": name, "merge_policy": policy});
    let fields: Vec<Value> = policies.iter().map(field).collect();
    let catalog = json!({"forms": [{"unique_id": "f", "parent_form": "case", "fields": fields}]});
    let catalog: Catalog = serde_json::from_value(catalog).unwrap();
    CatalogIndex::new(Arc::new(catalog))
}

/// What each path was last changed by, over all versions.
fn touched(versions: &[Record]) -> Touched {
    let (mut touched, mut before) = (Touched::default(), Record::new());
    for (version, state) in (1..).zip(versions) {
        touched.note(&before, state, version);
        before.clone_from(state);
    }
    touched
}

/// Merges a patch into the last version; the record afterwards and the result.
fn merged(vector: &Vector) -> (Record, Merged) {
    let index = index(&vector.policies);
    let stored = vector.versions.last().unwrap();
    let at_base =
        vector.base.and_then(|base| vector.versions.get(usize::try_from(base).unwrap() - 1));
    let merge = Merge {
        base: vector.base,
        base_record: at_base.filter(|_| vector.knows_base),
        touched: &touched(&vector.versions),
        stored,
        policies: Policies { index: &index, record_type: RecordType::Case },
    };
    let merged = merge.run(&vector.patch);
    let mut result = stored.clone();
    patch::apply(&mut result, &merged.patch);
    (result, merged)
}

#[test]
fn merges_end_as_expected() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../vectors/merge.json")).unwrap();
    assert!(vectors.len() >= 120);
    for vector in vectors {
        let (result, merged) = merged(&vector);
        let name = &vector.name;
        assert_eq!(Value::Object(result), vector.result, "{name}");
        assert_eq!(serde_json::to_value(&merged.conflicts).unwrap(), vector.conflicts, "{name}");
        let overruled: Vec<&str> = merged.overruled.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(overruled, vector.overruled, "{name}");
    }
}

#[test]
fn a_settled_conflict_becomes_a_patch() {
    let id = "00000000-0000-4000-8000-00000000000a";
    let settle = |path: &str, value: Value| Value::Object(merge::patch_at(path, &value));
    assert_eq!(settle("/f", json!(1)), json!({"f": 1}));
    assert_eq!(settle("/t/boys", json!(null)), json!({"t": {"boys": null}}));
    assert_eq!(settle(&format!("/s/{id}/a"), json!(1)), json!({"s": [{"a": 1, "unique_id": id}]}));
    assert_eq!(
        settle(&format!("/s/{id}"), json!(null)),
        json!({"s": [{"_destroy": true, "unique_id": id}]})
    );
    assert_eq!(
        settle(&format!("/s/{id}"), json!({"a": 1})),
        json!({"s": [{"a": 1, "unique_id": id}]})
    );
}

const FIELDS: [&str; 4] = ["f", "g", "h", "m"];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), (0..4).prop_map(Value::from), "[ab]".prop_map(Value::from)]
}

fn rows() -> impl Strategy<Value = Value> {
    let row = |n: u8| json!({"unique_id": uuid::Uuid::from_u128(n.into()).to_string()});
    let cells = (0_u8..3, prop::option::of(value()), prop::option::of(value()));
    prop::collection::btree_map(0_u8..3, cells, 0..3).prop_map(move |rows| {
        let row = |(n, (_, a, b)): (u8, (u8, Option<Value>, Option<Value>))| {
            let mut row = row(n);
            let cells = [("a", a), ("b", b)];
            for (name, cell) in cells.into_iter().filter_map(|(name, cell)| Some((name, cell?))) {
                row[name] = cell;
            }
            row
        };
        Value::Array(rows.into_iter().map(row).collect())
    })
}

fn body() -> impl Strategy<Value = Record> {
    let fields = prop::collection::btree_map(prop::sample::select(&FIELDS[..]), value(), 0..4);
    (fields, prop::option::of(rows())).prop_map(|(fields, rows)| {
        let mut body: Record = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        body.extend(rows.map(|rows| ("s".to_owned(), rows)));
        body
    })
}

/// A first state, two patches made on it, and which policy holds.
fn history() -> impl Strategy<Value = (Record, Record, Record)> {
    (body(), body(), body())
}

fn vector(base: &Record, first: &Record, second: &Record, policies: Value) -> Vector {
    let mut after = base.clone();
    patch::apply(&mut after, first);
    Vector {
        name: String::new(),
        policies: record(&policies),
        versions: vec![base.clone(), after],
        base: Some(1),
        knows_base: true,
        patch: second.clone(),
        result: Value::Null,
        conflicts: Value::Null,
        overruled: Vec::new(),
    }
}

fn leaves(body: &Record) -> BTreeSet<String> {
    kit_records::touched::paths(body).into_iter().collect()
}

fn at(record: &Record, path: &str) -> Value {
    let mut here = Value::Object(record.clone());
    for part in path.split('/').skip(1) {
        here = match &here {
            Value::Array(rows) => {
                rows.iter().find(|row| row["unique_id"] == part).cloned().unwrap_or_default()
            }
            other => other.get(part).cloned().unwrap_or_default(),
        };
    }
    here
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn different_paths_never_conflict((base, first, second) in history()) {
        let theirs = leaves(&first);
        let apart = |path: &str| !theirs.iter().any(|one| {
            one == path || one.starts_with(&format!("{path}/")) || path.starts_with(&format!("{one}/"))
        });
        prop_assume!(leaves(&second).iter().all(|path| apart(path)));
        let (result, merged) = merged(&vector(&base, &first, &second, json!({})));
        prop_assert!(merged.conflicts.is_empty() && merged.overruled.is_empty());
        for path in leaves(&second) {
            prop_assert_eq!(at(&result, &path).is_null(), at(&second, &path).is_null());
        }
    }

    #[test]
    fn the_same_patch_twice_never_conflicts((base, first, _) in history()) {
        let (_, merged) = merged(&vector(&base, &first, &first, json!({})));
        prop_assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);
        prop_assert!(merged.patch.is_empty(), "{:?}", merged.patch);
    }

    #[test]
    fn nothing_sent_is_lost_without_trace((base, first, second) in history(), policy in prop::sample::select(vec!["ask", "union", "latest", "first"])) {
        let policies = json!({"f": policy, "g": policy, "h": policy, "m": policy, "s": policy});
        let (result, merged) = merged(&vector(&base, &first, &second, policies));
        let traced: BTreeSet<&str> = merged.conflicts.iter().chain(&merged.overruled).map(|one| one.path.as_str()).collect();
        for path in leaves(&second) {
            let sent = at(&second, &path);
            let is_traced = traced.iter().any(|one| path == **one || path.starts_with(&format!("{one}/")));
            // An empty list says nothing, nor does what the sender found; an entry without fields
            // is there or not.
            prop_assert!(is_traced || sent == at(&base, &path) || sent == json!([]) || sent.is_object() || at(&result, &path) == sent, "{path}");
        }
    }

    #[test]
    fn a_stored_change_is_overwritten_only_in_the_open((base, first, second) in history(), policy in prop::sample::select(vec!["ask", "union", "first"])) {
        let policies = json!({"f": policy, "g": policy, "h": policy, "m": policy, "s": policy});
        let (result, _) = merged(&vector(&base, &first, &second, policies));
        for path in leaves(&patch::reduce(&base, &first)) {
            let theirs = at(&first, &path);
            prop_assume!(!theirs.is_null() || !at(&base, &path).is_null());
            prop_assert!(theirs.is_object() || theirs == json!([]) || at(&result, &path) == theirs, "{path}");
        }
    }

    #[test]
    fn without_conflicts_the_order_does_not_matter((base, first, second) in history()) {
        let (forth, one) = merged(&vector(&base, &first, &second, json!({})));
        let (back, other) = merged(&vector(&base, &second, &first, json!({})));
        prop_assert_eq!(one.conflicts.len(), other.conflicts.len());
        if one.conflicts.is_empty() {
            prop_assert_eq!(sorted(&forth), sorted(&back));
        }
    }

    #[test]
    fn without_a_base_the_last_write_wins((base, first, second) in history()) {
        let mut blind = vector(&base, &first, &second, json!({}));
        blind.base = None;
        let (result, merged) = merged(&blind);
        let mut plain = blind.versions[1].clone();
        patch::apply(&mut plain, &second);
        prop_assert!(merged.conflicts.is_empty());
        prop_assert_eq!(sorted(&result), sorted(&plain));
    }

    #[test]
    fn reducing_and_applying_is_applying((base, first, second) in history()) {
        let mut plain = base.clone();
        patch::apply(&mut plain, &first);
        patch::apply(&mut plain, &second);
        let mut reduced = base.clone();
        for sent in [&first, &second] {
            let part = patch::reduce(&reduced, sent);
            patch::apply(&mut reduced, &part);
        }
        prop_assert_eq!(sorted(&reduced), sorted(&plain));
    }
}

/// A record without nulls, which mean the same as nothing, and with subform entries in order of
/// their ids: order is not part of what was agreed.
fn sorted(record: &Record) -> Value {
    let mut record = Value::Object(record.clone());
    without_nulls(&mut record);
    if let Some(rows) = record.get_mut("s").and_then(Value::as_array_mut) {
        rows.sort_by_key(|row| row["unique_id"].to_string());
    }
    record
}

fn without_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}
