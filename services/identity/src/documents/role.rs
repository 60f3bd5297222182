//! A role as the contract (8.5) and as snapshots show it.

use identity_domain::{Role, RoleAttributes};
use serde_json::{Map, Value, json};

/// The object of the contract.
pub(crate) fn role_document(role: &Role) -> Value {
    let one = &role.attributes;
    let mut document = json!({
        "id": role.number,
        "unique_id": role.unique_id,
        "name": one.name,
        "description": one.description,
        "group_permission": one.group_permission,
        "referral": one.referral,
        "transfer": one.transfer,
        "referral_authorization": one.referral_authorization,
        "is_manager": one.is_manager,
        "disabled": one.disabled,
        "reporting_location_level": one.reporting_location_level,
        "user_category": one.user_category,
        "module_unique_ids": one.modules,
        "form_section_read_write": one.forms,
        "permissions": permissions(one),
    });
    // Beyond the contract, so only where it says something.
    if one.second_factor_required {
        document["second_factor_required"] = true.into();
    }
    document
}

/// Resource to actions, and the objects they are limited to, always there.
fn permissions(one: &RoleAttributes) -> Value {
    let mut all: Map<String, Value> = one
        .permissions
        .iter()
        .map(|(resource, actions)| (resource.clone(), json!(actions)))
        .collect();
    all.insert("objects".into(), json!(one.objects));
    all.into()
}

/// The object of a configuration snapshot.
pub(crate) fn role_snapshot(role: &Role) -> Value {
    let one = &role.attributes;
    let mut snapshot = json!({
        "unique_id": role.unique_id,
        "name": one.name,
        "description": one.description,
        "group_permission": one.group_permission,
        "is_manager": one.is_manager,
        "referral": one.referral,
        "transfer": one.transfer,
        "disabled": one.disabled,
        "permissions": permissions(one),
        "form_section_read_write": one.forms,
        "module_unique_ids": one.modules,
    });
    if one.second_factor_required {
        snapshot["second_factor_required"] = true.into();
    }
    if one.referral_authorization {
        snapshot["referral_authorization"] = true.into();
    }
    if let Some(level) = one.reporting_location_level {
        snapshot["reporting_location_level"] = level.into();
    }
    if let Some(category) = &one.user_category {
        snapshot["user_category"] = category.clone().into();
    }
    snapshot
}
