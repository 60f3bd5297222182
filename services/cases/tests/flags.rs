//! Flags on cases and registry records: who may, what is shown, what lists of them hold.

use kit_access::{Principal, Scope};
use serde_json::{Value, json};

use crate::rig::{Rig, TENANT, manager, reader, root, status, worker_a, worker_b};

fn with(mut one: Principal, actions: &[&str]) -> Principal {
    let actions = actions.iter().map(|action| (*action).to_owned());
    one.permissions.entry("case".into()).or_default().extend(actions);
    one
}

#[tokio::test]
async fn a_flag_is_raised_corrected_and_dealt_with() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Flagged", "age": 9})).await;
    let sent = json!({"message": "Check papers", "date": "2025-01-31"});
    let raised = rig.flag_of("case", &ann, &id, sent).await.unwrap().data;
    let flag = &raised["id"];
    assert!(flag.is_i64());
    for (name, value) in [
        ("record_id", json!(id)),
        ("record_type", json!("cases")),
        ("message", json!("Check papers")),
        ("date", json!("2025-01-31")),
        ("flagged_by", json!("worker_a")),
        ("removed", json!(false)),
        ("name", json!("Flagged")),
        ("unflagged_date", Value::Null),
    ] {
        assert_eq!(raised[name], value, "{name}");
    }
    assert_eq!(raised["record"]["flagged"], true);
    let shown = rig.get(&ann, &id).await.unwrap().data;
    assert_eq!((&shown["flagged"], &shown["flag_count"]), (&json!(true), &json!(1)));
    let today = rig.flag_of("case", &ann, &id, json!({"message": "No date"})).await.unwrap();
    assert_eq!(today.data["date"], "2026-01-31");
    assert_ne!(today.data["id"], *flag);

    let edit = json!({"message": "Edited", "date": "2025-02-01"});
    let edited = rig.change_flag(&ann, &id, flag, edit).await.unwrap().data;
    assert_eq!((&edited["message"], &edited["date"]), (&json!("Edited"), &json!("2025-02-01")));
    let done = json!({"unflag_message": "papers are fine"});
    let done = rig.change_flag(&ann, &id, flag, done).await.unwrap().data;
    assert_eq!((&done["removed"], &done["unflagged_by"]), (&json!(true), &json!("worker_a")));
    assert_eq!(done["unflagged_date"], "2026-01-31");
    let all = rig.flags(&ann, &id).await.unwrap().data;
    assert_eq!(all.as_array().map(Vec::len), Some(2), "those dealt with too");
    let history = rig.history(&ann, &id, "").await.unwrap().data;
    let actions: Vec<_> =
        history.as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["unflag", "flag", "flag", "create"]);
    assert!(rig.store().verify(TENANT).await.unwrap().is_empty());
    rig.stop();
}

#[tokio::test]
async fn nonsense_and_strangers_are_refused() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let id = rig.case(&ann, json!({"name": "Flagged"})).await;
    let silent = rig.flag_of("case", &ann, &id, json!({"message": ""})).await.unwrap_err();
    assert_eq!(silent.code.http_status(), 422);
    assert_eq!(silent.errors[0].detail, Some("message".into()));
    assert_eq!(status(rig.flag_of("case", &ann, &id, json!({"date": "x"})).await), 422);
    for other in [reader(), worker_b()] {
        let sent = json!({"message": "X"});
        assert_eq!(status(rig.flag_of("case", &other, &id, sent).await), 403);
        assert_eq!(status(rig.flags(&other, &id).await), 403);
    }
    let unknown = kit_test::fresh_id().to_string();
    assert_eq!(status(rig.flags(&ann, &unknown).await), 404);
    let edit = json!({"message": "X"});
    assert_eq!(status(rig.change_flag(&ann, &id, &json!(99), edit.clone()).await), 404);
    let flag = rig.flag_of("case", &ann, &id, edit.clone()).await.unwrap().data["id"].clone();
    let second = rig.case(&ann, json!({"name": "Other"})).await;
    assert_eq!(status(rig.change_flag(&ann, &second, &flag, edit.clone()).await), 404);
    // To deal with any flag is enough to deal with it, not to change what it says.
    let resolver = with(reader(), &["resolve_any_flag"]);
    assert_eq!(status(rig.change_flag(&resolver, &id, &flag, edit).await), 403);
    let done = rig.change_flag(&resolver, &id, &flag, json!({"unflag_message": "ok"})).await;
    assert_eq!(done.unwrap().data["removed"], true);
    rig.stop();
}

#[tokio::test]
async fn lists_know_what_is_flagged_and_all_flags_are_those_within_reach() {
    let rig = Rig::start().await;
    let (ann, bob) = (worker_a(), worker_b());
    let flagged = rig.case(&ann, json!({"name": "Flagged"})).await;
    rig.case(&ann, json!({"name": "Quiet"})).await;
    let far = rig.case(&bob, json!({"name": "Far"})).await;
    for (by, id, date) in
        [(&ann, &flagged, "2026-01-01"), (&ann, &flagged, "2026-01-03"), (&bob, &far, "2026-01-02")]
    {
        let sent = json!({"message": "look", "date": date});
        rig.flag_of("case", by, id, sent).await.unwrap();
    }
    assert_eq!(rig.list(&ann, "flagged=true").await.unwrap().ids(), [flagged.as_str()]);
    assert_eq!(rig.list(&ann, "flagged=false").await.unwrap().total(), 1);
    let mine = rig.all_flags("case", &ann, "").await.unwrap();
    let dates: Vec<_> =
        mine.data.as_array().unwrap().iter().map(|one| one["date"].as_str().unwrap()).collect();
    assert_eq!(dates, ["2026-01-03", "2026-01-01"]);
    assert_eq!((&mine.metadata["total"], &mine.metadata["per"]), (&json!(2), &Value::Null));
    let last = rig.all_flags("case", &ann, "per=1&page=2").await.unwrap();
    assert_eq!(last.data[0]["date"], "2026-01-01");
    let mut boss = root();
    boss.permissions.insert("dashboard".into(), vec!["dash_flags".into()]);
    assert_eq!(boss.scope, Scope::All);
    let all = rig.all_flags("case", &boss, "").await.unwrap();
    assert_eq!(all.metadata["total"], 3, "whoever reaches all sees all");
    assert_eq!(rig.all_flags("case", &boss, "flagged_by_me=true").await.unwrap().data, json!([]));
    let first = mine.data[0]["id"].clone();
    rig.change_flag(&ann, &flagged, &first, json!({"unflag_message": "done"})).await.unwrap();
    let open = rig.all_flags("case", &ann, "active_only=true").await.unwrap();
    assert_eq!(open.metadata["total"], 1);
    assert_eq!(status(rig.all_flags("case", &reader(), "").await), 403);
    assert_eq!(rig.all_flags("registry_record", &ann, "").await.unwrap().data, json!([]));
    rig.stop();
}

#[tokio::test]
async fn many_are_flagged_at_once_and_numbers_are_never_shared() {
    let rig = Rig::start().await;
    let ann = worker_a();
    let boss = with(manager(), &["read", "flag_multiple"]);
    let mut ids = Vec::new();
    for name in ["One", "Two", "Three"] {
        ids.push(rig.case(&ann, json!({"name": name})).await);
    }
    let bare = json!({"message": "Bulk"});
    assert_eq!(status(rig.flag_of("case", &boss, "", bare).await), 422);
    let sent =
        json!({"message": "Bulk", "date": "2025-03-01", "filters": {"id": [ids[0], ids[1]]}});
    assert_eq!(status(rig.flag_of("case", &ann, "", sent.clone()).await), 403);
    let told = rig.flag_of("case", &boss, "", sent).await.unwrap();
    assert_eq!(told.data["message"], "Bulk");
    assert_eq!(rig.list(&ann, "flagged=true").await.unwrap().total(), 2);
    let person = rig.create_of("registry_record", &ann, json!({"module_id": crate::rig::MODULE}));
    let person = person.await.unwrap().data["id"].as_str().unwrap().to_owned();
    let sent = json!({"message": "Look"});
    let other = rig.flag_of("registry_record", &ann, &person, sent).await.unwrap();
    assert_eq!(other.data["record_type"], "registry_records");
    let mut numbers: Vec<i64> = vec![other.data["id"].as_i64().unwrap()];
    for id in &ids[..2] {
        numbers.push(rig.flags(&ann, id).await.unwrap().data[0]["id"].as_i64().unwrap());
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 3);
    rig.stop();
}
