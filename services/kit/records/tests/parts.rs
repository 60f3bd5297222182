//! A record taken apart: codes may stay readable, what a person said may not.

use kit_records::split::{self, Held, Purpose, held, split};
use kit_records::{RecordType, search};
use serde_json::{Value, json};

use crate::fixture::{World, record};

fn sample() -> Value {
    json!({
        "id": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10", "name": "Rana Secret", "age": 9, "sex": "female",
        "date_of_birth": "2016-02-03", "notes": "She told a secret", "consent": true, "concerns": ["refugee"],
        "location_current": "IQ01", "national_id_no": "secret-17", "telephone_current": "0770 secret 1234567",
        "telephone_friend": "0780 7654321", "consent_reason": "secret reason", "score": 5, "gbv_note": "secret",
        "owned_by": "ann", "owned_by_full_name": "Ann Secret", "status": "open", "record_state": true,
        "created_by": "ann", "short_id": "7d1d9d1", "closure_approved_comments": "secret", "closure_approved": true,
        "unlisted_field": "secret", "risk": null,
        "contacts": [{"unique_id": "x", "contact_name": "Secret Mama", "contact_age": 33, "relation": "mother"}],
        "children": {"boys": 1, "total": 1},
    })
}

#[test]
fn facets_hold_codes_and_never_words() {
    let world = World::new();
    let parts = split(&world.index, RecordType::Case, &record(&sample()));
    assert_eq!(
        Value::Object(parts.facets.clone()),
        json!({
            "id": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10", "age": 9, "sex": "female", "date_of_birth": "2016-02-03",
            "consent": true, "concerns": ["refugee"], "location_current": "IQ01", "owned_by": "ann", "status": "open",
            "record_state": true, "created_by": "ann", "closure_approved": true,
            "children": {"boys": 1, "total": 1},
        })
    );
    let text = Value::Object(parts.facets).to_string().to_lowercase();
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn sources_are_what_is_searched() {
    let world = World::new();
    let parts = split(&world.index, RecordType::Case, &record(&sample()));
    let told: Vec<(Purpose, &str)> =
        parts.sources.iter().map(|one| (one.purpose, one.field.as_str())).collect();
    assert_eq!(
        told,
        [
            (Purpose::Name, "name"),
            (Purpose::Identifier, "national_id_no"),
            (Purpose::Phone, "telephone_current"),
            (Purpose::Phone, "telephone_friend"),
            (Purpose::Text, "consent_reason"),
            (Purpose::Text, "gbv_note"),
            (Purpose::Identifier, "short_id"),
        ]
    );
}

/// What of a body lies open, and the fields and texts that are found by equality alone.
fn open_and_sealed(body: Value) -> (Value, Vec<(String, String)>) {
    let world = World::new();
    let parts = split(&world.index, RecordType::Case, &record(&body));
    let sealed = parts.sources.into_iter().filter(|one| one.purpose == Purpose::Text);
    (Value::Object(parts.facets), sealed.map(|one| (one.field, one.text)).collect())
}

#[track_caller]
fn lies_open(body: Value) {
    assert_eq!(open_and_sealed(body.clone()), (body, vec![]));
}

#[track_caller]
fn is_sealed(field: &str, text: &str) {
    let told = open_and_sealed(json!({ field: text }));
    assert_eq!(told, (json!({}), vec![(field.to_owned(), text.to_owned())]));
}

#[test]
fn only_codes_of_places_are_readable() {
    for code in ["IQ", "IQ01", "IQ-01", "AMR0101", "IQ_010203", "USA-TX"] {
        lies_open(json!({"location_current": code}));
    }
    for typed in [
        "behind the blue house",
        "Rana",
        "RANA",
        "MOHAMMED",
        "rana@example.org",
        "07701234567",
        "+9647701234567",
        "A12345678",
        "iq01",
    ] {
        is_sealed("location_current", typed);
    }
}

#[test]
fn what_may_be_an_odd_code_of_a_place_is_told_apart() {
    let world = World::new();
    let places = |body: Value| split::split(&world.index, RecordType::Case, &record(&body)).places;
    let odd = json!({"location_current": "KABUL"});
    assert_eq!(places(odd.clone()), record(&odd));
    for other in [json!({"location_current": "IQ01"}), json!({"sex": "x", "worker_met": "x"})] {
        assert_eq!(places(other), record(&json!({})));
    }
}

#[test]
fn what_is_typed_for_a_user_an_agency_or_a_group_is_sealed() {
    for field in ["worker_met", "agency_serving", "group_told"] {
        for typed in ["rana", "rana@example.org", "07701234567", "unicef"] {
            is_sealed(field, typed);
        }
    }
    lies_open(json!({"owned_by": "ann@example.org", "identified_by": "Sam"}));
}

#[test]
fn a_list_keeps_its_options_open_and_other_words_sealed() {
    let (open, sealed) = open_and_sealed(json!({"concerns": ["refugee", "Rana", "migrant"]}));
    assert_eq!(open, json!({"concerns": ["refugee", "migrant"]}));
    assert_eq!(sealed, [("concerns".to_owned(), "Rana".to_owned())]);
    is_sealed("sex", "Rana");
    is_sealed("risk", "a secret");
    lies_open(json!({"concerns": [], "literate": true}));
}

#[test]
fn what_was_typed_before_a_field_took_numbers_or_days_is_not_readable() {
    for field in ["age", "date_of_birth", "seen_at", "consent", "children"] {
        assert_eq!(open_and_sealed(json!({ field: "Rana" })).0, json!({}), "{field}");
    }
    assert_eq!(open_and_sealed(json!({"children": {"boys": "Rana"}})).0, json!({}));
    lies_open(json!({"seen_at": "2026-01-31T10:00:00.000Z", "children": {"boys": null}}));
}

#[test]
fn fields_of_the_server_hold_codes_or_nothing_readable() {
    lies_open(json!({
        "workflow": "case_plan", "sync_status": "synced", "approval_status_closure": "pending",
        "case_plan_approval_type": "type-1", "reporting_location_hierarchy": "IQ.IQ01.IQ0102",
        "protection_concerns": ["separated"], "date_closure": "2026-01-31",
        "synced_at": "2026-01-31T10:00:00.000Z", "mark_synced": true, "module_id": "module-cp",
        "family_id": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10",
    }));
    for field in [
        "workflow",
        "sync_status",
        "approval_status_case_plan",
        "case_plan_approval_type",
        "reporting_location_hierarchy",
        "protection_concerns",
        "closure_approved_date",
    ] {
        for typed in ["Rana Secret", "rana@example.org", "07701234567", "رنا"] {
            is_sealed(field, typed);
        }
    }
}

#[test]
fn what_a_filter_asks_for_may_be_sealed() {
    let world = World::new();
    let sealed = |field, text| split::may_be_sealed(&world.index, RecordType::Case, field, text);
    for (field, text) in
        [("location_current", "blue"), ("sex", "rana"), ("workflow", "a b"), ("concerns", "x")]
    {
        assert!(sealed(field, text), "{field} {text}");
    }
    for (field, text) in
        [("location_current", "IQ01"), ("sex", "male"), ("workflow", "new"), ("age", "x")]
    {
        assert!(!sealed(field, text), "{field} {text}");
    }
}

#[test]
fn long_texts_are_documents() {
    let world = World::new();
    let long = json!({"consent_reason": "x".repeat(121)});
    assert!(split(&world.index, RecordType::Case, &record(&long)).sources.is_empty());
}

#[test]
fn each_field_says_where_it_is_found() {
    let world = World::new();
    for (name, place) in [
        ("age", Held::Facet),
        ("owned_by", Held::Facet),
        ("created_at", Held::Facet),
        ("name", Held::Blind(Purpose::Name)),
        ("short_id", Held::Blind(Purpose::Identifier)),
        ("telephone_friend", Held::Blind(Purpose::Phone)),
        ("consent_reason", Held::Blind(Purpose::Text)),
        ("notes", Held::Document),
        ("relation_to_child", Held::Blind(Purpose::Text)),
        ("goal_kind", Held::Blind(Purpose::Text)),
        ("owned_by_full_name", Held::Document),
        ("score", Held::Document),
        ("unheard_of", Held::Document),
        ("location_current", Held::Facet),
        ("worker_met", Held::Blind(Purpose::Text)),
        ("agency_serving", Held::Blind(Purpose::Text)),
    ] {
        assert_eq!(held(&world.index, RecordType::Case, name), place, "{name}");
    }
}

#[test]
fn a_usual_case_leaves_few_keys() {
    let world = World::new();
    let usual = json!({
        "name": "Muhammad Hassan Ibrahim", "short_id": "7d1d9d1", "case_id_display": "7d1d9d1",
        "unique_identifier": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10", "case_id": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10",
        "national_id_no": "S-2024-17", "telephone_current": "07701234567",
    });
    let parts = split(&world.index, RecordType::Case, &record(&usual));
    let keys: std::collections::BTreeSet<_> =
        parts.sources.iter().flat_map(search::index_keys).collect();
    assert!(keys.len() <= 48, "{}", keys.len());
    let bytes: std::collections::BTreeSet<_> = keys.iter().map(search::Key::to_bytes).collect();
    assert_eq!(bytes.len(), keys.len(), "keys of different purposes differ");
}
