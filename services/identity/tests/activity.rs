//! When people last did something: shown, filtered by, chosen by.

use kit_proto::reporting::v1::UserActivity;
use kit_serve::Code;
use serde_json::{Value, json};

use crate::rig::{Person, Rig, code};

async fn team(rig: &Rig) -> Person {
    let chief = rig.chief().await;
    let role = chief.role("worker", "self", json!({"case": ["read"]})).await;
    for name in ["ann", "bob", "carla"] {
        chief.user(name, &role, &[]).await;
    }
    let micros = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    let told = |user_name: &str, access: &str, viewed: &str| UserActivity {
        user_name: user_name.into(),
        last_access: micros(access),
        last_case_viewed: micros(viewed),
        last_case_updated: 0,
    };
    *rig.told.0.lock().unwrap() = vec![
        told("ann", "2026-02-10T10:00:00Z", "2026-02-10T09:00:00Z"),
        told("bob", "2026-01-05T10:00:00Z", "2026-01-02T10:00:00Z"),
        told("chief", "2026-03-01T08:00:00Z", "2026-03-01T07:00:00Z"),
    ];
    chief
}

fn names(users: &[Value]) -> Vec<&str> {
    users.iter().map(|user| user["user_name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_times_are_shown_when_asked_for() {
    let rig = Rig::start().await;
    let chief = team(&rig).await;
    let (users, metadata) = chief.list_users("activity_stats=true").await.unwrap();
    assert_eq!(metadata["total"], 4);
    let ann = users.iter().find(|one| one["user_name"] == "ann").unwrap();
    assert_eq!(ann["last_access"], "2026-02-10T10:00:00.000Z");
    assert_eq!(ann["last_case_viewed"], "2026-02-10T09:00:00.000Z");
    assert_eq!(ann.get("last_case_updated"), None, "never");
    let carla = users.iter().find(|one| one["user_name"] == "carla").unwrap();
    assert_eq!(carla.get("last_access"), None);
    let (users, _) = chief.list_users("").await.unwrap();
    assert!(users.iter().all(|one| one.get("last_access").is_none()));
    let query = "activity_stats=true&extended=true&query=ann";
    let (users, _) = chief.list_users(query).await.unwrap();
    assert_eq!(users[0]["last_access"], "2026-02-10T10:00:00.000Z");
    assert!(users[0]["permissions"].is_object());
}

#[tokio::test]
async fn ranges_limit_the_list_and_its_total() {
    let rig = Rig::start().await;
    let chief = team(&rig).await;
    for (query, wanted) in [
        ("last_access[from]=2026-02-10&last_access[to]=2026-02-10", vec!["ann"]),
        ("last_access[to]=2026-02-28", vec!["ann", "bob"]),
        ("last_case_viewed[to]=2026-01-31", vec!["bob"]),
        ("last_case_updated[to]=2026-12-31", vec![]),
        ("last_access[from]=2026-02-10T10:00:00.001Z", vec!["chief"]),
    ] {
        let query = format!("activity_stats=true&order_by=user_name&{query}");
        let (users, metadata) = chief.list_users(&query).await.unwrap();
        assert_eq!(names(&users), wanted, "{query}");
        assert_eq!(metadata["total"], wanted.len(), "{query}");
    }
    let query = "activity_stats=true&last_access[to]=2026-02-28&per=1&page=2&order_by=last_access&order=desc";
    let (users, metadata) = chief.list_users(query).await.unwrap();
    assert_eq!((names(&users), &metadata["total"]), (vec!["bob"], &json!(2)));
    let wrong = chief.list_users("activity_stats=true&last_access[from]=soon").await;
    assert_eq!(code(wrong), Code::InvalidArgument);
}

#[tokio::test]
async fn idle_people_are_chosen_by_when_they_came_last() {
    let rig = Rig::start().await;
    let chief = team(&rig).await;
    let idle = json!({"last_access": {"from": "2026-01-01", "to": "2026-01-31"}});
    chief.update_users("", idle).await.unwrap();
    let (users, _) = chief.list_users("disabled[]=true").await.unwrap();
    assert_eq!(names(&users), ["bob"]);
    for wrong in [
        json!({"last_access": {"to": "soon"}}),
        json!({"last_access": {"to": 5}}),
        json!({"last_access": {}, "query": "a"}),
        json!({"last_access": "2026-01-01", "query": "a"}),
    ] {
        assert_eq!(code(chief.update_users("", wrong.clone()).await), Code::InvalidArgument);
        let mut message = wrong;
        message["subject"] = "s".into();
        message["message"] = "m".into();
        assert_eq!(code(chief.message_users("", message).await), Code::InvalidArgument);
    }
    let (users, _) = chief.list_users("disabled[]=true").await.unwrap();
    assert_eq!(names(&users), ["bob"], "a refused choice chooses nobody");
    let mail = json!({"subject": "s", "message": "m", "last_access": {"to": "2026-12-31"}});
    assert!(chief.message_users("", mail).await.is_ok());
}
