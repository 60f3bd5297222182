//! Two people change one case: fields merge, clashes wait for a decision.

use kit_proto::common::v1::WriteRequest;
use serde_json::json;

use crate::rig::{Rig, manager, reader, status, worker_a};

#[tokio::test]
async fn different_fields_never_conflict() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Both", "age": 9})).await;
    rig.patch_as(&ann, &id, json!({"age": 10}), "", 1).await.unwrap();
    let second = rig.patch_as(&manager(), &id, json!({"sex": "male"}), "", 1).await.unwrap();
    assert!(second.data.get("conflicts").is_none());
    let shown = rig.get(&ann, &id).await.unwrap().data;
    assert_eq!((&shown["age"], &shown["sex"]), (&json!(10), &json!("male")));
    assert_eq!(rig.conflicts(&ann, &id).await.unwrap().data, json!([]));
}

#[tokio::test]
async fn the_same_field_changed_twice_waits_until_somebody_settles_it() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Both", "age": 9})).await;
    rig.patch_as(&ann, &id, json!({"age": 10}), "", 1).await.unwrap();
    let second = rig.patch_as(&manager(), &id, json!({"age": 11}), "", 1).await.unwrap();
    let conflict = &second.data["conflicts"][0];
    assert_eq!((&conflict["field"], &conflict["kept"]["value"]), (&json!("age"), &json!(10)));
    assert_eq!(conflict["proposed"]["user_name"], "manager");
    assert_eq!(rig.get(&ann, &id).await.unwrap().data["age"], 10);
    let open = rig.conflicts(&ann, &id).await.unwrap().data;
    assert_eq!(open.as_array().unwrap().len(), 1);
    let settle = json!({"conflict_id": open[0]["id"], "value": 11});
    assert_eq!(status(rig.settle(&reader(), &id, settle.clone()).await), 403);
    let wrong = json!({"conflict_id": open[0]["id"], "value": "eleven"});
    assert_eq!(status(rig.settle(&ann, &id, wrong).await), 422);
    assert_eq!(status(rig.settle(&ann, &id, json!({"conflict_id": "x", "value": 1})).await), 422);
    let unknown = json!({"conflict_id": kit_test::fresh_id(), "value": 1});
    assert_eq!(status(rig.settle(&ann, &id, unknown).await), 404);
    let settled = rig.settle(&ann, &id, settle).await.unwrap();
    assert_eq!(settled.data["age"], 11);
    assert_eq!(rig.conflicts(&ann, &id).await.unwrap().data, json!([]));
    let history = rig.history(&ann, &id, "").await.unwrap().data;
    assert_eq!(history[1]["clashes"][0]["proposed"], 11);
}

#[tokio::test]
async fn a_version_from_the_future_is_refused() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"age": 9})).await;
    assert_eq!(status(rig.patch_as(&ann, &id, json!({"age": 10}), "", 99).await), 422);
}

#[tokio::test]
async fn twenty_writers_lose_nothing() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Busy"})).await;
    let patches = (0..20).map(|number| {
        let body = json!({"conf_contacts": [{"contact_name": format!("Contact {number}")}]});
        rig.patch(&ann, &id, body)
    });
    for answer in futures_util::future::join_all(patches).await {
        answer.unwrap();
    }
    let shown = rig.get(&ann, &id).await.unwrap();
    assert_eq!(shown.data["conf_contacts"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn what_repeats_the_seen_is_no_change() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Whole Form", "age": 9})).await;
    let whole = |seen: &str| WriteRequest {
        id: id.clone(),
        data: json!({"age": 8, "sex": "male"}).to_string().into_bytes().into(),
        base_version: 1,
        seen: seen.as_bytes().to_vec().into(),
        ..Default::default()
    };
    rig.patch(&manager(), &id, json!({"age": 10})).await.unwrap();
    assert_eq!(status(rig.write(&ann, whole("[8]"), false).await), 422);
    let merged = rig.write(&ann, whole(r#"{"age": 8, "sex": null}"#), false).await.unwrap();
    assert!(merged.data.get("conflicts").is_none(), "{:?}", merged.data);
    let shown = rig.get(&ann, &id).await.unwrap().data;
    assert_eq!((&shown["age"], &shown["sex"]), (&json!(10), &json!("male")));
    // Without it the age of then counts, which was another: two people have told two ages.
    let met = rig.write(&ann, whole(""), false).await.unwrap();
    assert_eq!(met.data["conflicts"][0]["proposed"]["value"], 8);
}
