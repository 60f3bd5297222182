//! Incidents as records: made, read, changed, listed.

use serde_json::json;

use crate::rig::{Rig, ann, bob, from_case_only, manager, nobody, status};

#[tokio::test]
async fn an_incident_is_made_read_and_changed() {
    let rig = Rig::start().await;
    let id = rig.incident(&ann(), json!({"incident_date": "2026-01-27", "description": "x"})).await;
    let shown = rig.get(&ann(), &id).await.unwrap().data;
    assert_eq!(
        (&shown["incident_date_derived"], &shown["elapsed_reporting_time"], &shown["owned_by"]),
        (&json!("2026-01-27"), &json!("4_5_days"), &json!("ann"))
    );
    let sent = json!({"description": "y", "elapsed_reporting_time": "over_1_month"});
    let changed = rig.patch(&ann(), &id, sent).await.unwrap().data;
    assert_eq!(
        (&changed["description"], changed.get("elapsed_reporting_time")),
        (&json!("y"), None)
    );
    let history = rig.history(&ann(), &id).await.unwrap();
    assert_eq!(history.data.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn who_may_not_finds_nothing() {
    let rig = Rig::start().await;
    let id = rig.incident(&ann(), json!({"description": "x"})).await;
    assert_eq!(status(rig.get(&bob(), &id).await), 403);
    assert_eq!(status(rig.get(&nobody(), &id).await), 403);
    assert_eq!(status(rig.patch(&manager(), &id, json!({"age": 1})).await), 403);
    assert_eq!(status(rig.create(&nobody(), json!({})).await), 403);
    assert_eq!(status(rig.get(&ann(), "7").await), 404);
    assert_eq!(rig.list(&bob(), "").await.unwrap().ids().len(), 0);
    assert_eq!(rig.list(&manager(), "").await.unwrap().ids(), [id]);
}

#[tokio::test]
async fn a_status_needs_no_right_of_its_own_and_what_is_disabled_leaves_the_list() {
    let rig = Rig::start().await;
    let id = rig.incident(&ann(), json!({"age": 4})).await;
    let closed = rig.patch(&ann(), &id, json!({"status": "closed"})).await.unwrap();
    assert_eq!(closed.data["status"], "closed");
    let opened = rig.patch(&ann(), &id, json!({"status": "open"})).await.unwrap();
    assert_eq!(opened.data["status"], "open");
    rig.disable(&ann(), &id).await.unwrap();
    assert_eq!(rig.list(&ann(), "record_state[0]=true").await.unwrap().ids().len(), 0);
}

#[tokio::test]
async fn the_right_to_make_incidents_of_cases_is_enough_to_make_one() {
    let rig = Rig::start().await;
    let case = rig.case("bob", &["ann"], json!({}));
    let made = rig.create(&from_case_only(), json!({"incident_case_id": case})).await;
    assert_eq!(made.unwrap().data["incident_case_id"], json!(case));
}
