//! Alerts on cases: who is told of what others changed, what is counted, who may take them away.

use kit_access::Principal;
use serde_json::{Value, json};

use crate::rig::{Rig, TENANT, manager, nobody, reader, root, status, worker_a, worker_b};

/// A tenant that watches the names that children go by.
async fn watching() -> Rig {
    let rig = Rig::start().await;
    let rules = json!({"nick": "basic", "age":
        {"form_section_unique_id": "ages", "alert_strategy": "associated_users"}});
    let mut catalog = rig.others.catalog.lock().unwrap();
    catalog.settings.insert("changes_field_to_form".into(), rules);
    drop(catalog);
    rig
}

fn may_remove(mut one: Principal) -> Principal {
    one.permissions.entry("case".into()).or_default().push("remove_alert".into());
    one
}

async fn told(rig: &Rig, id: &str) -> Value {
    rig.alerts(&worker_a(), id).await.unwrap().data
}

#[tokio::test]
async fn an_owner_is_told_of_what_others_changed_until_they_save() {
    let rig = watching().await;
    let (ann, boss) = (worker_a(), manager());
    let id = rig.case(&ann, json!({"name": "Watched", "nick": "Mo"})).await;
    let quiet = rig.case(&ann, json!({"name": "Quiet"})).await;
    rig.patch(&ann, &id, json!({"nick": "Momo"})).await.unwrap();
    assert_eq!(told(&rig, &id).await, json!([]), "her own doing");
    let changed = rig.patch(&boss, &id, json!({"nick": "Mimi"})).await.unwrap().data;
    assert_eq!(changed["alert_count"], 1);
    rig.patch(&boss, &id, json!({"nick": "Mimo"})).await.unwrap();
    let alerts = told(&rig, &id).await;
    let unique_id = alerts[0]["unique_id"].clone();
    let alert = json!({"alert_for": "field_change", "type": "basic", "date": "2026-01-31",
        "form_unique_id": "basic", "unique_id": unique_id});
    assert_eq!(alerts, json!([alert]), "the newest of a form");
    let shown = rig.get(&ann, &id).await.unwrap().data;
    let expected = (json!(1), json!(["basic"]));
    assert_eq!((shown["alert_count"].clone(), shown["current_alert_types"].clone()), expected);
    assert_eq!(shown["last_updated_by"], "manager");
    let listed = rig.list(&ann, "current_alert_types=basic,other").await.unwrap();
    assert_eq!(listed.ids(), [id.as_str()]);
    assert_eq!(rig.get(&ann, &quiet).await.unwrap().data["alert_count"], 0);
    for (who, count) in [(&ann, 1), (&boss, 1), (&root(), 1), (&worker_b(), 0), (&nobody(), 0)] {
        assert_eq!(rig.alerted("case", who).await, json!(count), "{}", who.user_name);
    }
    assert_eq!(rig.alerted("family", &root()).await, json!(0));
    let seen = rig.patch(&ann, &id, json!({"age": 9})).await.unwrap().data;
    assert_eq!(seen["current_alert_types"], json!(["ages"]), "this one is for everybody");
    assert_eq!(rig.alerted("case", &ann).await, json!(1));
    rig.patch(&ann, &id, json!({"status": "closed"})).await.unwrap();
    assert_eq!(rig.alerted("case", &ann).await, json!(0), "closed cases wait for nobody");
    let history = rig.history(&ann, &id, "").await.unwrap().data;
    assert!(!history.to_string().contains("alert"), "{history}");
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn an_alert_is_taken_away_by_who_may_and_once() {
    let rig = watching().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Seen", "nick": "Mo"})).await;
    let other = rig.case(&ann, json!({"name": "Other", "nick": "Mo"})).await;
    for id in [&id, &other] {
        rig.patch(&manager(), id, json!({"nick": "Mimi"})).await.unwrap();
    }
    let alert = told(&rig, &id).await[0]["unique_id"].clone();
    let before = rig.get(&ann, &id).await.unwrap();
    assert_eq!(status(rig.dismiss_alert(&ann, &id, &alert).await), 403);
    assert_eq!(status(rig.dismiss_alert(&may_remove(worker_b()), &id, &alert).await), 403);
    assert_eq!(status(rig.alerts(&worker_b(), &id).await), 403);
    assert_eq!(status(rig.alerts(&ann, &kit_test::fresh_id().to_string()).await), 404);
    let boss = may_remove(manager());
    for odd in [json!("no id"), json!(""), json!(kit_test::fresh_id())] {
        assert_eq!(status(rig.dismiss_alert(&boss, &id, &odd).await), 404);
    }
    assert_eq!(status(rig.dismiss_alert(&boss, &other, &alert).await), 404, "another case's");
    assert!(rig.dismiss_alert(&boss, &id, &alert).await.unwrap().no_content);
    assert_eq!(status(rig.dismiss_alert(&boss, &id, &alert).await), 404);
    let after = rig.get(&ann, &id).await.unwrap();
    assert_eq!(after.data["alert_count"], 0);
    assert_eq!(after.data["last_updated_at"], before.data["last_updated_at"], "no work was done");
    assert!(after.version > before.version, "devices hear of it");
    assert_eq!(rig.alerted("case", &reader()).await, json!(1), "the other case's");
    rig.stop();
}
