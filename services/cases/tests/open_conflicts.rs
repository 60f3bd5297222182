//! The open conflicts of all cases: whose, in which order, and what of them.

use kit_access::Principal;
use serde_json::{Value, json};

use crate::rig::{Rig, TENANT, limited, manager, nobody, root, status, worker_a, worker_b};

/// A case of `by` whose age was changed on both sides.
async fn clash(rig: &Rig, by: &Principal, name: &str) -> String {
    let id = rig.case(by, json!({"name": name, "age": 9})).await;
    rig.patch_as(by, &id, json!({"age": 10}), "", 1).await.unwrap();
    rig.patch_as(&root(), &id, json!({"age": 11}), "", 1).await.unwrap();
    id
}

fn records(shown: &Value) -> Vec<&str> {
    shown.as_array().unwrap().iter().map(|one| one["record_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn ones_own_come_first_then_the_newest_and_settled_ones_go() {
    let rig = Rig::start().await;
    let (ann, ben) = (worker_a(), worker_b());
    let first = clash(&rig, &ann, "First").await;
    let second = clash(&rig, &ben, "Second").await;
    let third = clash(&rig, &ann, "Third").await;
    let shown = rig.all_conflicts(&ann, "").await.unwrap();
    assert_eq!(records(&shown.data), [third.as_str(), &first], "of one's own records");
    assert_eq!(shown.total(), 2);
    let one = &shown.data[0];
    assert_eq!(
        (&one["record_type"], &one["title"], &one["mine"], &one["field"]),
        (&json!("case"), &json!("Third"), &json!(true), &json!("age"))
    );
    assert_eq!((&one["kept"]["value"], &one["proposed"]["value"]), (&json!(10), &json!(11)));
    assert_eq!(shown.data[0]["id"], rig.conflicts(&ann, &third).await.unwrap().data[0]["id"]);
    let all = rig.all_conflicts(&root(), "").await.unwrap();
    assert_eq!(records(&all.data), [third.as_str(), &second, &first]);
    let page = rig.all_conflicts(&root(), "per=2&page=2").await.unwrap();
    assert_eq!((records(&page.data), page.total()), (vec![first.as_str()], 3));
    let mine = Principal { user_name: "worker_b".into(), ..root() };
    assert_eq!(records(&rig.all_conflicts(&mine, "").await.unwrap().data)[0], second);

    let settle = json!({"conflict_id": one["id"], "value": 11});
    rig.settle(&ann, &third, settle).await.unwrap();
    assert_eq!(records(&rig.all_conflicts(&ann, "").await.unwrap().data), [first.as_str()]);
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn nobody_sees_a_conflict_in_a_field_or_a_case_that_they_may_not_read() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Both"})).await;
    rig.patch_as(&ann, &id, json!({"name": "One"}), "", 1).await.unwrap();
    rig.patch_as(&root(), &id, json!({"name": "Two"}), "", 1).await.unwrap();
    assert_eq!(rig.all_conflicts(&manager(), "").await.unwrap().total(), 1);
    let without_forms = rig.all_conflicts(&limited(), "").await.unwrap();
    assert_eq!(
        (without_forms.data, without_forms.metadata["total"].clone()),
        (json!([]), json!(0))
    );
    assert_eq!(rig.all_conflicts(&worker_b(), "").await.unwrap().data, json!([]));
    assert_eq!(status(rig.all_conflicts(&nobody(), "").await), 403);
    let other = Principal { tenant: uuid::Uuid::from_u128(99), ..root() };
    assert_eq!(rig.all_conflicts(&other, "").await.unwrap().data, json!([]));
    let table = "select count(*) from case_conflict where sealed::text like '%One%'";
    let clear: i64 = rig.db.admin().await.query_one(table, &[]).await.unwrap().get(0);
    assert_eq!(clear, 0);
    rig.stop();
}
