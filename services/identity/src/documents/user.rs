//! A user as the contract (9) shows it. Never: password hashes, tokens, lock state.

use identity_domain::User;
use jiff::Timestamp;
use kit_records::Catalog;
use serde_json::{Map, Value, json};

use super::user_group::user_group_document;
use super::{compacted, instant, instant_of};
use crate::directory::{Directory, Versioned};
use crate::principal::groups;

/// The object of the contract, null keys left out.
pub(crate) fn user_document(
    directory: &Directory,
    user: &Versioned<User>,
    catalog: &Catalog,
) -> Map<String, Value> {
    let mut document = personal(user);
    document.extend(standing(directory, user));
    document.insert("reporting_location_config".into(), reporting(directory, user, catalog));
    if enforces_terms(catalog) {
        document.extend(terms(directory, user));
    }
    match compacted(document.into()) {
        Value::Object(document) => document,
        _ => Map::new(),
    }
}

fn personal(user: &Versioned<User>) -> Map<String, Value> {
    let one = &user.profile;
    let accepted = user.code_of_conduct.as_ref();
    let document = json!({
        "id": user.number,
        "user_name": user.user_name,
        "full_name": one.full_name,
        "email": one.email,
        "phone": one.phone,
        "code": one.code,
        "position": one.position,
        "location": one.location,
        "locale": one.locale,
        "time_zone": one.time_zone.as_deref().unwrap_or("UTC"),
        "services": one.services,
        "agency_office": one.agency_office,
        "reporting_location_code": one.location,
        "disabled": user.disabled,
        "duplicate": false,
        "unverified": false,
        "self_registered": false,
        "registration_stream": one.registration_stream,
        "send_mail": one.send_mail,
        "receive_webpush": one.receive_webpush,
        "settings": one.settings,
        "code_of_conduct_id": accepted.map(|(id, _)| id),
        "code_of_conduct_accepted_on": accepted.map(|(_, at)| instant_of(at)),
        "terms_of_use_accepted_on": user.terms_of_use_accepted_on.as_deref().map(instant_of),
        "identity_provider_sync": Value::Null,
        "created_at": instant(user.created_at),
        "updated_at": instant(user.updated_at),
    });
    into_object(document)
}

fn standing(directory: &Directory, user: &User) -> Map<String, Value> {
    let role = directory.role_of(user);
    let attributes = role.map(|role| &role.attributes);
    let groups = groups(directory, user);
    let rows: Vec<Value> = groups
        .iter()
        .filter_map(|group| directory.group(group))
        .map(|group| user_group_document(group))
        .collect();
    let scope = attributes.and_then(|one| one.objects.managed_report.as_ref());
    into_object(json!({
        "agency_id": directory.agency(&user.membership.agency).map(|agency| agency.number),
        "role_unique_id": user.membership.role,
        "role_group_permission": attributes.map(|one| one.group_permission),
        "module_unique_ids": attributes.map(|one| one.modules.clone()).unwrap_or_default(),
        "user_group_unique_ids": groups,
        "user_groups": rows,
        "managed_report_scope": scope.map(|one| &one.scope),
    }))
}

/// The organisation's reporting location, with the level that the role overrides.
fn reporting(directory: &Directory, user: &User, catalog: &Catalog) -> Value {
    let config = catalog.settings.get("reporting_location_config");
    let Some(mut config) = config.filter(|config| config.is_object()).cloned() else {
        return Value::Null;
    };
    let role = directory.role_of(user);
    if let Some(level) = role.and_then(|role| role.attributes.reporting_location_level) {
        config["admin_level"] = level.into();
    }
    config
}

fn enforces_terms(catalog: &Catalog) -> bool {
    let options = catalog.settings.get("system_options");
    options.and_then(|options| options.get("enforce_terms_of_use")) == Some(&Value::Bool(true))
}

/// Whether the agency has terms of use, and newer ones than the user agreed to.
fn terms(directory: &Directory, user: &User) -> Map<String, Value> {
    let agency = directory.agency(&user.membership.agency).map(|agency| &agency.attributes);
    let enabled = agency.is_some_and(|one| one.terms_of_use_enabled);
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let uploaded = agency.and_then(|one| time(&one.terms_of_use.as_ref()?.uploaded_at));
    let agreed = user.terms_of_use_accepted_on.as_deref().and_then(time);
    into_object(json!({
        "agency_terms_of_use_enabled": enabled,
        "agency_terms_of_use_changed": enabled && uploaded > agreed,
    }))
}

fn into_object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
