//! A new tenant's configuration.

use kit_test::fresh_id;
use serde_json::{Value, json};

use crate::rig::Rig;
use crate::snapshots::fixture;

#[tokio::test]
async fn the_standard_configuration_is_whole_and_installed_once() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let catalog = rig.catalog(tenant, 0).await;
    assert_eq!((catalog.epoch, catalog.forms.len(), catalog.lookups.len()), (1, 69, 66));
    assert_eq!(catalog.locales, ["en", "fr", "es", "ar"]);
    assert_eq!(catalog.modules[0].unique_id, "primeromodule-cp");
    for switch in
        ["use_workflow_assessment", "use_workflow_case_plan", "use_workflow_service_implemented"]
    {
        assert_eq!(catalog.modules[0].options[switch], json!(true), "{switch}");
    }
    assert_eq!(catalog.settings["auto_populate_list"][0]["field_key"], json!("name"));
    assert_eq!(rig.install(tenant, b"").await.unwrap(), json!([]));
    assert_eq!(rig.catalog(tenant, 0).await, catalog);
    let parts = rig.people.parts.lock().unwrap().clone();
    assert_eq!((parts.len(), parts[0].1.epoch, parts[0].1.roles.len()), (1, 1, 12));
    let anyone = rig.root_of_epoch(tenant, 0).list_forms(&[]).await.unwrap();
    assert_eq!(anyone["data"].as_array().unwrap().len(), 69, "0 knows of no epochs");
    let changed = rig.root(tenant).list_modules(&[]).await.unwrap();
    assert!(changed["data"][0]["list_headers"]["cases"].is_array());
}

#[tokio::test]
async fn a_given_snapshot_takes_its_place() {
    let rig = Rig::start().await;
    let tenant = fresh_id();
    let snapshot = serde_json::to_vec(&fixture()).unwrap();
    let warnings = rig.install(tenant, &snapshot).await.unwrap();
    assert_eq!(warnings[0]["field"], json!("tribe"));
    let catalog = rig.catalog(tenant, 0).await;
    assert_eq!(catalog.forms.len(), 3);
    let listed = rig.root(tenant).list_configurations(&[]).await.unwrap();
    assert_eq!(listed["data"][0]["name"], json!("Small"));
    assert!(rig.install(fresh_id(), b"[1]").await.is_err());
    assert!(rig.install(fresh_id(), b"{\"data\": 5}").await.is_err());
}

#[tokio::test]
async fn before_it_there_is_nothing() {
    let rig = Rig::start().await;
    let tenant = fresh_id();
    let catalog = rig.catalog(tenant, 7).await;
    assert_eq!((catalog.version, catalog.forms.len()), (0, 0));
    let listed = rig.root(tenant).list_forms(&[]).await.unwrap();
    assert_eq!(listed["data"], json!([]));
    let settings: Value = rig.root(tenant).settings(false).await;
    assert_eq!(settings["default_locale"], json!("en"));
}
