//! An incident is erased by two people, as any record.

use kit_access::{Principal, Scope};
use serde_json::json;

use crate::rig::{Rig, TENANT, ann, bob, status};

fn proven(mut one: Principal, action: &str) -> Principal {
    one.permissions.insert("erasure".into(), vec![action.into()]);
    one.proven_at = Some(1_769_850_307);
    one
}

#[tokio::test]
async fn two_people_erase_an_incident() {
    let rig = Rig::start().await;
    let id = rig.incident(&ann(), json!({"description": "Zubeida was seen", "age": 9})).await;
    let kept = rig.incident(&ann(), json!({"description": "kept"})).await;
    let requester = proven(ann(), "request");
    let agreer = proven(Principal { scope: Scope::All, ..bob() }, "approve");
    let asked = rig.request_erasure(&requester, &id).await.unwrap().data;
    let erasure = asked["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&asked["record_type"], &asked["status"]),
        (&json!("incident"), &json!("requested"))
    );
    assert_eq!(status(rig.approve_erasure(&proven(ann(), "approve"), &erasure).await), 422);
    let done = rig.approve_erasure(&agreer, &erasure).await.unwrap().data;
    assert_eq!(done["status"], "carried_out");
    assert_eq!(status(rig.get(&ann(), &id).await), 410);
    assert_eq!(status(rig.patch(&ann(), &id, json!({"age": 3})).await), 410);
    assert_eq!(status(rig.get(&bob(), &id).await), 404);
    assert_eq!(rig.list(&ann(), "").await.unwrap().ids(), [kept.as_str()]);
    let told = rig.get_erasure(&agreer, &erasure).await.unwrap().data;
    assert_eq!(told["certificate"]["streams"][0]["stream"], format!("incident-{id}"));
    assert!(told["certificate"]["signature"]["value"].is_string());
    let listed = rig.list_erasures(&agreer).await.unwrap();
    assert_eq!(listed.ids(), [erasure.as_str()]);
    for table in ["incident_row", "incident_term", "incident_mark", "incident_of_case"] {
        let sql = format!("select count(*) from {table} where id::text = $1");
        let left: i64 = rig.db.admin().await.query_one(&sql, &[&id]).await.unwrap().get(0);
        assert_eq!(left, 0, "{table}");
    }
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restored_database_is_not_read_before_it_knows_what_was_erased() {
    let rig = Rig::start().await;
    let id = rig.incident(&ann(), json!({"description": "Zubeida was seen"})).await;
    // The keyring knows more than this database, which is that of a backup.
    let sql = "select key_id from incident_row where id::text = $1";
    let key: uuid::Uuid = rig.db.admin().await.query_one(sql, &[&id]).await.unwrap().get(0);
    let note = json!({
        "erasure_id": kit_test::fresh_id(), "record_type": "incident", "record_id": id,
        "reason": "legal_order", "known": {"user_names": ["ann"]},
        "requested": {"by": "ann", "at": "2026-01-30T00:00:00Z"},
        "approved": {"by": "bob", "at": "2026-01-30T00:00:00Z"},
    });
    rig.destroy_key(key, note).await;
    let again = rig.restart().await;
    assert_eq!(status(again.get(&ann(), &id).await), 410, "at once");
    assert_eq!(status(again.history(&ann(), &id).await), 410);
    assert_eq!(status(again.get(&bob(), &id).await), 404);
    assert_eq!(again.list(&ann(), "").await.unwrap().ids().len(), 0);
}
