//! Bad input is refused by name, good input becomes canonical.

use kit_records::{Core, Unknown};
use serde_json::{Value, json};

use crate::fixture::{World, told};

#[track_caller]
fn keeps(body: Value, kept: Value) {
    assert_eq!(World::new().check(&body, Unknown::Ignore), Ok(kept), "{body}");
}

#[track_caller]
fn refuses(body: Value, wrong: &[&str]) {
    let violations = World::new().check(&body, Unknown::Ignore).unwrap_err();
    assert_eq!(told(&violations), wrong, "{body}");
}

#[test]
fn text() {
    keeps(json!({"name": "Rana"}), json!({"name": "Rana"}));
    keeps(
        json!({"name": "2026-01-31", "notes": "2026-01-31T10:00:00Z"}),
        json!({"name": "2026-01-31", "notes": "2026-01-31T10:00:00Z"}),
    );
    keeps(json!({"name": null, "notes": ""}), json!({"name": null, "notes": ""}));
    keeps(
        json!({"name": "ra\u{200d}na \u{202b}محمد\u{202c}\n"}),
        json!({"name": "ra\u{200d}na \u{202b}محمد\u{202c}\n"}),
    );
    refuses(json!({"name": 12}), &["/name wrong_type"]);
    refuses(json!({"name": ["x"]}), &["/name wrong_type"]);
    refuses(json!({"name": "a\u{0}b"}), &["/name invalid_text"]);
    refuses(json!({"name": "x".repeat(10_001)}), &["/name too_long"]);
    keeps(json!({"name": "é".repeat(10_000)}), json!({"name": "é".repeat(10_000)}));
    refuses(json!({"notes": "x".repeat(100_001)}), &["/notes too_long"]);
    keeps(
        json!({"name": "'; DROP TABLE cases; --", "notes": "../../etc/passwd"}),
        json!({"name": "'; DROP TABLE cases; --", "notes": "../../etc/passwd"}),
    );
}

#[test]
fn numbers() {
    keeps(json!({"age": 9}), json!({"age": 9}));
    keeps(json!({"age": 5.0}), json!({"age": 5}));
    keeps(
        json!({"age": null, "score_1": -2_147_483_648_i64}),
        json!({"age": null, "score_1": -2_147_483_648_i64}),
    );
    refuses(json!({"age": "9"}), &["/age wrong_type"]);
    refuses(json!({"age": 5.5}), &["/age wrong_type"]);
    refuses(json!({"age": true}), &["/age wrong_type"]);
    refuses(json!({"age": 131}), &["/age out_of_range"]);
    refuses(json!({"age": -1}), &["/age out_of_range"]);
    refuses(json!({"score_1": 2_147_483_648_i64}), &["/score_1 out_of_range"]);
    refuses(json!({"score_1": 1e300}), &["/score_1 out_of_range"]);
    let wrong = World::new().check(&json!({"age": 131}), Unknown::Ignore).unwrap_err();
    assert_eq!(serde_json::to_value(&wrong[0].params).unwrap(), json!({"min": 0, "max": 130}));
}

#[test]
fn dates_and_times() {
    keeps(json!({"date_of_birth": "2015-02-03"}), json!({"date_of_birth": "2015-02-03"}));
    keeps(json!({"date_of_birth": "2026-03-16"}), json!({"date_of_birth": "2026-03-16"}));
    keeps(
        json!({"seen_at": "2026-01-31T13:00:00+03:00"}),
        json!({"seen_at": "2026-01-31T10:00:00.000Z"}),
    );
    keeps(
        json!({"seen_at": null, "date_of_birth": null}),
        json!({"seen_at": null, "date_of_birth": null}),
    );
    refuses(json!({"date_of_birth": "2026-03-17"}), &["/date_of_birth future_date"]);
    refuses(json!({"date_of_birth": "2015-02-30"}), &["/date_of_birth not_a_date"]);
    refuses(json!({"date_of_birth": "2015-02-03T10:00:00Z"}), &["/date_of_birth not_a_date"]);
    refuses(json!({"date_of_birth": ""}), &["/date_of_birth not_a_date"]);
    refuses(json!({"date_of_birth": "is invalid"}), &["/date_of_birth not_a_date"]);
    refuses(json!({"date_of_birth": 20_150_203}), &["/date_of_birth wrong_type"]);
    refuses(json!({"seen_at": "2026-01-31"}), &["/seen_at not_a_time"]);
}

#[test]
fn choices() {
    keeps(json!({"sex": "male"}), json!({"sex": "male"}));
    keeps(json!({"sex": null}), json!({"sex": null}));
    keeps(json!({"location_current": "IQ01"}), json!({"location_current": "IQ01"}));
    keeps(
        json!({"concerns": ["refugee", "separated", "refugee"]}),
        json!({"concerns": ["refugee", "separated"]}),
    );
    keeps(json!({"concerns": []}), json!({"concerns": []}));
    keeps(json!({"concerns": null}), json!({}));
    keeps(json!({"concerns": "refugee"}), json!({}));
    keeps(json!({"literate": true}), json!({"literate": true}));
    keeps(json!({"literate": "false"}), json!({"literate": "false"}));
    refuses(json!({"sex": "other"}), &["/sex not_an_option"]);
    refuses(json!({"sex": 1}), &["/sex wrong_type"]);
    refuses(json!({"risk": true}), &["/risk wrong_type"]);
    refuses(json!({"risk": "medium"}), &["/risk not_an_option"]);
    refuses(
        json!({"concerns": ["refugee", "x", null]}),
        &["/concerns/1 not_an_option", "/concerns/2 wrong_type"],
    );
    refuses(json!({"concerns": vec!["refugee"; 1_001]}), &["/concerns too_many_entries"]);
}

#[test]
fn ticks_tallies_and_calculated() {
    keeps(json!({"consent": false}), json!({"consent": false}));
    refuses(json!({"consent": null}), &["/consent wrong_type"]);
    refuses(json!({"consent": "true"}), &["/consent wrong_type"]);
    keeps(
        json!({"children": {"boys": 2, "total": 2.0}}),
        json!({"children": {"boys": 2, "total": 2}}),
    );
    keeps(json!({"children": null}), json!({"children": null}));
    refuses(
        json!({"children": {"boys": "2", "cats": 1}}),
        &["/children/boys wrong_type", "/children/cats not_an_option"],
    );
    refuses(json!({"children": 3}), &["/children wrong_type"]);
    keeps(json!({"score": "x"}), json!({"score": "x"}));
    refuses(json!({"score": {}}), &["/score wrong_type"]);
}

#[test]
fn subforms() {
    let id = "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10";
    keeps(
        json!({"contacts": [{"unique_id": id, "contact_name": "Mama", "nonsense": 1, "_destroy": null}]}),
        json!({"contacts": [{"unique_id": id, "contact_name": "Mama"}]}),
    );
    keeps(json!({"contacts": null}), json!({}));
    keeps(json!({"contacts": []}), json!({"contacts": []}));
    keeps(
        json!({"contacts": [{"unique_id": null, "contact_age": 3.0}]}),
        json!({"contacts": [{"contact_age": 3}]}),
    );
    refuses(json!({"contacts": [{"unique_id": "abc"}]}), &["/contacts/0/unique_id not_a_uuid"]);
    refuses(
        json!({"contacts": [{"unique_id": id.to_uppercase()}]}),
        &["/contacts/0/unique_id not_a_uuid"],
    );
    refuses(json!({"contacts": [{"contact_age": "old"}]}), &["/contacts/0/contact_age wrong_type"]);
    refuses(json!({"contacts": [{"_destroy": "yes"}]}), &["/contacts/0/_destroy wrong_type"]);
    refuses(
        json!({"contacts": ["x", {"contact_age": -1}]}),
        &["/contacts/0 wrong_type", "/contacts/1/contact_age out_of_range"],
    );
    refuses(json!({"contacts": {"a": 1}}), &["/contacts wrong_type"]);
    refuses(
        json!({"contacts": [{"unique_id": id}, {"unique_id": id}]}),
        &["/contacts/1/unique_id duplicate_unique_id"],
    );
    refuses(
        json!({"contacts": [{"phones": [{"visited_on": "x"}]}]}),
        &["/contacts/0/phones/0/visited_on not_a_date"],
    );
}

#[test]
fn too_much_is_refused_clearly() {
    let rows: Vec<Value> = (0..5_000).map(|_| json!({"contact_name": "x"})).collect();
    refuses(json!({"contacts": rows}), &["/contacts too_many_entries"]);
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    refuses(json!({"contacts": deep.clone(), "name": "x"}), &["/contacts too_deep"]);
    refuses(json!({"not_a_field": deep}), &["/not_a_field too_deep"]);
    let wrong: Vec<Value> = (0..1_000).map(|_| json!({"contact_age": "x"})).collect();
    let violations = World::new().check(&json!({"contacts": wrong}), Unknown::Ignore).unwrap_err();
    assert_eq!(violations.len(), 100);
}

#[test]
fn unknown_keys_are_left_out_or_reported() {
    let body = json!({"name": "x", "nope": 1, "photos": [], "heading": 1, "first_visit": "2026-01-01", "contacts": [{"odd": 1}]});
    let world = World::new();
    assert_eq!(
        world.check(&body, Unknown::Ignore).unwrap(),
        json!({"name": "x", "first_visit": "2026-01-01", "contacts": [{}]})
    );
    let violations = world.check(&body, Unknown::Report).unwrap_err();
    assert_eq!(
        told(&violations),
        [
            "/nope unknown_field",
            "/photos unknown_field",
            "/heading unknown_field",
            "/contacts/0/odd unknown_field"
        ]
    );
}

#[test]
fn a_field_of_another_module_is_unknown() {
    keeps(json!({"gbv_note": "x"}), json!({}));
}

#[test]
fn everything_wrong_is_told_at_once() {
    refuses(
        json!({"age": "x", "sex": "y", "date_of_birth": "z"}),
        &["/age wrong_type", "/sex not_an_option", "/date_of_birth not_a_date"],
    );
}

#[test]
fn a_code_is_no_words() {
    let mut world = World::new();
    world.schema.allow_core("workflow", Core::Code);
    let told_of = |value: Value| match world.check(&json!({"workflow": value}), Unknown::Report) {
        Ok(kept) => vec![kept.to_string()],
        Err(wrong) => told(&wrong),
    };
    for good in ["new", "case_plan", "IQ.IQ01.IQ0102", "type-1", "a:b", "1a", ""] {
        assert_eq!(told_of(json!(good)), [json!({"workflow": good}).to_string()], "{good}");
    }
    assert_eq!(told_of(Value::Null), [json!({"workflow": null}).to_string()]);
    for words in ["two words", " new", "rana@example.org", "07701234567", "رنا", "a/b", "a\u{0}b"]
    {
        assert_eq!(told_of(json!(words)), ["/workflow not_a_code"], "{words}");
    }
    assert_eq!(told_of(json!("x".repeat(129))), ["/workflow not_a_code"]);
    assert_eq!(told_of(json!(5)), ["/workflow wrong_type"]);
}

#[test]
fn core_fields_have_their_own_types() {
    let mut world = World::new();
    for (name, core) in [
        ("id", Core::Uuid),
        ("family_id", Core::UuidOrNull),
        ("status", Core::Status),
        ("record_state", Core::Bool),
        ("created_at", Core::Time),
        ("module_id", Core::Module),
        ("owned_by", Core::Text),
        ("date_closure", Core::Date),
    ] {
        world.schema.allow_core(name, core);
    }
    let good = json!({"id": "3f0e7a52-6f3c-4d57-9d52-0e6c7d1d9d10", "family_id": null, "status": "closed", "record_state": true, "created_at": "2026-01-31T09:05:07.123Z", "module_id": "module-gbv", "owned_by": "ann", "date_closure": "2026-01-01"});
    assert_eq!(world.check(&good, Unknown::Report), Ok(good.clone()));
    let bad = json!({"id": "x", "family_id": "x", "status": "odd", "record_state": null, "created_at": "x", "module_id": "primeromodule-none", "owned_by": 1, "date_closure": "x"});
    assert_eq!(
        told(&world.check(&bad, Unknown::Report).unwrap_err()),
        [
            "/id not_a_uuid",
            "/family_id not_a_uuid",
            "/status not_an_option",
            "/record_state wrong_type",
            "/created_at not_a_time",
            "/module_id not_found",
            "/owned_by wrong_type",
            "/date_closure not_a_date"
        ]
    );
}
