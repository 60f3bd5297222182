//! What the web application starts from, beside the user itself (contract 9, `extended=true`).

use std::collections::BTreeMap;

use identity_domain::permissions::plural;
use serde_json::{Map, Value, json};

use super::conditions::Session;
use super::{session_filters, session_headers};
use crate::directory::{Directory, Versioned};
use crate::files::path;
use identity_domain::User;
use kit_access::Principal;
use kit_records::Catalog;

/// Adds the session data to a user's document.
pub(crate) fn session_data(
    directory: &Directory,
    user: &Versioned<User>,
    principal: Principal,
    catalog: &Catalog,
) -> Map<String, Value> {
    let session = Session { directory, user, principal, catalog };
    let who = &session.principal;
    let mut data = Map::new();
    data.insert("permissions".into(), json!({"list": permissions(&who.permissions)}));
    data.insert("permitted_form".into(), json!(who.forms));
    data.insert("permitted_form_unique_ids".into(), who.forms.keys().cloned().collect());
    data.insert("permitted_role_unique_ids".into(), json!(who.objects.role));
    data.insert("filters".into(), session_filters::filters(&session));
    data.insert("list_headers".into(), session_headers::headers(&session));
    data.insert("is_manager".into(), who.is_manager.into());
    data.extend(agency(&session));
    data
}

fn permissions(granted: &BTreeMap<String, Vec<String>>) -> Value {
    let entry = |(resource, actions): (&String, &Vec<String>)| json!({"resource": plural(resource), "actions": actions});
    granted.iter().map(entry).collect()
}

fn agency(session: &Session<'_>) -> Map<String, Value> {
    let mut data = Map::new();
    let Some(agency) = session.directory.agency(&session.user.membership.agency) else {
        return data;
    };
    let attributes = &agency.attributes;
    let locale = session.user.profile.locale.as_deref().unwrap_or("en");
    let name = attributes.name.get(locale).filter(|name| !name.is_empty());
    data.insert("agency_unique_id".into(), agency.unique_id.clone().into());
    data.insert("agency_name".into(), json!(name.or_else(|| attributes.name.get("en"))));
    if attributes.logo_enabled {
        let files = [
            ("agency_logo_full", &attributes.logo_full),
            ("agency_logo_icon", &attributes.logo_icon),
        ];
        for (key, file) in files {
            if let Some(file) = file {
                data.insert(key.into(), path(file).into());
            }
        }
    }
    data
}
