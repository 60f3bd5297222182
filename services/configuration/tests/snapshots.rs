//! Snapshots: saved, uploaded, listed, exported, removed.

use kit_serve::Code;
use kit_test::fresh_id;
use serde_json::{Value, json};

use crate::rig::{Rig, code, details};

/// A small configuration in the snapshot format, of our own.
pub fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/snapshot.json")).unwrap()
}

#[tokio::test]
async fn the_present_state_is_kept_without_data() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let kept = root
        .create_configuration(json!({"name": "Now", "description": "d", "version": "v-1"}))
        .await;
    let kept = kept.unwrap()["data"].clone();
    for (key, value) in [
        ("version", json!("v-1")),
        ("created_by", json!("conf_root")),
        ("can_apply", json!(true)),
        ("applied_on", Value::Null),
        ("applied_by", Value::Null),
    ] {
        assert_eq!(kept[key], value, "{key}");
    }
    assert!(kept["created_on"].as_str().unwrap().ends_with('Z'));
    assert!(kept.get("data").is_none());
    let again = json!({"name": "Again", "version": "v-1"});
    assert_eq!(details(root.create_configuration(again).await), ["version"]);
    let listed = root.list_configurations(&[]).await.unwrap();
    assert_eq!(listed["data"][0], kept);
    // The standard configuration is the other one.
    assert_eq!(listed["metadata"]["total"], json!(2));
    assert!(listed["data"][1]["applied_on"].is_string());
}

#[tokio::test]
async fn an_upload_exports_as_it_was() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let id = fresh_id().to_string();
    let mut upload = fixture();
    upload["id"] = json!(id);
    assert_eq!(root.create_configuration(upload).await.unwrap()["no_content"], json!(true));
    let exported = root.export_configuration(&id).await.unwrap()["data"].clone();
    assert_eq!(exported, fixture());
    let mut again = fixture();
    again["id"] = json!(id);
    again["version"] = json!("other");
    assert_eq!(code(root.create_configuration(again).await), Code::AlreadyExists);
    root.delete_configuration(&id).await.unwrap();
    assert_eq!(code(root.get_configuration(&id).await), Code::NotFound);
}

#[tokio::test]
async fn what_is_in_force_is_exported_without_being_kept() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let listed = root.list_configurations(&[]).await.unwrap();
    let exported = root.export_configuration("present").await.unwrap()["data"]["data"].clone();
    for kind in ["FormSection", "Lookup", "Agency", "Role", "UserGroup", "ContactInformation"] {
        assert!(exported.get(kind).is_some(), "{kind}");
    }
    assert_eq!(root.list_configurations(&[]).await.unwrap(), listed);
}

#[tokio::test]
async fn every_kind_must_be_there() {
    let rig = Rig::start().await;
    let root = rig.root(rig.tenant().await);
    let mut upload = fixture();
    upload["data"]["Role"] = json!([]);
    assert_eq!(details(root.create_configuration(upload).await), ["data"]);
    assert_eq!(details(root.create_configuration(json!({"data": {}})).await), ["data"]);
}

#[tokio::test]
async fn only_those_who_may_reach_snapshots() {
    let rig = Rig::start().await;
    let tenant = rig.tenant().await;
    let worker = rig.caller(tenant, &[("metadata", "manage")], 1);
    assert_eq!(code(worker.list_configurations(&[]).await), Code::PermissionDenied);
    assert_eq!(code(worker.create_configuration(json!({})).await), Code::PermissionDenied);
    assert_eq!(code(worker.get_configuration("x").await), Code::PermissionDenied);
}
