//! A user's body.

use identity_domain::Patch;
use serde_json::Value;

use super::{take_booleans, take_texts};
use crate::body::Body;
use crate::directory::{Directory, tidy_name};

const TEXTS: [&str; 9] = [
    "email",
    "phone",
    "code",
    "position",
    "location",
    "agency_office",
    "locale",
    "time_zone",
    "registration_stream",
];

/// What was sent of a user.
pub(crate) struct UserBody {
    pub user_name: Option<String>,
    pub profile: Patch,
    /// Unique ids; an agency or role that does not exist stays as it was sent.
    pub role: Option<String>,
    pub agency: Option<String>,
    pub groups: Option<Vec<String>>,
    pub password: Option<String>,
    pub password_confirmation: Option<String>,
    pub disabled: Option<bool>,
    pub code_of_conduct: Option<i64>,
    pub accepts_terms: bool,
}

/// Reads what was sent; `directory` turns numbers into unique ids.
pub(crate) fn user_body(body: &Body, directory: &Directory) -> UserBody {
    UserBody {
        user_name: body.text("user_name").map(|name| tidy_name(&name.unwrap_or_default())),
        profile: profile(body),
        role: body.text("role_unique_id").map(Option::unwrap_or_default),
        agency: agency(body, directory),
        groups: groups(body, directory),
        password: filled(body, "password"),
        password_confirmation: filled(body, "password_confirmation"),
        disabled: body.boolean("disabled"),
        code_of_conduct: body.integer("code_of_conduct_id").flatten(),
        accepts_terms: body.boolean("accept_terms_of_use").unwrap_or_default(),
    }
}

fn filled(body: &Body, key: &str) -> Option<String> {
    body.text(key).flatten().filter(|text| !text.is_empty())
}

fn profile(body: &Body) -> Patch {
    let mut patch = Patch::new();
    take_texts(body, &mut patch, &TEXTS);
    for key in ["email", "locale"] {
        if patch.get(key).and_then(Value::as_str).is_some_and(|text| text.trim().is_empty()) {
            patch.insert(key.into(), Value::Null);
        }
    }
    if let Some(full_name) = body.text("full_name") {
        patch.insert("full_name".into(), full_name.unwrap_or_default().into());
    }
    take_booleans(body, &mut patch, &["send_mail", "receive_webpush"]);
    if let Some(services) = body.texts("services") {
        patch.insert("services".into(), services.into());
    }
    if let Some(settings) = body.object("settings") {
        patch.insert("settings".into(), settings.clone().into());
    }
    patch
}

fn agency(body: &Body, directory: &Directory) -> Option<String> {
    let number = body.integer("agency_id")?;
    let agency = number.and_then(|number| directory.agencies.get(&number));
    Some(agency.map(|agency| agency.unique_id.clone()).unwrap_or_default())
}

/// An empty list changes nothing.
fn groups(body: &Body, directory: &Directory) -> Option<Vec<String>> {
    let mut groups = body.texts("user_group_unique_ids").unwrap_or_default();
    for (index, number) in body.integers("user_group_ids").unwrap_or_default().iter().enumerate() {
        match directory.groups.get(number) {
            Some(group) => groups.push(group.unique_id.clone()),
            None => body.note(format!("/user_group_ids/{index}"), "unknown_option"),
        }
    }
    let mut unique = Vec::new();
    for group in groups {
        if !unique.contains(&group) {
            unique.push(group);
        }
    }
    Some(unique).filter(|groups| !groups.is_empty())
}
