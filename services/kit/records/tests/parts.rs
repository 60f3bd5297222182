//! A record taken apart: codes may stay readable, what a person said may not.

use kit_records::split::{Held, Purpose, held, split};
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
            "contacts": [{"unique_id": "x", "contact_age": 33, "relation": "mother"}],
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

#[test]
fn what_has_no_codes_looks_is_not_readable() {
    let world = World::new();
    let facets = |place: Value| {
        split(&world.index, RecordType::Case, &record(&json!({"location_current": place}))).facets
    };
    assert_eq!(facets(json!("IQ-01")).len(), 1);
    assert!(facets(json!("behind the blue house")).is_empty());
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
        ("relation_to_child", Held::Document),
        ("goal_kind", Held::Blind(Purpose::Text)),
        ("owned_by_full_name", Held::Document),
        ("score", Held::Document),
        ("unheard_of", Held::Document),
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
