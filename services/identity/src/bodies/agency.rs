//! An agency's body, files apart.

use identity_domain::{AgencyAttributes, Patch, Refusal, patched};

use super::{take_booleans, take_texts};
use crate::body::Body;

const TEXTS: [&str; 5] = ["telephone", "contact_name", "contact_email", "contact_phone", "notes"];
const FLAGS: [&str; 5] = [
    "disabled",
    "exclude_agency_from_lookups",
    "logo_enabled",
    "pdf_logo_option",
    "terms_of_use_enabled",
];

/// What an agency's body may name, files apart; null is a wrong type.
pub(crate) const AGENCY_KEYS: [&str; 16] = [
    "unique_id",
    "agency_code",
    "order",
    "name",
    "description",
    "telephone",
    "services",
    "logo_enabled",
    "pdf_logo_option",
    "terms_of_use_enabled",
    "exclude_agency_from_lookups",
    "disabled",
    "contact_email",
    "contact_name",
    "contact_phone",
    "notes",
];

/// What was sent. Names come by language, under `name` or, in snapshots, `name_i18n`.
pub(crate) fn agency_patch(body: &Body) -> Patch {
    let mut patch = Patch::new();
    take_texts(body, &mut patch, &TEXTS);
    take_booleans(body, &mut patch, &FLAGS);
    if let Some(code) = body.text("agency_code") {
        patch.insert("agency_code".into(), code.unwrap_or_default().into());
    }
    for (key, attribute) in [
        ("name", "name"),
        ("name_i18n", "name"),
        ("description", "description"),
        ("description_i18n", "description"),
    ] {
        if let Some(text) = body.text_by_language(key) {
            patch.insert(attribute.into(), text.into());
        }
    }
    if let Some(order) = body.integer("order") {
        patch.insert("order".into(), order.unwrap_or_default().into());
    }
    if let Some(services) = body.texts("services") {
        patch.insert("services".into(), services.into());
    }
    patch
}

/// The attributes of a new agency.
pub(crate) fn agency_attributes(patch: &Patch) -> Result<AgencyAttributes, Refusal> {
    patched(&AgencyAttributes::default(), patch, &[])
}
