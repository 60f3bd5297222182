//! Settings, contact information, modules and the start page.

use kit_proto::configuration::v1::GetPublicDataRequest;
use kit_serve::Code;
use serde_json::{Value, json};

use crate::rig::{Rig, code, details};

#[tokio::test]
async fn anyone_signed_in_reads_the_settings() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let settings = rig.worker(tenant).settings(false).await;
    for key in [
        "default_locale",
        "locale",
        "rtl_locales",
        "primero_version",
        "approvals_labels",
        "field_labels",
        "system_options",
        "export_require_password",
        "audit_log",
        "exact_search_fields",
        "phonetic_search_fields",
        "phone_number_search_fields",
        "age_ranges",
        "primary_age_range",
    ] {
        assert!(settings.get(key).is_some(), "{key}");
    }
    let actions = settings["audit_log"]["actions"].as_array().unwrap();
    assert!(
        ["list", "show", "create", "update", "login"]
            .iter()
            .all(|one| actions.contains(&json!(one)))
    );
    assert_eq!(settings["rtl_locales"], json!(["ar"]));
    assert_eq!(settings["approvals_labels"]["assessment"]["fr"], json!("Évaluation"));
    for absent in ["agencies", "modules", "id"] {
        assert!(settings.get(absent).is_none(), "{absent}");
    }
    let extended = rig.worker(tenant).settings(true).await;
    assert_eq!(extended["agencies"][0]["unique_id"], json!("agency-x"));
    assert_eq!(extended["modules"][0]["unique_id"], json!("primeromodule-cp"));
    let steps = extended["modules"][0]["workflows"]["case"].as_array().unwrap();
    assert_eq!((&steps[0]["id"], &steps[steps.len() - 1]["id"]), (&json!("new"), &json!("closed")));
}

#[tokio::test]
async fn the_contact_information_is_changed_by_few_and_sealed() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let change = json!({"organization": "Zanzibar Relief", "phone": "0800", "support_forum": "https://conf.example.org"});
    let changed = root.update_contact_information(change).await.unwrap()["data"].clone();
    assert_eq!((&changed["phone"], changed["id"].is_i64()), (&json!("0800"), true));
    assert!(changed.get("system_version").is_none());
    let worker = rig.worker(tenant);
    let shown = worker.get_contact_information("").await.unwrap()["data"].clone();
    assert_eq!(shown["organization"], json!("Zanzibar Relief"));
    assert!(shown["system_version"].is_string() && shown.get("id").is_none());
    assert_eq!(
        code(worker.update_contact_information(json!({"phone": "1"})).await),
        Code::PermissionDenied
    );
    assert_eq!(details(root.update_contact_information(json!({"phone": 5})).await), ["/phone"]);
    let snapshot = root.create_configuration(json!({"name": "now"})).await;
    assert!(snapshot.is_ok());
    let admin = rig.db.admin().await;
    let sql = "select count(*) from event where position('Zanzibar'::bytea in payload) > 0";
    assert_eq!(admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_module_keeps_forms_that_are_not_mentioned_at_all() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let module = root.list_modules(&[]).await.unwrap()["data"][0].clone();
    let forms = module["form_section_unique_ids"].as_array().unwrap().clone();
    assert!(forms.len() > 30);
    let changed = root.update_module(&module["id"], json!({"description": "Conf"})).await.unwrap();
    assert_eq!(changed["data"]["description"], json!("Conf"));
    assert_eq!(changed["data"]["form_section_unique_ids"], json!(forms));
    let fewer: Vec<&Value> = forms.iter().skip(1).collect();
    let change = json!({"form_section_unique_ids": fewer});
    let changed = root.update_module(&module["id"], change).await.unwrap()["data"].clone();
    assert_eq!(changed["form_section_unique_ids"], json!(fewer));
    let left = rig.catalog(tenant, 0).await;
    let left = left.forms.iter().find(|one| one.unique_id == forms[0]).unwrap();
    assert!(left.module_ids.is_empty());
    assert_eq!(code(root.update_module("thisdoesntexist", json!({})).await), Code::NotFound);
    assert_eq!(
        code(rig.worker(tenant).update_module(&module["id"], json!({})).await),
        Code::PermissionDenied
    );
    assert_eq!(
        details(root.update_module(&module["id"], json!({"associated_record_types": ["x"]})).await),
        ["associated_record_types"]
    );
}

#[tokio::test]
async fn the_start_page_needs_nobody() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let message = GetPublicDataRequest { tenant: tenant.to_string() };
    let request = rig.shared.internal_call(None).request(message);
    let reply = rig.client().get_public_data(request).await.unwrap().into_inner();
    let data: Value = serde_json::from_slice(&reply.data).unwrap();
    assert_eq!(data["locales"], json!(["en", "fr", "es", "ar"]));
    assert_eq!(data["config_ui"], json!("full"));
}
