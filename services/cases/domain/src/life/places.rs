//! The path of places that reports group a case by.

use kit_dossier::places::stamp;
use serde_json::{Value, json};

use crate::testing::{context, record};

#[test]
fn the_path_follows_the_place_when_it_changes() {
    let mut context = context();
    context.places.insert("SY0203".into(), "SY.SY02.SY0203".into());
    let mut values = record(json!({"location_current": "SY0203"}));
    stamp(&context, &record(json!({"age": 9})), &mut values);
    assert!(!values.contains_key("reporting_location_hierarchy"));
    stamp(&context, &values.clone(), &mut values);
    assert_eq!(values["reporting_location_hierarchy"], "SY.SY02.SY0203");
    values.insert("location_current".into(), json!("nowhere"));
    stamp(&context, &record(json!({"location_current": "nowhere"})), &mut values);
    assert_eq!(values["reporting_location_hierarchy"], Value::Null);
}
