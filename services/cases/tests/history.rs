//! What the change history tells, and to whom.

use jiff::SignedDuration;
use serde_json::json;

use crate::rig::{Rig, manager, worker_a};

#[tokio::test]
async fn changes_are_told_newest_first_with_from_and_to() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "History", "age": 9, "sex": "male"})).await;
    rig.clock.advance(SignedDuration::from_secs(2));
    rig.patch(&ann, &id, json!({"age": 10, "name": "History Two"})).await.unwrap();
    let told = rig.history(&ann, &id, "").await.unwrap();
    assert_eq!(told.metadata, json!({"total": 2, "per": 20, "page": 1}));
    let update = &told.data[0];
    assert_eq!(update["record_id"], id);
    assert_eq!((&update["record_type"], &update["action"]), (&json!("cases"), &json!("update")));
    assert_eq!(
        (&update["user_name"], &update["datetime"]),
        (&json!("worker_a"), &json!("2026-01-31T09:05:09Z"))
    );
    assert_eq!(
        update["record_changes"],
        json!([
        {"name": {"from": "History", "to": "History Two"}}, {"age": {"from": 9, "to": 10}}])
    );
    let create = &told.data[1];
    assert_eq!(create["action"], "create");
    let changes = create["record_changes"].as_array().unwrap();
    assert!(changes.contains(&json!({"age": {"from": null, "to": 9}})));
    assert!(changes.contains(&json!({"status": {"from": null, "to": "open"}})));
}

#[tokio::test]
async fn history_is_filtered_paged_and_cut_to_readable_fields() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "History", "age": 9})).await;
    rig.patch(&manager(), &id, json!({"conf_secret_note": "hidden", "age": 10})).await.unwrap();
    rig.patch(&ann, &id, json!({"conf_contacts": [{"contact_name": "One"}]})).await.unwrap();
    let ages = rig.history(&ann, &id, "filters[field_names][0]=age").await.unwrap();
    assert_eq!(ages.metadata["total"], 2);
    assert_eq!(ages.data[0]["record_changes"], json!([{"age": {"from": 9, "to": 10}}]));
    let forms = rig.history(&ann, &id, "filters[form_unique_ids][0]=contacts").await.unwrap();
    assert_eq!(forms.metadata["total"], 1);
    let page = rig.history(&ann, &id, "per=1&page=2").await.unwrap();
    assert_eq!(page.data[0]["record_changes"], json!([{"age": {"from": 9, "to": 10}}]));
    let all = rig.history(&manager(), &id, "").await.unwrap().data.to_string();
    assert!(all.contains("conf_secret_note"));
    assert!(!rig.history(&ann, &id, "").await.unwrap().data.to_string().contains("conf_secret"));
}
