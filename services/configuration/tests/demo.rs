//! Real input, where the files are: a configuration is uploaded, applied, used, exported again;
//! a table of places is imported with counts.
//! `AMPARO_DEMO_CONFIGURATION` and `AMPARO_DEMO_PLACES` name them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::rig::Rig;

fn file() -> Option<Value> {
    let path = std::env::var_os("AMPARO_DEMO_CONFIGURATION")?;
    Some(serde_json::from_slice(&std::fs::read(path).ok()?).unwrap())
}

#[tokio::test]
async fn a_real_configuration_is_applied_and_exports_equal() {
    let Some(file) = file() else { return };
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let root = rig.root(tenant);
    let id = root.create_configuration(file.clone()).await.unwrap()["data"]["id"].clone();
    let id = id.as_str().unwrap();
    let applied = root.apply_configuration(id, json!({"apply_now": true})).await.unwrap();
    let warnings = applied["metadata"]["warnings"].as_array().unwrap().clone();
    let dangling: Vec<&Value> = warnings
        .iter()
        .filter(|one| one["message"].as_str().unwrap().contains("unknown_lookup"))
        .collect();
    let fields: Vec<&str> = dangling.iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["legitimate_basis", "family_legitimate_basis"], "{warnings:#?}");
    let catalog = rig.catalog(tenant, 0).await;
    assert_eq!((catalog.forms.len(), catalog.lookups.len()), (64, 60));
    let fields: usize = catalog.forms.iter().map(|one| one.fields.len()).sum();
    assert_eq!(fields, 476);
    assert_eq!(root.list_forms(&[]).await.unwrap()["data"].as_array().unwrap().len(), 64);
    let kept =
        root.create_configuration(json!({"name": "after"})).await.unwrap()["data"]["id"].clone();
    let exported = root.export_configuration(kept.as_str().unwrap()).await.unwrap();
    same_content(&exported["data"]["data"], &file["data"]);
}

/// Equal but for the order of objects, and old plain texts which are English now.
fn same_content(exported: &Value, uploaded: &Value) {
    for kind in
        ["FormSection", "Lookup", "Agency", "Role", "UserGroup", "Report", "ContactInformation"]
    {
        let (one, other) = (sorted(&exported[kind]), sorted(&uploaded[kind]));
        assert_eq!(one.len(), other.len(), "{kind}");
        for (one, other) in one.iter().zip(&other) {
            assert_eq!(one, &in_i18n(other), "{kind}");
        }
    }
}

fn sorted(list: &Value) -> Vec<Value> {
    let mut all = list.as_array().unwrap().clone();
    all.sort_by_key(|one| one["unique_id"].to_string());
    all
}

fn in_i18n(object: &Value) -> Value {
    let mut object = object.clone();
    let Some(plain) = object.as_object_mut().unwrap().remove("lookup_values") else {
        return object;
    };
    let texts = plain.as_array().unwrap().iter();
    let texts =
        texts.map(|one| json!({"id": one["id"], "display_text": {"en": one["display_text"]}}));
    object["lookup_values_i18n"] = texts.collect();
    object
}

#[tokio::test]
async fn the_places_of_the_world_are_imported_with_counts() {
    let Some(path) = std::env::var_os("AMPARO_DEMO_PLACES") else { return };
    let table = std::fs::read(path).unwrap();
    let rows = String::from_utf8(table.clone()).unwrap().lines().count() - 2;
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let body = json!({"file_name": "places.csv", "data_base64": STANDARD.encode(table)});
    let imported = root.import_locations(body.clone()).await.unwrap()["data"].clone();
    assert_eq!(imported["status"], json!("success"), "{imported}");
    assert_eq!((&imported["total"], &imported["success_total"]), (&json!(rows), &json!(rows)));
    let listed = root.list_locations(&[("per", "1")]).await.unwrap();
    assert_eq!(listed["metadata"]["total"], json!(5_293));
    let again = root.import_locations(body).await.unwrap();
    assert_eq!(again["data"]["success_total"], json!(rows));
    let listed = root.list_locations(&[("per", "1")]).await.unwrap();
    assert_eq!(listed["metadata"]["total"], json!(5_293));
}
