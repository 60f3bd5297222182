//! A role's body.

use std::collections::BTreeMap;

use identity_domain::{Patch, Refusal, RoleAttributes, patched};
use serde_json::{Map, Value, json};

use super::{take_booleans, take_texts};
use crate::body::Body;

const FLAGS: [&str; 6] = [
    "is_manager",
    "referral",
    "transfer",
    "referral_authorization",
    "disabled",
    "second_factor_required",
];
const SCOPES: [&str; 7] = ["self", "group", "agency", "all", "admin_only", "identified", "webhook"];

/// What a role's body may name; null is a wrong type for all but the level.
pub(crate) const ROLE_KEYS: [&str; 13] = [
    "second_factor_required",
    "unique_id",
    "name",
    "description",
    "group_permission",
    "is_manager",
    "referral",
    "transfer",
    "referral_authorization",
    "disabled",
    "module_unique_ids",
    "form_section_read_write",
    "permissions",
];

/// What was sent; `permissions`, forms and modules each as a whole.
pub(crate) fn role_patch(body: &Body) -> Patch {
    let mut patch = Patch::new();
    take_texts(body, &mut patch, &["description"]);
    take_booleans(body, &mut patch, &FLAGS);
    if let Some(name) = body.text("name") {
        patch.insert("name".into(), name.unwrap_or_default().into());
    }
    if let Some(scope) = body.text("group_permission") {
        let scope = scope.unwrap_or_else(|| "self".to_owned());
        if SCOPES.contains(&scope.as_str()) {
            patch.insert("group_permission".into(), scope.into());
        } else {
            body.note("/group_permission", "unknown_option");
        }
    }
    if let Some(level) = body.integer("reporting_location_level") {
        patch.insert("reporting_location_level".into(), level.into());
    }
    if let Some(modules) = body.texts("module_unique_ids") {
        patch.insert("modules".into(), modules.into());
    }
    if let Some(forms) = body.object("form_section_read_write") {
        patch.insert("forms".into(), forms_of(body, forms).into());
    }
    if let Some(permissions) = body.object("permissions") {
        take_permissions(body, permissions, &mut patch);
    }
    patch
}

/// As [`role_patch`], with what only snapshots may set.
pub(crate) fn role_snapshot_patch(body: &Body) -> Patch {
    let mut patch = role_patch(body);
    take_texts(body, &mut patch, &["user_category"]);
    patch
}

/// The attributes of a new role.
pub(crate) fn role_attributes(patch: &Patch) -> Result<RoleAttributes, Refusal> {
    patched(&RoleAttributes::default(), patch, &[])
}

fn forms_of(body: &Body, forms: &Map<String, Value>) -> Map<String, Value> {
    let mut taken = Map::new();
    for (form, access) in forms {
        match access.as_str() {
            Some("r" | "rw") => {
                taken.insert(form.clone(), access.clone());
            }
            _ => body.note(format!("/form_section_read_write/{form}"), "unknown_option"),
        }
    }
    taken
}

fn take_permissions(body: &Body, permissions: &Map<String, Value>, patch: &mut Patch) {
    let mut granted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut objects = json!({});
    for (resource, actions) in permissions {
        if resource == "objects" {
            objects = objects_of(body, actions);
            continue;
        }
        let Some(actions) = actions.as_array() else {
            body.note(format!("/permissions/{resource}"), "wrong_type");
            continue;
        };
        for (index, action) in actions.iter().enumerate() {
            match action.as_str() {
                Some(action) => granted.entry(resource).or_default().push(action),
                None => body.note(format!("/permissions/{resource}/{index}"), "wrong_type"),
            }
        }
    }
    patch.insert("permissions".into(), json!(granted));
    patch.insert("objects".into(), objects);
}

/// The objects that permissions are limited to.
fn objects_of(body: &Body, objects: &Value) -> Value {
    let mut taken = Map::new();
    for (kind, limit) in objects.as_object().into_iter().flatten() {
        let texts = |list: &Vec<Value>| list.iter().all(Value::is_string);
        let good = match kind.as_str() {
            "agency" | "role" => limit.as_array().is_some_and(texts),
            "managed_report" => {
                limit["scope"].is_string() || limit.as_object().is_some_and(Map::is_empty)
            }
            _ => continue,
        };
        if good {
            taken.insert(kind.clone(), limit.clone());
        } else {
            body.note(format!("/permissions/objects/{kind}"), "wrong_type");
        }
    }
    if taken.get("managed_report").is_some_and(|limit| limit["scope"].is_null()) {
        taken.remove("managed_report");
    }
    Value::Object(taken)
}
