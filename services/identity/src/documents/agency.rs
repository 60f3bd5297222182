//! An agency as the contract (8.7) and as snapshots show it.

use identity_domain::{Agency, AgencyFile};
use serde_json::{Value, json};

use super::{in_languages, instant_of};
use crate::files::path;

/// The object of the contract; file keys only where there is a file.
pub(crate) fn agency_document(agency: &Agency, locales: &[String]) -> Value {
    let one = &agency.attributes;
    let uploaded = one.terms_of_use.as_ref().map(|file| instant_of(&file.uploaded_at));
    let mut document = json!({
        "id": agency.number,
        "unique_id": agency.unique_id,
        "agency_code": one.agency_code,
        "order": one.order,
        "name": in_languages(&one.name, locales),
        "description": in_languages(&one.description, locales),
        "telephone": one.telephone,
        "services": one.services,
        "logo_enabled": one.logo_enabled,
        "pdf_logo_option": one.pdf_logo_option,
        "terms_of_use_enabled": one.terms_of_use_enabled,
        "terms_of_use_uploaded_at": uploaded,
        "exclude_agency_from_lookups": one.exclude_agency_from_lookups,
        "disabled": one.disabled,
        "contact_email": one.contact_email,
        "contact_name": one.contact_name,
        "contact_phone": one.contact_phone,
        "notes": one.notes,
    });
    let files: [(&str, &Option<AgencyFile>); 3] = [
        ("logo_full", &one.logo_full),
        ("logo_icon", &one.logo_icon),
        ("terms_of_use", &one.terms_of_use),
    ];
    for (key, file) in files {
        if let Some(file) = file {
            document[key] = path(file).into();
        }
    }
    document
}

/// The agency on the start page: its name is one text, in the organisation's first language.
pub(crate) fn agency_logo(agency: &Agency, locales: &[String]) -> Value {
    let one = &agency.attributes;
    let named = locales.iter().filter_map(|locale| one.name.get(locale));
    let name = named.chain(one.name.get("en")).find(|name| !name.is_empty());
    let mut logo = json!({"unique_id": agency.unique_id, "name": name});
    for (key, file) in [("logo_full", &one.logo_full), ("logo_icon", &one.logo_icon)] {
        if let Some(file) = file {
            logo[key] = path(file).into();
        }
    }
    logo
}

/// The object of a configuration snapshot.
pub(crate) fn agency_snapshot(agency: &Agency) -> Value {
    let one = &agency.attributes;
    let mut snapshot = json!({
        "name_i18n": one.name,
        "agency_code": one.agency_code,
        "unique_id": agency.unique_id,
        "disabled": one.disabled,
    });
    if !one.description.is_empty() {
        snapshot["description_i18n"] = json!(one.description);
    }
    for (key, value) in [("order", json!(one.order)), ("services", json!(one.services))] {
        if value != json!(0) && value != json!([]) {
            snapshot[key] = value;
        }
    }
    for (key, text) in [("telephone", &one.telephone), ("notes", &one.notes)] {
        if let Some(text) = text {
            snapshot[key] = text.clone().into();
        }
    }
    snapshot
}
