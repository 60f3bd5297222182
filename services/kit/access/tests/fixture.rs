//! A small configuration and principals of several kinds.

use std::sync::Arc;

use kit_access::{FormAccess, Permitted, Principal};
use kit_records::{Catalog, CatalogIndex, RecordType};
use serde_json::{Value, json};

pub const MODULE: &str = "module-cp";

pub fn index() -> CatalogIndex {
    let form = |id: &str, kind: &str, modules: &[&str], fields: Value| json!({"unique_id": id, "parent_form": kind, "module_ids": modules, "visible": true, "fields": fields});
    let text = |name: &str| json!({"name": name, "type": "text_field"});
    let catalog = json!({
        "modules": [{"unique_id": "module-cp"}, {"unique_id": "module-gbv"}],
        "settings": {"reporting_location_config": {"field_key": "owned_by_location"}},
        "forms": [
            form("basic", "case", &[MODULE], json!([
                text("name"), text("national_id_no"), {"name": "age", "type": "numeric_field"},
                {"name": "status", "type": "select_box"}, {"name": "owned_by", "type": "select_box"},
                {"name": "record_state", "type": "tick_box"}, text("module_id"), text("short_id"),
                text("created_by"), text("case_id_display"), text("hidden_name"),
                {"name": "photos", "type": "photo_upload_box"}, {"name": "line", "type": "separator"},
                {"name": "first_visit", "type": "date_field", "subform_summary": {"subform_field_name": "x"}},
                {"name": "nickname", "type": "text_field", "show_on_minify_form": true},
                {"name": "closure_approved", "type": "tick_box"},
            ])),
            form("office", "case", &[MODULE], json!([text("office_note")])),
            form("secret", "case", &[MODULE], json!([text("secret_note"), {"name": "secret_hint", "type": "text_field", "show_on_minify_form": true}])),
            form("notes", "case", &[MODULE], json!([{"name": "notes_section", "type": "subform", "subform_unique_id": "note"}])),
            form("services", "case", &[MODULE], json!([{"name": "services_section", "type": "subform"}])),
            form("gbv", "case", &["module-gbv"], json!([text("gbv_note")])),
            {"unique_id": "note", "parent_form": "case", "is_nested": true, "fields": [text("note")]},
            form("incident", "incident", &[MODULE], json!([text("description"), {"name": "status", "type": "select_box"}])),
        ],
    });
    let catalog: Catalog = serde_json::from_value(catalog).unwrap();
    CatalogIndex::new(Arc::new(catalog))
}

/// A caseworker who may do `actions` on cases, with forms basic (rw) and office (r).
pub fn worker(actions: &[&str]) -> Principal {
    let mut ann =
        Principal { user_name: "ann".into(), modules: vec![MODULE.into()], ..Principal::default() };
    ann.permissions.insert("case".into(), actions.iter().map(|one| (*one).to_owned()).collect());
    ann.forms.insert("basic".into(), FormAccess::ReadWrite);
    ann.forms.insert("office".into(), FormAccess::Read);
    ann.forms.insert("gbv".into(), FormAccess::ReadWrite);
    ann.forms.insert("incident".into(), FormAccess::ReadWrite);
    ann
}

pub fn cases<'a>(principal: &'a Principal, index: &'a CatalogIndex) -> Permitted<'a> {
    Permitted { principal, index, record_type: RecordType::Case, module: Some(MODULE) }
}
