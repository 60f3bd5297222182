//! Saved searches: one's own, and nobody else's.

use kit_serve::Code;
use serde_json::json;

use crate::rig::{Rig, code, details};

#[tokio::test]
async fn everyone_keeps_their_own() {
    let rig = Rig::start().await;
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    chief.user("ann", &role, &[]).await;
    let ann = rig.sign_in(chief.tenant, "ann").await;
    let filters =
        json!([{"name": "sex", "value": ["female"]}, {"name": "age", "value": {"from": 1}}]);
    let body =
        json!({"name": "Mine", "record_type": "cases", "module_ids": ["m"], "filters": filters});
    let saved = ann.create_saved_search("", body).await.unwrap();
    assert_eq!(saved["user_id"], ann.principal.user_id);
    assert_eq!(saved["filters"], filters);
    let id = &saved["id"];
    assert_eq!(chief.list_saved_searches("").await.unwrap().0.len(), 0);
    assert_eq!(ann.list_saved_searches("").await.unwrap().1["total"], 1);
    assert_eq!(code(chief.delete_saved_search(id).await), Code::PermissionDenied);
    ann.delete_saved_search(id).await.unwrap();
    assert_eq!(code(ann.delete_saved_search(id).await), Code::NotFound);
    assert!(ann.list_saved_searches("").await.unwrap().0.is_empty());
    let refusal =
        ann.create_saved_search("", json!({"filters": [{"value": 1}]})).await.unwrap_err();
    assert_eq!(details(&refusal), json!([["/filters/0/name"]]));
    let refusal = ann.create_saved_search("", json!({"filters": []})).await.unwrap_err();
    assert_eq!(details(&refusal), json!(["name", "record_type"]));
}
