//! What forms demand: required fields, skip logic, calculations, options by condition, subforms
//! that only grow.

use kit_records::{RecordType, Schema, patch};
use serde_json::{Value, json};

use crate::fixture::{MODULE, World, record, told};

/// Violations of one step; `before` null means creation.
fn step(before: &Value, sent: &Value) -> Vec<String> {
    let world = World::new();
    let stored = before.as_object().cloned();
    let mut body = record(sent);
    let mut next = 0;
    patch::name_entries(&mut body, &mut || {
        next += 1;
        uuid::Uuid::from_u128(next)
    });
    let mut after = stored.clone().unwrap_or_default();
    patch::apply(&mut after, &body);
    told(&world.rules().check(stored.as_ref(), &body, &after))
}

fn full() -> Value {
    json!({"name": "Rana", "sex": "female", "consent": true, "goal": "school", "agreed": true})
}

#[test]
fn a_created_record_needs_what_its_begun_forms_require() {
    assert_eq!(
        step(&Value::Null, &json!({"name": "Rana", "sex": "female", "consent": true})),
        [""; 0]
    );
    assert_eq!(
        step(&Value::Null, &json!({"name": "Rana"})),
        ["/sex missing_required", "/consent_reason missing_required"]
    );
    assert_eq!(step(&Value::Null, &json!({})), [""; 0], "nothing begun, nothing asked");
    assert_eq!(step(&Value::Null, &json!({"name": null})), ["/name required"]);
    assert_eq!(step(&Value::Null, &json!({"goal": "school"})), ["/agreed missing_required"]);
}

#[test]
fn an_update_may_leave_gaps_but_not_make_them() {
    let incomplete = json!({"name": "Rana"});
    assert_eq!(step(&incomplete, &json!({"age": 9})), [""; 0], "a tired caseworker adds an age");
    assert_eq!(step(&full(), &json!({"name": null})), ["/name required"]);
    assert_eq!(step(&full(), &json!({"name": " \u{200b} "})), ["/name required"]);
    assert_eq!(step(&full(), &json!({"agreed": false})), ["/agreed required"]);
    assert_eq!(step(&incomplete, &json!({"sex": null})), ["/sex required"]);
}

#[test]
fn what_skip_logic_hides_is_not_required() {
    assert_eq!(
        step(&full(), &json!({"consent": false})),
        [""; 0],
        "an update does not ask for more"
    );
    assert_eq!(
        step(&full(), &json!({"consent": false, "consent_reason": ""})),
        ["/consent_reason required"]
    );
    assert_eq!(step(&full(), &json!({"consent": true, "consent_reason": ""})), [""; 0]);
}

#[test]
fn what_cannot_be_written_is_not_required() {
    let mut world = World::new();
    world.schema.deny("sex");
    let body = record(&json!({"name": "Rana", "consent": true}));
    assert_eq!(told(&world.rules().check(None, &body, &body)), [""; 0]);
    world.schema = Schema::of_type(&world.index, RecordType::Case, Some("module-gbv"));
    assert_eq!(told(&world.rules().check(None, &body, &body)), [""; 0]);
}

#[test]
fn entries_need_their_own_required_fields() {
    let id = "00000000-0000-0000-0000-0000000000aa";
    let stored = json!({"contacts": [{"unique_id": id, "contact_name": "Mama"}]});
    assert_eq!(
        step(&stored, &json!({"contacts": [{"contact_age": 3}]})),
        ["/contacts/0/contact_name missing_required"]
    );
    assert_eq!(
        step(&stored, &json!({"contacts": [{"unique_id": id, "contact_name": ""}]})),
        ["/contacts/0/contact_name required"]
    );
    assert_eq!(step(&stored, &json!({"contacts": [{"unique_id": id, "contact_age": 3}]})), [""; 0]);
    assert_eq!(step(&stored, &json!({"contacts": [{}]})), [""; 0], "an empty entry is not begun");
}

#[test]
fn an_entry_is_asked_only_what_its_subform_shows() {
    assert_eq!(step(&json!({}), &json!({"brief_contacts": [{"contact_age": 3}]})), [""; 0]);
}

#[test]
fn options_are_offered_by_condition() {
    let child = json!({"age": 9});
    assert_eq!(step(&child, &json!({"service": "school"})), [""; 0]);
    assert_eq!(step(&child, &json!({"service": "food"})), [""; 0], "without a tag always");
    assert_eq!(step(&child, &json!({"service": "work"})), ["/service option_not_offered"]);
    assert_eq!(step(&child, &json!({"service": "work", "age": 20})), [""; 0], "as it will be");
    assert_eq!(
        step(&json!({"age": 9, "service": "work"}), &json!({"service": "work", "notes": "x"})),
        [""; 0],
        "what is stored stays"
    );
}

#[test]
fn entries_that_only_grow_or_stay() {
    let id = "00000000-0000-0000-0000-0000000000aa";
    let visits = json!({"visits": [{"unique_id": id, "finding": "well"}]});
    assert_eq!(
        step(
            &visits,
            &json!({"visits": [{"unique_id": id, "finding": "well"}, {"finding": "new"}]})
        ),
        [""; 0]
    );
    assert_eq!(
        step(&visits, &json!({"visits": [{"unique_id": id, "finding": "ill"}]})),
        ["/visits/0 append_only"]
    );
    assert_eq!(
        step(&visits, &json!({"visits": [{"unique_id": id, "_destroy": true}]})),
        ["/visits/0 append_only"]
    );
    let contacts = json!({"contacts": [{"unique_id": id, "contact_name": "Mama"}]});
    assert_eq!(
        step(&contacts, &json!({"contacts": [{"unique_id": id, "_destroy": true}]})),
        ["/contacts/0 removal_prevented"]
    );
}

#[test]
fn a_subform_does_not_grow_beyond_its_limit_step_by_step() {
    let rows: Vec<Value> = (0..1_000)
        .map(|n| json!({"unique_id": uuid::Uuid::from_u128(n + 100).to_string(), "finding": "x"}))
        .collect();
    assert_eq!(
        step(&json!({"visits": rows}), &json!({"visits": [{"finding": "y"}]})),
        ["/visits too_many_entries"]
    );
}

#[test]
fn calculated_values_follow() {
    let world = World::new();
    let of = |data: Value| Value::Object(world.rules().calculated(&record(&data)));
    assert_eq!(of(json!({"score_1": 2, "score_2": 3})), json!({"score": 5, "score_doubled": 10}));
    assert_eq!(of(json!({"score_1": 2, "score": 2, "score_doubled": 4})), json!({}));
    assert_eq!(of(json!({"score_1": 2, "score": 99, "score_doubled": 4})), json!({"score": 2}));
    assert_eq!(
        of(
            json!({"score": 0, "score_doubled": 0, "children": {"boys": 2, "girls": 3, "total": 1}})
        ),
        json!({"children": {"total": 5}})
    );
    assert_eq!(
        of(json!({"score": 0, "score_doubled": 0, "children": {"boys": null, "total": 1}})),
        json!({"children": {"total": null}})
    );
    assert_eq!(
        of(json!({"score": 0, "score_doubled": 0, "visits": [
            {"unique_id": "b", "visited_on": "2026-02-01"}, {"unique_id": "a", "visited_on": "2026-01-01"}, {"unique_id": "c"},
        ]})),
        json!({"first_visit": "2026-01-01"})
    );
    assert_eq!(
        of(json!({"score": 0, "score_doubled": 0, "first_visit": "2026-01-01"})),
        json!({"first_visit": null})
    );
}

#[test]
fn numbers_of_a_group_add_up() {
    let world = World::new();
    let counted = json!({"score": 0, "score_doubled": 0, "men": 2, "women": 3, "adults": 9});
    assert_eq!(Value::Object(world.rules().calculated(&record(&counted))), json!({"adults": 5}));
}

#[test]
fn missing_tells_what_is_open() {
    let world = World::new();
    let open = world.rules().missing(&record(
        &json!({"name": "Rana", "consent": true, "contacts": [{"unique_id": "x"}]}),
    ));
    assert_eq!(
        told(&open),
        [
            "/sex missing_required",
            "/goal missing_required",
            "/agreed missing_required",
            "/contacts/0/contact_name missing_required"
        ]
    );
    assert_eq!(world.rules().module, Some(MODULE));
}
