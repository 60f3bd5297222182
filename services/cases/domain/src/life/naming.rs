//! The name and the code that the tenant's rules make.

use std::collections::BTreeMap;

use kit_dossier::naming::{auto_populated, chains, display_id};
use kit_records::Catalog;
use serde_json::{Value, json};

use crate::testing::{catalog, record};

fn name_of(values: Value) -> Option<String> {
    auto_populated(&catalog(), "name", &record(values), &BTreeMap::new())
}

#[test]
fn a_name_is_joined_from_its_filled_parts() {
    let full = json!({"name_first": " Amal ", "name_middle": null, "name_last": "Haddad"});
    assert_eq!(name_of(full).as_deref(), Some("Amal Haddad"));
    assert_eq!(name_of(json!({"name": "Rana", "name_first": " "})), None);
}

#[test]
fn a_code_takes_what_the_directory_answers_and_dates_without_dashes() {
    let catalog = catalog();
    let asked = chains(&catalog, "case_id_code");
    assert_eq!(asked, ["created_by_user.location.location_code"]);
    let answers = BTreeMap::from([(asked[0].to_owned(), "SY02".to_owned())]);
    let values = record(json!({"registration_date": "2026-01-31"}));
    let code = auto_populated(&catalog, "case_id_code", &values, &answers);
    assert_eq!(code.as_deref(), Some("SY02-20260131"));
}

#[test]
fn the_display_id_is_the_short_id_without_a_code() {
    assert_eq!(display_id(&catalog(), None, "4c1d2ab"), "4c1d2ab");
    assert_eq!(display_id(&catalog(), Some("SY02"), "4c1d2ab"), "SY02-4c1d2ab");
    assert_eq!(display_id(&Catalog::default(), Some("SY02"), "4c1d2ab"), "SY024c1d2ab");
}
