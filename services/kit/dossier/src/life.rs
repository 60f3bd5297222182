//! The life of a record that computes nothing: what every kind gets for nothing.

use kit_decider::{Command, fold};
use kit_records::{CatalogIndex, FieldType, RecordType};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::given::{self, ID, Plain, catalog, field, record};
use crate::{
    ChangeOwner, Close, Context, Disable, Dossier, Enable, Event, Kind, Named, Refusal, Register,
    Reopen, ReopenCause, Rights, SetStatus, SettleConflict, Update, history,
};

type Given = given::Given<Plain>;

fn context() -> Context {
    let fields = vec![
        field("registry_no", FieldType::TextField),
        field("age", FieldType::NumericField),
        field("date_of_birth", FieldType::DateField),
    ];
    let contacts = ("contacts", &[("contact_age", FieldType::NumericField)][..]);
    let catalog = catalog(RecordType::RegistryRecord, "primeromodule-cp", fields, &[contacts]);
    given::context::<Plain>(CatalogIndex::new(Arc::new(catalog)))
}

fn registered(values: Value) -> Given {
    Given::registered(context(), values)
}

fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(Event::kind).collect()
}

#[test]
fn a_plain_kind_has_its_ids_under_its_own_names() {
    let given = registered(json!({"registry_no": "17", "registry_id": "mine", "status": "odd"}));
    let document = given.record.document(&record(json!({})));
    for (name, value) in record(json!({
        "id": ID, "registry_id": ID, "unique_identifier": ID, "short_id": "4c1d2ab",
        "registry_id_display": "4c1d2ab", "registry_no": "17", "status": "odd", "owned_by": "ann",
        "module_id": "primeromodule-cp", "record_state": true, "created_by": "ann",
    })) {
        assert_eq!(document.get(&name), Some(&value), "{name}");
    }
    assert!(!document.contains_key("case_id") && !document.contains_key("workflow"));
}

#[test]
fn nobody_registers_a_record_of_their_own_where_the_kind_has_none() {
    let mut command = Given::nothing(context()).register(json!({}));
    command.context.author.identified = true;
    command.identified = Named::Taken;
    let events = command.decide(&Dossier::default()).unwrap();
    let dossier: Dossier<Plain> = fold(&events);
    assert_eq!((dossier.status.as_str(), dossier.identified), ("open", None));
}

#[test]
fn closing_and_reopening_touch_nothing_but_the_status() {
    let mut given = registered(json!({"age": 9}));
    let (kind, stamp) = (Plain, given.stamp());
    let close = Close { kind, stamp: stamp.clone(), date: None, today: given.context.today };
    assert_eq!(kinds(&given.done(close.clone())), ["closed"]);
    assert_eq!(given.done(close), []);
    assert_eq!((given.record.values.len(), given.record.status.as_str()), (1, "closed"));
    let reopen = Reopen { kind, stamp, cause: ReopenCause::Asked };
    given.done(reopen);
    assert_eq!(given.record.status, "open");
}

#[test]
fn two_people_lose_nothing_of_each_other() {
    let mut given = registered(json!({"age": 9, "registry_no": "1"}));
    given.update(json!({"age": 10}));
    let events = given.update_from(1, json!({"age": 11, "registry_no": "2"}));
    assert_eq!(kinds(&events), ["changed", "conflict_opened"]);
    let conflict = *given.record.conflicts.keys().next().unwrap();
    let context = given.context.clone();
    let settle = SettleConflict { kind: Plain, context, conflict, value: json!(11), base: None };
    given.done(settle);
    assert_eq!((&given.record.values["age"], given.record.conflicts.len()), (&json!(11), 0));
    let told = history::entries::<Plain>(&given.events);
    assert_eq!((told.len(), told[0].record_action.as_deref()), (4, Some("settle_conflict")));
}

#[test]
fn owner_state_and_status_are_decisions_of_their_own() {
    let mut given = registered(json!({}));
    let (kind, stamp) = (Plain, given.stamp());
    let body = json!({"owned_by": "bob", "record_state": false, "status": "duplicate"});
    let without = Update { rights: Rights::default(), ..given.patch(body.clone()) };
    assert_eq!(without.decide(&given.record), Ok(vec![]));
    assert_eq!(kinds(&given.update(body)), ["status_set", "disabled", "owner_changed"]);
    let ghost =
        ChangeOwner { kind, stamp: stamp.clone(), to: "ghost".into(), owner: Named::Unknown };
    assert_eq!(given.when(ghost), Err(Refusal::OwnerUnknown));
    assert_eq!(given.done(Disable { kind, stamp: stamp.clone() }), []);
    given.done(Enable { kind, stamp: stamp.clone() });
    assert!(given.record.record_state);
    assert_eq!(given.done(SetStatus { kind, stamp, status: "duplicate".into() }), []);
}

#[test]
fn every_kind_refuses_a_birth_in_a_later_year_and_an_id_that_is_taken() {
    let mut given = registered(json!({}));
    let born = given.patch(json!({"date_of_birth": "2999-01-01"}));
    assert_eq!(given.when(born), Err(Refusal::BornInTheFuture));
    let again: Register<Plain> = given.register(json!({}));
    assert_eq!(given.when(again), Err(Refusal::AlreadyRegistered));
}

#[test]
fn a_snapshot_says_nothing_of_its_kind_and_loses_nothing() {
    let mut given = registered(json!({"contacts": [{"contact_age": 30}]}));
    given.update(json!({"age": 1}));
    let snapshot = serde_json::to_value(&given.record).unwrap();
    assert!(snapshot.get("kind").is_none());
    let restored: Dossier<Plain> = serde_json::from_value(snapshot).unwrap();
    assert_eq!((&restored, &fold(&given.events)), (&given.record, &given.record));
}

/// A rule of its own, as a kind may have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Strict;

impl Kind for Strict {
    const RECORD_TYPE: RecordType = RecordType::RegistryRecord;
    const CATEGORY: &'static str = "strict";

    fn check(
        _: &Context,
        fields: &kit_records::Record,
        _: &kit_records::Record,
    ) -> Result<(), Refusal> {
        let odd = fields.get("age").and_then(Value::as_i64).is_some_and(|age| age % 2 == 1);
        let refusal = Refusal::Rule { attribute: "age", message: "errors.models.registry.age" };
        if odd { Err(refusal) } else { Ok(()) }
    }
}

#[test]
fn a_kind_may_refuse_for_reasons_of_its_own() {
    let mut given = given::Given::<Strict>::registered(context(), json!({"age": 2}));
    let odd = given.patch(json!({"age": 3}));
    let refusal = given.when(odd).unwrap_err();
    assert_eq!(
        (refusal.attribute(), refusal.to_string().as_str()),
        (Some("age"), "errors.models.registry.age")
    );
}
