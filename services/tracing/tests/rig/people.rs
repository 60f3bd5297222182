//! Callers of every kind, and the forms that they fill in.

use std::collections::BTreeMap;

use family_tracing::people::Person;
use kit_access::{FormAccess, Principal, Scope};
use kit_records::Catalog;
use serde_json::{Value, json};

use super::{MODULE, REQUEST, TENANT, TRACES};

const WORKER: [&str; 5] = ["read", "create", "write", "enable_disable_record", "change_log"];

fn principal(user_name: &str, scope: Scope, actions: &[&str]) -> Principal {
    let list = |actions: &[&str]| actions.iter().map(|one| (*one).to_owned()).collect();
    Principal {
        tenant: TENANT,
        user_name: user_name.to_owned(),
        scope,
        agency: "agency-a".to_owned(),
        groups: vec!["group-a".to_owned()],
        modules: vec![MODULE.to_owned()],
        forms: BTreeMap::from([("basic".to_owned(), FormAccess::ReadWrite)]),
        permissions: BTreeMap::from([
            (REQUEST.to_owned(), list(actions)),
            ("case".to_owned(), list(&["read"])),
            ("potential_match".to_owned(), list(&["read"])),
        ]),
        expires_at: i64::MAX,
        ..Default::default()
    }
}

/// Helps families: files tracing requests.
pub fn ann() -> Principal {
    principal("ann", Scope::Own, &WORKER)
}

/// Looks after children.
pub fn bob() -> Principal {
    principal("bob", Scope::Own, &WORKER)
}

pub fn manager() -> Principal {
    principal("manager", Scope::Group, &["read"])
}

pub fn nobody() -> Principal {
    principal("nobody", Scope::Own, &[])
}

/// May do everything but look for matches.
pub fn no_matches() -> Principal {
    let mut one = ann();
    one.permissions.remove("potential_match");
    one
}

pub fn people() -> Vec<Person> {
    let one = |name: &str| Person {
        user_name: name.to_owned(),
        version: 1,
        user_id: 1,
        agency: Some("agency-a".to_owned()),
        groups: vec!["group-a".to_owned()],
        ..Person::default()
    };
    ["ann", "bob", "carla", "manager"].map(one).to_vec()
}

fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind, "visible": true, "display_name": {"en": name}})
}

/// One form with the inquirer, and one with the children sought.
pub fn catalog() -> Catalog {
    let trace = json!({
        "id": 2, "unique_id": TRACES, "parent_form": REQUEST, "visible": false, "is_nested": true,
        "module_ids": [MODULE],
        "fields": [
            field("name", "text_field"),
            field("name_nickname", "text_field"),
            field("sex", "text_field"),
            field("age", "numeric_field"),
            field("relation", "text_field"),
        ],
    });
    let mut sought = field(TRACES, "subform");
    sought["subform_section_id"] = json!(2);
    let form = json!({
        "id": 1, "unique_id": "basic", "parent_form": REQUEST, "visible": true,
        "module_ids": [MODULE],
        "fields": [
            field("relation_name", "text_field"),
            field("relation_telephone", "text_field"),
            field("inquiry_date", "date_field"),
            field("location_last", "text_field"),
            field("date_of_separation", "date_field"),
            sought,
        ],
    });
    let module = json!({"unique_id": MODULE, "associated_record_types": ["case", REQUEST]});
    let catalog = json!({"version": 1, "modules": [module], "forms": [trace, form]});
    serde_json::from_value(catalog).unwrap()
}
