//! The system settings, as `GET /system_settings` shows them: stored keys and derived ones.

use kit_access::{AUDIT_RECORD_TYPES, audit_actions};
use kit_records::RecordType;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::module::{labels, module_document};
use crate::workspace::Workspace;

/// The version of the contract that clients know this system by.
pub const CONTRACT_VERSION: &str = "2.15.2.1";

/// What identity says of the organisation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Organisation {
    pub agencies: Vec<Value>,
    pub agencies_with_logo: Vec<Value>,
    pub agencies_with_pdf_logo: Vec<Value>,
    pub code_of_conduct: Option<Value>,
    pub allow_case_creation_from_referral: bool,
}

/// The settings; with agencies and modules when `extended`.
pub fn settings_document(
    workspace: &Workspace,
    organisation: &Organisation,
    extended: bool,
) -> Value {
    let languages = workspace.languages();
    let settings = &workspace.configuration.settings.attributes;
    let mut document = settings.0.clone();
    // Known to clients by other names or through other calls.
    for name in ["locales", "approvals_labels_i18n", "field_labels_i18n", "registration_streams"] {
        document.shift_remove(name);
    }
    let default_locale = match settings.str("default_locale") {
        "" => "en",
        locale => locale,
    };
    let rtl: Vec<&String> = languages
        .iter()
        .filter(|one| ["ar", "fa", "he", "ku", "ur"].contains(&&one[..2]))
        .collect();
    let derived = json!({
        "primero_version": CONTRACT_VERSION,
        "config_update_lock": false,
        "locale": default_locale,
        "default_locale": default_locale,
        "rtl_locales": rtl,
        "approvals_labels": labels(settings.get("approvals_labels_i18n"), &languages),
        "field_labels": labels(settings.get("field_labels_i18n"), &languages),
        "export_require_password": settings.flag("export_require_password", false),
        "audit_log": {"actions": audit_actions().collect::<Vec<_>>(), "record_types": AUDIT_RECORD_TYPES},
        "exact_search_fields": by_type(RecordType::identifier_fields),
        "phonetic_search_fields": by_type(RecordType::name_fields),
        "phone_number_search_fields": by_type(RecordType::phone_fields),
    });
    document.extend(derived.as_object().cloned().unwrap_or_default());
    document.insert(
        "system_options".to_owned(),
        system_options(settings.get("system_options"), organisation),
    );
    if let Some((created, updated)) = workspace.times("settings", 1) {
        document.insert("created_at".to_owned(), created.as_str().into());
        document.insert("updated_at".to_owned(), updated.as_str().into());
    }
    if let Some(code) = &organisation.code_of_conduct {
        document.insert("code_of_conduct".to_owned(), code.clone());
    }
    if extended {
        let modules = workspace.configuration.modules.iter();
        let modules = modules.map(|one| module_document(one, workspace)).collect();
        document.insert("agencies".to_owned(), organisation.agencies.clone().into());
        document.insert("modules".to_owned(), modules);
    }
    document.retain(|_, value| !value.is_null());
    Value::Object(document)
}

fn system_options(stored: Option<&Value>, organisation: &Organisation) -> Value {
    let mut options = stored.and_then(Value::as_object).cloned().unwrap_or_default();
    options.entry("maximum_attachments_per_record").or_insert(json!(100));
    options.entry("enforce_terms_of_use").or_insert(json!(false));
    let allowed = organisation.allow_case_creation_from_referral;
    options.insert("allow_case_creation_from_referral".to_owned(), allowed.into());
    Value::Object(options)
}

/// A list of field names for each record type, by the type's name in paths.
fn by_type(fields: impl Fn(RecordType) -> &'static [&'static str]) -> Value {
    let one = |kind: RecordType| (kind.path().to_owned(), json!(fields(kind)));
    Value::Object(RecordType::ALL.into_iter().map(one).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use configuration_domain::{Configuration, Settings};

    use super::*;
    use crate::workspace::workspace_of;

    #[test]
    fn derived_keys_join_the_stored_ones() {
        let attributes = serde_json::from_value(json!({
            "locales": ["en", "ar"], "default_locale": "en", "primary_age_range": "primero", "welcome_email_text_i18n": null,
            "approvals_labels_i18n": {"assessment": {"en": "Assessment"}}, "system_options": {"maximum_users": 5}
        }))
        .unwrap();
        let settings = Settings { attributes, exists: true, ..Settings::default() };
        let workspace = workspace_of(Configuration { settings, ..Configuration::default() });
        let document = settings_document(&workspace, &Organisation::default(), false);
        assert_eq!(document["rtl_locales"], json!(["ar"]));
        assert_eq!(
            document["approvals_labels"],
            json!({"assessment": {"en": "Assessment", "ar": ""}})
        );
        assert_eq!(document["system_options"]["maximum_users"], json!(5));
        assert!(document["exact_search_fields"]["tracing_requests"].is_array());
        for absent in
            ["agencies", "modules", "locales", "id", "code_of_conduct", "welcome_email_text_i18n"]
        {
            assert!(document.get(absent).is_none(), "{absent}");
        }
    }
}
